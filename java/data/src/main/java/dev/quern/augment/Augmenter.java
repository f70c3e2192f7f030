package dev.quern.augment;

import dev.quern.augment.Plan.Placed;
import dev.quern.kernels.AugmentBatch;
import dev.quern.kernels.DType;
import dev.quern.kernels.Engine;
import dev.quern.kernels.EraseBoxes;
import dev.quern.kernels.FusedAugment;
import dev.quern.kernels.FusedAugment.Layout;
import dev.quern.kernels.MixImages;
import dev.quern.kernels.NativeBuffer;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Carries out policies on batches: draws what happens to each sample and runs the native passes. A policy that is ops, crop, flip and cutout is
 * one pass. Memory is allocated when a policy first needs it and kept. For one thread.
 *
 * <p>On an engine of a CUDA device images and output may lie there. A policy that is one pass then stays on the device; others bring the batch
 * to the host, where some of their steps are carried out, and its result back.
 */
public final class Augmenter implements AutoCloseable {
    private final Engine engine;
    private final FusedAugment kernel;
    private final int capacity;
    private final int height;
    private final int width;
    private final FusedAugment bytesToBytes;
    private final AugmentBatch[] rows = new AugmentBatch[AugmentBatch.MAX_CHAIN + 1];
    private final EraseBoxes boxes = new EraseBoxes();
    private final NativeBuffer[] slabs = new NativeBuffer[2];
    private NativeBuffer stack;
    private NativeBuffer unmixed;

    /**
     * Whose samples are augmented, and when.
     *
     * @param samples [B] as {@link AugmentPolicy#draw} takes them
     */
    public record Visit(long seed, int epoch, long[] samples) {
        /** A first visit of samples by their indices. */
        public Visit(long seed, int epoch, int[] samples) {
            this(seed, epoch, IntStream.of(samples).asLongStream().toArray());
        }

        /** Random numbers of a sample for the step at a place of its policy. */
        public Draws draws(int row, int place) {
            return Draws.of(seed, epoch, samples[row], place);
        }
    }

    /**
     * @param kernel brings images into the network's format
     * @param capacity most images of a batch, ≥ 1
     * @param height rows of an image
     * @param width its columns
     */
    public Augmenter(Engine engine, FusedAugment kernel, int capacity, int height, int width) {
        this.engine = engine;
        this.kernel = kernel;
        this.capacity = capacity;
        this.height = height;
        this.width = width;
        bytesToBytes = FusedAugment.UINT8.withResample(kernel.resample()).withPadding(kernel.padding());
    }

    /**
     * Augments a batch.
     *
     * @param images UINT8 [B,height,width,3], left as they are
     * @param output [B,…] in the kernel's format
     * @return how the labels are mixed, if they are
     */
    public Optional<Mixing> apply(AugmentPolicy policy, Visit visit, NativeBuffer images, NativeBuffer output) {
        return apply(policy, visit, images, each(visit), output);
    }

    /**
     * Augments a batch of images among others.
     *
     * @param images UINT8 [N,height,width,3], left as they are
     * @param shown [B] the image that each sample is
     * @param output [B,…] in the kernel's format
     * @return how the labels are mixed, if they are
     */
    public Optional<Mixing> apply(
            AugmentPolicy policy, Visit visit, NativeBuffer images, int[] shown, NativeBuffer output) {
        int size = visit.samples().length;
        if (size == 0) {
            return Optional.empty();
        }
        if (policy instanceof StepPolicy steps) {
            if (steps.plan().bytes().size() == 1) {
                return apply(steps, visit, images, shown, output);
            }
            NativeBuffer own = images.device().isCuda() ? brought(images, shown) : images;
            return apply(steps, visit, own, each(visit), output);
        }
        AugmentBatch batch = rows(policy.chain());
        for (int row = 0; row < size; row++) {
            policy.draw(visit.seed(), visit.epoch(), visit.samples()[row], row, batch);
            batch.image(row, shown[row]);
        }
        kernel.apply(engine, images, batch, output);
        return Optional.empty();
    }

    /** Row i shows image i. */
    private static int[] each(Visit visit) {
        return IntStream.range(0, visit.samples().length).toArray();
    }

