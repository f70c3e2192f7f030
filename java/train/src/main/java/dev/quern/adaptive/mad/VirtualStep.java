package dev.quern.adaptive.mad;

import dev.quern.nn.FlatParameters;
import dev.quern.nn.Parameter;
import java.util.function.Supplier;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * What a step of a network would do to another loss, differentiated with respect to what the step depends on: the outer gradient of bi-level
 * optimisation through one step of plain gradient descent. With θ' = θ − η·∇L(θ, φ) it is dM(θ')/dφ = −η·d⟨∇L(θ, φ), ∇M(θ')⟩/dφ, exactly, by
 * differentiating twice.
 */
public final class VirtualStep {
    private VirtualStep() {}

    /**
     * The gradient dM(θ')/dφ, float32 [count of φ]. The weights of the network and all gradients are in the end as they were.
     *
     * @param network θ
     * @param policy φ
     * @param inner L, a scalar whose graph reaches θ and φ
     * @param rate η, ≥ 0
     * @param outer M, asked once, when the network has its weights θ'
     */
    public static Tensor gradient(
            FlatParameters network, FlatParameters policy, Tensor inner, double rate, Supplier<Tensor> outer) {
        TensorVector weights = values(network);
        Tensor direction = flat(gradients(inner, weights, true));
        // The graph of the inner loss holds the weights and would refuse a change that it can see.
        Tensor memory = network.values().variable_data();
        Tensor before = memory.clone();
        memory.sub_(direction.detach(), new Scalar(rate));
        Tensor outward;
        try {
            outward = flat(gradients(outer.get(), weights, false));
        } finally {
            memory.copy_(before);
        }
        Tensor agreement = direction.dot(outward.detach()).mul(new Scalar(-rate));
        return flat(gradients(agreement, values(policy), false)).detach();
    }

    private static TensorVector gradients(Tensor of, TensorVector with, boolean differentiable) {
        BoolOptional keepGraph = new BoolOptional(differentiable);
        return torch.grad(new TensorVector(of), with, new TensorVector(), keepGraph, differentiable, false);
    }

    private static TensorVector values(FlatParameters parameters) {
        return new TensorVector(
                parameters.parameters().stream().map(Parameter::value).toArray(Tensor[]::new));
    }

    private static Tensor flat(TensorVector parts) {
        Tensor[] flat = new Tensor[Math.toIntExact(parts.size())];
        for (int i = 0; i < flat.length; i++) {
            flat[i] = parts.get(i).reshape(-1);
        }
        return torch.cat(new TensorVector(flat));
    }
}
