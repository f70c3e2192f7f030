package dev.quern.nn;

import dev.quern.kernels.Engine;
import dev.quern.kernels.Processor;
import dev.quern.kernels.UnsupportedByMachineException;
import org.bytedeco.openblas.presets.openblas_nolapack;
import org.bytedeco.pytorch.Context;
import org.bytedeco.pytorch.global.torch;

/**
 * One number of threads for LibTorch and Quern's pool together; OpenBLAS keeps to the calling thread. Left alone they oversubscribe the cores:
 * OpenBLAS's workers spin for 25 ms after each product, which cost a ResNet-18 step 16 % for its one small linear layer.
 */
public final class TorchThreads {
    private static boolean interOpSet;

    private TorchThreads() {}

    /**
     * Sets the threads of LibTorch for this process and switches deterministic algorithms on. Call it before the first
     * tensor, on the thread that trains. Where the processor hides its caches, a few convolutions are checked, which takes tens of milliseconds.
     *
     * @param threads ≥ 1
     * @throws UnsupportedByMachineException if LibTorch errs on this processor
     */
    public static synchronized void set(int threads) {
        if (threads < 1) {
            throw new IllegalArgumentException("threads is " + threads + ", allowed: ≥ 1");
        }
        if (!interOpSet) {
            torch.set_num_interop_threads(1);
            interOpSet = true;
        }
        torch.set_num_threads(threads);
        openblas_nolapack.blas_set_num_threads(1);
        Context context = torch.globalContext();
        context.setDeterministicAlgorithms(true, false);
        context.setDeterministicMkldnn(true);
        // Filling fresh memory with NaN costs a pass over every activation and changes no result.
        context.setDeterministicFillUninitializedMemory(false);
        // Where NNPACK cannot start, LibTorch says so at every convolution it might have taken.
        context.setUserEnabledNNPACK(false);
        if (Processor.current().hidesCaches()) {
            ConvolutionCheck.require();
        }
    }

    /** The same number for Quern's kernels. */
    public static Engine.Options engineOptions(int threads) {
        return Engine.Options.DEFAULT.withThreads(threads);
    }
}
