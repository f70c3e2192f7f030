package dev.quern.nn.clip;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quern.nn.Mode;
import dev.quern.nn.Pass;
import dev.quern.nn.Work;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.MemoryFormat;
import org.junit.jupiter.api.Test;

class DualEncoderTest {
    @Test
    void everyConvolutionSeesItsChannelsLast() {
        Work order = new Work() {
            @Override
            public void convolution(Tensor x, Tensor weight, long stride) {
                assertThat(x.suggest_memory_format().intern()).isEqualTo(MemoryFormat.ChannelsLast);
            }
        };
        try (PointerScope scope = new PointerScope();
                DualEncoder encoder = new DualEncoder(3)) {
            encoder.features(torch.randn(2, 3, 32, 32), new Pass(Mode.TRAIN, 0, 0, order));
        }
    }
}
