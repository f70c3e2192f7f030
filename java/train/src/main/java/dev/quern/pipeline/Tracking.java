package dev.quern.pipeline;

/**
 * How a run follows the similarity and diversity of what its network is fed (Yang et al. 2024).
 *
 * @param every epochs between measurements; 0: none
 * @param images most images of the training set, and of the epoch's samples, that are compared, ≥ 2
 */
public record Tracking(int every, EncoderConfig encoder, int images) {
    public static final Tracking NONE = new Tracking(0, EncoderConfig.DEFAULT, 5000);

    public Tracking {
        Fields.atLeast("tracking every", every, 0);
        Fields.atLeast("tracking images", images, 2);
    }

    public Tracking withEvery(int every) {
        return new Tracking(every, encoder, images);
    }

    public Tracking withEncoder(EncoderConfig encoder) {
        return new Tracking(every, encoder, images);
    }
}
