package dev.quern.train;

import org.bytedeco.pytorch.Tensor;

/**
 * What a network makes of B images.
 *
 * @param features float32 [B,{@link dev.quern.nn.Network#featureSize()}]
 * @param logits float32 [B,C]
 */
public record Outputs(Tensor features, Tensor logits) {
    Outputs detached() {
        return new Outputs(features.detach(), logits.detach());
    }
}
