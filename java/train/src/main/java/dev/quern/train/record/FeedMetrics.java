package dev.quern.train.record;

import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * What augmentation and selection made of the training set.
 *
 * @param similarity to the training set, ≤ 0: less the distance of the two
 * @param diversity beyond the training set, ≥ 0
 * @param stable whether the diversity is beyond doubt
 */
public record FeedMetrics(double similarity, double diversity, boolean stable) {
    ObjectNode toJson() {
        ObjectNode node = Json.mapper().createObjectNode();
        return node.put("similarity", similarity).put("diversity", diversity).put("diversity_stable", stable);
    }
}
