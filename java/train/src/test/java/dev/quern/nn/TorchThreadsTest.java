package dev.quern.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.bytedeco.openblas.presets.openblas_nolapack;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class TorchThreadsTest {
    @AfterEach
    void restore() {
        TorchThreads.set(2);
    }

    @Test
    void oneNumberGovernsTorchAndTheKernelsAndBlasKeepsToOneThread() {
        for (int threads : new int[] {1, 2}) {
            TorchThreads.set(threads);
            assertThat(torch.get_num_threads()).isEqualTo(threads);
            assertThat(openblas_nolapack.blas_get_num_threads()).isOne();
            assertThat(TorchThreads.engineOptions(threads).threads()).isEqualTo(threads);
        }
        assertThat(torch.globalContext().deterministicAlgorithms()).isTrue();
    }

    @Test
    void lessThanOneThreadIsRefused() {
        assertThatThrownBy(() -> TorchThreads.set(0)).hasMessage("threads is 0, allowed: ≥ 1");
    }
}
