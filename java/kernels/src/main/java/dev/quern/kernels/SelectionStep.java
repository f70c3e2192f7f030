package dev.quern.kernels;

import dev.quern.kernels.abi.quern;
import dev.quern.kernels.abi.quern_selection_params;
import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.javacpp.Pointer;

/**
 * A step of gradient descent with momentum on one gate d per sample, with straight-through gradients (Bengio et al. 2013), as in CLIP-powered
 * selection (Yang et al. 2025): with s = sigmoid(sharpness·d),
 * v ← momentum·v + sharpness/N·s·(1 − s)·(pressure − merit); d ← d − learningRate·v.
 *
 * @param sharpness 1e-6 … 1e6
 * @param learningRate 0 … 1e6
 * @param momentum 0 … 1
 */
public record SelectionStep(double sharpness, double learningRate, double momentum) {
    /**
     * Moves the gates.
     *
     * @param gate FLOAT64 [N] d, updated
     * @param velocity FLOAT64 [N] v, updated
     * @param merit FLOAT64 [N]
     * @param pressure what keeping a sample costs, −1e6 … 1e6
     * @return gates above 0 after the step
     * @throws NotFiniteException naming the first gate that does not end finite
     */
    public long apply(Engine engine, NativeBuffer gate, NativeBuffer velocity, NativeBuffer merit, double pressure) {
        Rows.requireVector("gate", gate, DType.FLOAT64, gate.size());
        Rows.requireVector("velocity", velocity, DType.FLOAT64, gate.size());
        Rows.requireVector("merit", merit, DType.FLOAT64, gate.size());
        try (quern_selection_params params = new quern_selection_params();
                LongPointer open = new LongPointer(1)) {
            Pointer.memset(params, 0, params.sizeof());
            params.gate(new DoublePointer(gate.pointer())).velocity(new DoublePointer(velocity.pointer()));
            params.merit(new DoublePointer(merit.pointer())).n(gate.size());
            params.pressure(pressure)
                    .sharpness(sharpness)
                    .learning_rate(learningRate)
                    .momentum(momentum);
            engine.run(context -> quern.quern_selection_step(context, params, open));
            return open.get();
        }
    }
}
