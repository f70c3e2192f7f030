package dev.quern.data.image;

/** @param pixels uint8 [height,width,3] */
public record RgbImage(byte[] pixels, int height, int width) {

    /** The part of {@code rows}×{@code columns} pixels that begins at (top, left). */
    public RgbImage window(int top, int left, int rows, int columns) {
        if (rows == height && columns == width) {
            return this;
        }
        byte[] part = new byte[rows * columns * 3];
        for (int y = 0; y < rows; y++) {
            System.arraycopy(pixels, ((top + y) * width + left) * 3, part, y * columns * 3, columns * 3);
        }
        return new RgbImage(part, rows, columns);
    }
}
