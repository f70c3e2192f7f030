package dev.quern.data.format;

/** Shapes of about unit radius around the origin, as signed distances: negative inside, in units of the radius. */
enum Shape {
    DISC {
        @Override
        double distance(double x, double y) {
            return length(x, y) - 0.9;
        }
    },
    SQUARE {
        @Override
        double distance(double x, double y) {
            return box(x, y, 0.8, 0.8);
        }
    },
    TRIANGLE {
        @Override
        double distance(double x, double y) {
            return Math.max(Math.abs(x) * HALF_SQRT_3 - y * 0.5, y) - 0.5;
        }
    },
    RING {
        @Override
        double distance(double x, double y) {
            return Math.abs(length(x, y) - 0.7) - 0.22;
        }
    },
    CROSS {
        @Override
        double distance(double x, double y) {
            return Math.min(box(x, y, 0.95, 0.28), box(x, y, 0.28, 0.95));
        }
    },
    STAR {
        /** Mirrors the plane into the tenth beside one tip, then measures to the edge from the tip to the notch. */
        @Override
        double distance(double x, double y) {
            double px = Math.abs(x);
            double py = -y;
            double over = Math.max(px * COS_36 - py * SIN_36, 0);
            px -= 2 * over * COS_36;
            py += 2 * over * SIN_36;
            over = Math.max(px * -COS_36 - py * SIN_36, 0);
            px = Math.abs(px + 2 * over * COS_36);
            py += 2 * over * SIN_36;
            double notchX = NOTCH * SIN_36;
            double notchY = NOTCH * COS_36;
            double edgeX = notchX;
            double edgeY = notchY - 1;
            return ((py - 1) * edgeX - px * edgeY) / length(edgeX, edgeY);
        }
    },
    ELLIPSE {
        @Override
        double distance(double x, double y) {
            return (length(x, y / 0.5) - 1) * 0.6;
        }
    },
    STRIPES {
        @Override
        double distance(double x, double y) {
            double period = 0.68;
            double fromCentre = x - period * Math.rint(x / period);
            return Math.max(box(x, y, 0.85, 0.85), Math.abs(fromCentre) - 0.17);
        }
    },
    CHECKER {
        @Override
        double distance(double x, double y) {
            double cell = 0.57;
            double dx = edge(x / cell) * cell;
            double dy = edge(y / cell) * cell;
            double sameColour = (Math.floor(x / cell + 0.5) + Math.floor(y / cell + 0.5)) % 2 == 0 ? -1 : 1;
            return Math.max(box(x, y, 0.855, 0.855), sameColour * Math.min(dx, dy));
        }

        private double edge(double cells) {
            return 0.5 - Math.abs(cells - Math.rint(cells));
        }
    },
    CRESCENT {
        @Override
        double distance(double x, double y) {
            return Math.max(length(x, y) - 0.95, 0.8 - length(x - 0.45, y));
        }
    };

    private static final double HALF_SQRT_3 = 0.8660254037844386;
    private static final double COS_36 = 0.8090169943749475;
    private static final double SIN_36 = 0.5877852522924731;
    /** Radius of the star's notches; its tips have 1. */
    private static final double NOTCH = 0.42;

    abstract double distance(double x, double y);

    static double length(double x, double y) {
        return Math.sqrt(x * x + y * y);
    }

    static double box(double x, double y, double halfWidth, double halfHeight) {
        return Math.max(Math.abs(x) - halfWidth, Math.abs(y) - halfHeight);
    }
}
