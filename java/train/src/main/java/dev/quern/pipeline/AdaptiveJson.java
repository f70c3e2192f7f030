package dev.quern.pipeline;

import static dev.quern.pipeline.ConfigJson.name;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** How augmentation adapts, as it stands in {@code config.json}. */
final class AdaptiveJson {
    private AdaptiveJson() {}

    /** Adds what is adapted; nothing where nothing is. */
    static void add(ObjectNode config, AdaptiveConfig adaptive) {
        if (adaptive instanceof AdaptiveConfig.AdaAugment ada) {
            ObjectNode node = config.putObject("adaaugment");
            ArrayNode quirks = node.putArray("quirks");
            ada.quirks().stream().sorted().forEach(quirk -> quirks.add(name(quirk)));
            node.put("agent", name(ada.agent())).put("reward", name(ada.reward()));
            node.put("translate", ada.translate()).put("cutout", ada.cutout());
        }
        if (adaptive instanceof AdaptiveConfig.MadAugment mad) {
            ObjectNode node = config.putObject(mad.label());
            node.put("profile", name(mad.profile())).put("ops", mad.ops());
            node.put("temperature", mad.temperature()).put("every", mad.every());
            node.put("noise", mad.noise()).put("ramp", mad.ramp());
            node.put("held_out", mad.heldOut()).put("cutout", mad.cutout());
        }
        if (adaptive instanceof AdaptiveConfig.EntAugment ent) {
            ObjectNode node = config.putObject("entaugment");
            node.put("profile", name(ent.profile())).put("trivial_epochs", ent.trivialEpochs());
            node.put("translate", ent.translate()).put("cutout", ent.cutout());
        }
        if (adaptive instanceof TeachAugmentConfig teach) {
            ObjectNode node = config.putObject(teach.label());
            node.put("geometry", teach.augmenter().geometry());
            node.put("color", teach.augmenter().color());
            node.put("dropout", teach.augmenter().dropout());
            node.put("temperature", teach.augmenter().temperature());
            node.put("every", teach.every()).put("teacher_decay", teach.teacherDecay());
            node.put("smoothing", teach.smoothing()).put("regularization", teach.regularization());
            node.put("replay_every", teach.replayEvery()).put("replay_most", teach.replayMost());
            node.put("replay_decay", teach.replayDecay()).put("cutout", teach.cutout());
        }
    }
}
