package dev.quern.kernels;

import dev.quern.kernels.abi.quern_point_clouds;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.javacpp.Pointer;

/**
 * Two labelled point clouds and the ground cost between them, scale·‖x_i − y_j‖² + table[label(x_i), label(y_j)]
 * (Alvarez-Melis and Fusi 2020).
 *
 * @param x FLOAT32 [N,D]
 * @param y FLOAT32 [M,D]
 * @param scale &gt; 0
 * @param table FLOAT32 [labels,labels] label distances, already weighted; null: none
 * @param xLabels INT32 [N] in [0, labels); given exactly where the table is
 * @param yLabels INT32 [M]
 */
public record PointClouds(
        NativeBuffer x, NativeBuffer y, double scale, NativeBuffer table, NativeBuffer xLabels, NativeBuffer yLabels) {

    public PointClouds {
        Rows.requireMatrix("x", x, DType.FLOAT32);
        Rows.requireMatrix("y", y, DType.FLOAT32);
        if (x.dimension(1) != y.dimension(1)) {
            throw new InvalidArgumentException("y has rows of " + y.dimension(1) + ", x of " + x.dimension(1));
        }
        if (!(scale > 0)) {
            throw new InvalidArgumentException("scale is " + scale + ", allowed: > 0");
        }
        if ((table == null) != (xLabels == null) || (table == null) != (yLabels == null)) {
            throw new InvalidArgumentException("table, xLabels and yLabels are given together or not at all");
        }
        if (table != null) {
            Rows.requireMatrix("table", table, DType.FLOAT32);
            Rows.requireShape("table", table, DType.FLOAT32, table.dimension(0), table.dimension(0));
            Rows.requireVector("xLabels", xLabels, DType.INT32, x.dimension(0));
            Rows.requireVector("yLabels", yLabels, DType.INT32, y.dimension(0));
        }
    }

    /** Without labels. */
    public PointClouds(NativeBuffer x, NativeBuffer y, double scale) {
        this(x, y, scale, null, null, null);
    }

    quern_point_clouds toNative() {
        quern_point_clouds clouds = new quern_point_clouds();
        Pointer.memset(clouds, 0, clouds.sizeof());
        clouds.x(new FloatPointer(x.pointer())).y(new FloatPointer(y.pointer()));
        clouds.d(x.dimension(1)).scale(scale);
        if (table != null) {
            clouds.table(new FloatPointer(table.pointer())).labels(table.dimension(0));
            clouds.x_labels(new IntPointer(xLabels.pointer()));
            clouds.y_labels(new IntPointer(yLabels.pointer()));
        }
        return clouds;
    }
}
