package dev.quern.kernels;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class CudaTest {
    @Test
    void eitherThereAreDevicesOrThereIsAReason() {
        Cuda.State state = Cuda.state();
        assertThat(state.available()).isEqualTo(!state.devices().isEmpty());
        assertThat(state.reason().isBlank()).isEqualTo(state.available());
    }

    @Test
    void withoutADriverTheReasonSaysSo() {
        boolean built = Files.exists(Path.of("target/native/libquern_cuda.so"));
        boolean device = Files.exists(Path.of("/dev/nvidia0"));
        if (built && !device) {
            assertThat(Cuda.state().reason()).startsWith("no CUDA device: ");
        } else if (!built) {
            assertThat(Cuda.state().reason()).startsWith("no libquern_cuda.so: ");
        }
    }
}
