package dev.quern;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

@AnalyzeClasses(packages = "dev.quern", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {

    @ArchTest
    static final ArchRule networksKnowNothingOfTrainingAndPipelines = noClasses()
            .that()
            .resideInAPackage("dev.quern.nn..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("dev.quern.train..", "dev.quern.pipeline..", "dev.quern.cli..");

    @ArchTest
    static final ArchRule trainingKnowsNothingOfPipelines = noClasses()
            .that()
            .resideInAPackage("dev.quern.train..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("dev.quern.pipeline..", "dev.quern.cli..");

    @ArchTest
    static final ArchRule nothingBelowKnowsTheCommandLineOrTraining = noClasses()
            .that()
            .resideInAnyPackage(
                    "dev.quern.kernels..",
                    "dev.quern.io..",
                    "dev.quern.data..",
                    "dev.quern.augment..",
                    "dev.quern.select..",
                    "dev.quern.analysis..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "dev.quern.nn..", "dev.quern.train..", "dev.quern.pipeline..", "org.bytedeco.pytorch..");

    @ArchTest
    static final ArchRule nothingReadsSerialisedJavaOrTorchScript = noClasses()
            .should()
            .dependOnClassesThat()
            .haveNameMatching("java\\.io\\.ObjectInputStream|org\\.bytedeco\\.pytorch\\.(JitModule|InputArchive)");
}
