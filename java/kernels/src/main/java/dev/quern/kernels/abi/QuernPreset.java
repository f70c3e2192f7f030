package dev.quern.kernels.abi;

import org.bytedeco.javacpp.annotation.Platform;
import org.bytedeco.javacpp.annotation.Properties;
import org.bytedeco.javacpp.tools.Info;
import org.bytedeco.javacpp.tools.InfoMap;
import org.bytedeco.javacpp.tools.InfoMapper;

/** Tells JavaCPP how to turn {@code quern.h} into {@code dev.quern.kernels.abi.quern}. */
@Properties(
        value = @Platform(include = "quern/quern.h", link = "quern"),
        target = "dev.quern.kernels.abi",
        global = "dev.quern.kernels.abi.quern")
public class QuernPreset implements InfoMapper {
    @Override
    public void map(InfoMap infoMap) {
        infoMap.put(new Info("QUERN_API").cppTypes().annotations());
    }
}