    /** The images shown, on the host. */
    private NativeBuffer brought(NativeBuffer images, int[] shown) {
        NativeBuffer own = other(images, shown.length, height, width, 3);
        AugmentBatch batch = rows(0).reset();
        for (int row = 0; row < shown.length; row++) {
            batch.image(row, shown[row]);
        }
        bytesToBytes.apply(engine, images, batch, own);
        return own;
    }

    private Optional<Mixing> apply(
            StepPolicy policy, Visit visit, NativeBuffer images, int[] shown, NativeBuffer output) {
        Plan plan = policy.plan();
        if (kernel.dtype() == DType.UINT8
                && (plan.cutout() != null || !plan.values().isEmpty())) {
            throw new IllegalArgumentException("policy " + policy.name()
                    + " changes normalised values, output is UINT8, allowed: FLOAT32, BFLOAT16 or FLOAT16");
        }
        boolean onHost = output.device().isCuda() && !plan.values().isEmpty();
        NativeBuffer target = plan.mix() == null && !onHost ? output : first(unmixedLike(output), output.shape());
        NativeBuffer current = images;
        List<Plan.Pass> passes = plan.bytes();
        for (Plan.Pass pass : passes.subList(0, passes.size() - 1)) {
            current = pass(policy, pass, visit, images, current);
        }
        lastPass(policy, visit, current, shown, target);
        changeValues(plan.values(), visit, target);
        if (plan.mix() != null) {
            return Optional.of(mix(plan.mix(), visit, target, output));
        }
        if (target != output) {
            engine.copy(target, output);
        }
        return Optional.empty();
    }

    private NativeBuffer pass(
            StepPolicy policy, Plan.Pass pass, Visit visit, NativeBuffer images, NativeBuffer current) {
        NativeBuffer other = other(current, images.shape());
        if (pass instanceof Plan.Fused fused) {
            bytesToBytes.apply(engine, current, draw(policy, fused, visit, each(visit)), other);
            return other;
        }
        if (pass instanceof Plan.Blended blended) {
            blend(blended.step(), visit, current, other);
            return other;
        }
        if (current == images) {
            other.bytes().put(images.bytes());
            current = other;
        }
        edit(((Plan.Edited) pass).step(), visit, current.bytes());
        return current;
    }

    private void lastPass(StepPolicy policy, Visit visit, NativeBuffer current, int[] shown, NativeBuffer target) {
        Plan plan = policy.plan();
        AugmentBatch batch = draw(policy, plan.last(), visit, shown);
        if (plan.cutout() == null) {
            kernel.apply(engine, current, batch, target);
            return;
        }
        Cutout cutout = plan.cutout().step();
        for (int row = 0; row < visit.samples().length; row++) {
            Draws draws = visit.draws(row, plan.cutout().place());
            if (cutout.applies(draws)) {
                batch.cutout(row, cutout.centreY(draws, outHeight()), cutout.centreX(draws, outWidth()));
            }
        }
        kernel.withCutout(cutout.size()).apply(engine, current, batch, target);
    }

    private AugmentBatch draw(StepPolicy policy, Plan.Fused pass, Visit visit, int[] shown) {
        AugmentBatch batch = rows(pass.chain());
        for (int row = 0; row < visit.samples().length; row++) {
            policy.draw(pass, visit, row, row, batch);
            batch.image(row, shown[row]);
        }
        return batch;
    }

    private void blend(Placed<BranchStep> placed, Visit visit, NativeBuffer current, NativeBuffer target) {
        BranchStep step = placed.step();
        int size = visit.samples().length;
        int sources = step.width() + 1;
        stack = grown(stack, DType.UINT8, (long) capacity * sources * height * width * 3);
        long imageBytes = (long) size * height * width * 3;
        NativeBuffer all = first(stack, (long) sources * size, height, width, 3);
        all.bytes().put(current.bytes());
        AugmentBatch batch = rows(step.depth());
        FusedAugment bilinear = bytesToBytes.withResample(FusedAugment.Resample.BILINEAR);
        for (int branch = 0; branch < step.width(); branch++) {
            batch.reset();
            for (int row = 0; row < size; row++) {
                step.draw(visit.draws(row, placed.place()), branch, height, width, new FusedRow(batch, row, 0));
            }
            NativeBuffer chain =
                    NativeBuffer.at(stack.address() + (branch + 1) * imageBytes, DType.UINT8, size, height, width, 3);
            bilinear.apply(engine, current, batch, chain);
        }
        int[] from = new int[size * sources];
        float[] weights = new float[size * sources];
        for (int row = 0; row < size; row++) {
            System.arraycopy(step.weights(visit.draws(row, placed.place())), 0, weights, row * sources, sources);
            for (int k = 0; k < sources; k++) {
                from[row * sources + k] = k * size + row;
            }
        }
        new MixImages(sources, from, weights, new int[0]).apply(engine, all, Layout.NHWC, target);
    }

