package dev.quern;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

@AnalyzeClasses(packages = "dev.quern", importOptions = ImportOption.DoNotIncludeTests.class)
class LayersTest {
    @ArchTest
    static final ArchRule thereIsNoTorchHere = noClasses()
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "org.bytedeco.pytorch..", "dev.quern.nn..", "dev.quern.train..", "dev.quern.pipeline..");

    @ArchTest
    static final ArchRule filesKnowNothingOfData = classes()
            .that()
            .resideInAPackage("dev.quern.io..")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage("java..", "dev.quern.io..", "dev.quern.kernels", "com.fasterxml.jackson.core..");

    @ArchTest
    static final ArchRule dataKnowsNeitherPoliciesNorSelection = noClasses()
            .that()
            .resideInAPackage("dev.quern.data..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("dev.quern.augment..", "dev.quern.select..");

    @ArchTest
    static final ArchRule policiesAndSelectionKnowNothingOfEachOther = noClasses()
            .that()
            .resideInAPackage("dev.quern.augment..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("dev.quern.select..");

    @ArchTest
    static final ArchRule selectionIsArraysInArraysOut = classes()
            .that()
            .resideInAPackage("dev.quern.select..")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage("java..", "dev.quern.select..", "dev.quern.data..", "dev.quern.kernels..");

    @ArchTest
    static final ArchRule analysisKnowsNothingOfPoliciesAndSelection = noClasses()
            .that()
            .resideInAPackage("dev.quern.analysis..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("dev.quern.augment..", "dev.quern.select..");

    @ArchTest
    static final ArchRule nothingIsDeserialised =
            noClasses().should().dependOnClassesThat().haveFullyQualifiedName("java.io.ObjectInputStream");
}
