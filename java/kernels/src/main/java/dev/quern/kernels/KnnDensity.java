package dev.quern.kernels;

import dev.quern.kernels.abi.quern;
import dev.quern.kernels.abi.quern_knn_params;
import dev.quern.kernels.abi.quern_knn_result;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.javacpp.Pointer;

/**
 * Mean Euclidean distance of each row to its k nearest neighbours: large where the data are sparse. Exact: distances are recomputed by
 * direct differences, ties go to the lower index. A row with a NaN or infinity gets density NaN and is nobody's neighbour.
 *
 * @param k neighbours, 1 … 1024 and at most the rows to choose from (a row is not its own neighbour)
 * @param shortClass what happens to a class with too few members when neighbours are sought within classes
 */
public record KnnDensity(int k, ShortClass shortClass) {

    public enum ShortClass {
        /** An error that names the class. */
        REFUSE,
        /** Such rows use all the neighbours there are; a row with none gets density 0. */
        CLAMP
    }

    /**
     * Where results go; a part that is null is not computed.
     *
     * @param density FLOAT32 [N]
     * @param distances FLOAT32 [N,k] ascending, NaN where there is no neighbour
     * @param indices INT64 [N,k], −1 where there is no neighbour
     */
    public record Result(NativeBuffer density, NativeBuffer distances, NativeBuffer indices) {}

    public KnnDensity(int k) {
        this(k, ShortClass.REFUSE);
    }

    /** Density of {@code points} [N,D] among themselves, each row excluding itself. */
    public float[] density(Engine engine, float[] points, int d) {
        return density(engine, points, d, null);
    }

    /** Density of {@code points} [N,D] within the class each row's label names; {@code labels} [N] ≥ 0, or null for all rows. */
    public float[] density(Engine engine, float[] points, int d, int[] labels) {
        int n = Rows.count("points", points.length, d);
        try (NativeBuffer nativePoints = NativeBuffer.copyOf(points, n, d);
                NativeBuffer nativeLabels = labels == null ? null : NativeBuffer.copyOf(labels, labels.length);
                NativeBuffer density = NativeBuffer.allocate(DType.FLOAT32, n)) {
            search(engine, nativePoints, nativeLabels, new Result(density, null, null));
            return density.toFloats();
        }
    }

    /**
     * Neighbours of {@code points} FLOAT32 [N,D] among themselves; {@code labels} INT32 [N] restricts them to classes, or is null.
     *
     * @return rows that needed the fallback: their candidates outgrew the filter's list, so that more true distances settled them. A measure of
     *     speed, never of exactness
     */
    public long search(Engine engine, NativeBuffer points, NativeBuffer labels, Result result) {
        return search(engine, points, labels, null, null, result);
    }

    /**
     * Neighbours of {@code queries} [N,D] among {@code reference} [M,D].
     *
     * @param labels INT32 [N], or null
     * @param reference FLOAT32 [M,D]; null: the queries themselves, each excluding itself
     * @param referenceLabels INT32 [M]; given exactly where labels and reference are
     * @return rows that needed the fallback
     */
    public long search(
            Engine engine,
            NativeBuffer queries,
            NativeBuffer labels,
            NativeBuffer reference,
            NativeBuffer referenceLabels,
            Result result) {
        Rows.requireMatrix("queries", queries, DType.FLOAT32);
        long n = queries.dimension(0);
        try (quern_knn_params params = new quern_knn_params();
                quern_knn_result native_ = new quern_knn_result();
                LongPointer fallbackRows = new LongPointer(1)) {
            Pointer.memset(params, 0, params.sizeof());
            Pointer.memset(native_, 0, native_.sizeof());
            params.queries(new FloatPointer(queries.pointer()));
            params.n(n).d(queries.dimension(1)).k(k).short_class(shortClass.ordinal());
            if (reference != null) {
                Rows.requireMatrix("reference", reference, DType.FLOAT32);
                Rows.requireShape("reference", reference, DType.FLOAT32, reference.dimension(0), queries.dimension(1));
                params.reference(new FloatPointer(reference.pointer())).n_reference(reference.dimension(0));
            }
            if (labels != null) {
                Rows.requireVector("labels", labels, DType.INT32, n);
                params.labels(new IntPointer(labels.pointer()));
            }
            if (referenceLabels != null) {
                if (reference == null) {
                    throw new InvalidArgumentException("referenceLabels are given without a reference");
                }
                Rows.requireVector("referenceLabels", referenceLabels, DType.INT32, reference.dimension(0));
                params.reference_labels(new IntPointer(referenceLabels.pointer()));
            }
            bind(result, n, native_);
            native_.fallback_rows(fallbackRows);
            engine.run(context -> quern.quern_knn_density(context, params, native_));
            return fallbackRows.get();
        }
    }

    private void bind(Result result, long n, quern_knn_result native_) {
        if (result.density() != null) {
            Rows.requireVector("density", result.density(), DType.FLOAT32, n);
            native_.density(new FloatPointer(result.density().pointer()));
        }
        if (result.distances() != null) {
            Rows.requireShape("distances", result.distances(), DType.FLOAT32, n, k);
            native_.distances(new FloatPointer(result.distances().pointer()));
        }
        if (result.indices() != null) {
            Rows.requireShape("indices", result.indices(), DType.INT64, n, k);
            native_.indices(new LongPointer(result.indices().pointer()));
        }
    }
}