    private void edit(Placed<PixelStep> placed, Visit visit, ByteBuffer pixels) {
        byte[] image = new byte[height * width * 3];
        for (int row = 0; row < visit.samples().length; row++) {
            pixels.get(row * image.length, image);
            placed.step().edit(visit.draws(row, placed.place()), height, width, image);
            pixels.put(row * image.length, image);
        }
    }

    private void changeValues(List<Placed<Step>> steps, Visit visit, NativeBuffer target) {
        for (Placed<Step> placed : steps) {
            boxes.clear();
            for (int row = 0; row < visit.samples().length; row++) {
                Draws draws = visit.draws(row, placed.place());
                if (placed.step() instanceof EraseStep erase) {
                    erase.draw(draws, outHeight(), outWidth(), row, boxes);
                } else if (placed.step() instanceof NoiseStep noise) {
                    noise.add(draws, outHeight(), outWidth(), new NormalizedImage(kernel, target, row));
                }
            }
            boxes.apply(engine, target, kernel.layout());
        }
    }

    private Mixing mix(Placed<MixStep> placed, Visit visit, NativeBuffer images, NativeBuffer output) {
        int size = visit.samples().length;
        Mixing mixing = placed.step().draw(visit.draws(0, placed.place()), size, outHeight(), outWidth());
        int[] from = new int[2 * size];
        float[] weights = new float[2 * size];
        for (int row = 0; row < size; row++) {
            from[2 * row] = row;
            from[2 * row + 1] = mixing.partners()[row];
            weights[2 * row] = mixing.imageWeights()[row];
            weights[2 * row + 1] = 1 - mixing.imageWeights()[row];
        }
        new MixImages(2, from, weights, mixing.boxes()).apply(engine, images, kernel.layout(), output);
        return mixing;
    }

    private int outHeight() {
        return kernel.outHeight() == 0 ? height : kernel.outHeight();
    }

    private int outWidth() {
        return kernel.outWidth() == 0 ? width : kernel.outWidth();
    }

    private AugmentBatch rows(int chain) {
        if (rows[chain] == null) {
            rows[chain] = new AugmentBatch(capacity, chain);
        }
        return rows[chain];
    }

    /** The slab that does not hold {@code current}. */
    private NativeBuffer other(NativeBuffer current, long... shape) {
        int index = slabs[0] != null && current.address() == slabs[0].address() ? 1 : 0;
        slabs[index] = grown(slabs[index], DType.UINT8, (long) capacity * height * width * 3);
        return first(slabs[index], shape);
    }

    private NativeBuffer unmixedLike(NativeBuffer output) {
        unmixed = grown(unmixed, output.dtype(), (long) capacity * outHeight() * outWidth() * 3);
        return unmixed;
    }

    private static NativeBuffer grown(NativeBuffer buffer, DType dtype, long elements) {
        if (buffer != null && buffer.size() >= elements) {
            return buffer;
        }
        if (buffer != null) {
            buffer.close();
        }
        return NativeBuffer.allocate(dtype, elements);
    }

    private static NativeBuffer first(NativeBuffer buffer, long... shape) {
        return NativeBuffer.at(buffer.address(), buffer.dtype(), shape);
    }

    @Override
    public void close() {
        for (AugmentBatch batch : rows) {
            if (batch != null) {
                batch.close();
            }
        }
        for (NativeBuffer buffer : new NativeBuffer[] {slabs[0], slabs[1], stack, unmixed}) {
            if (buffer != null) {
                buffer.close();
            }
        }
    }
}
