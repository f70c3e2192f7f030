package dev.quern;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static java.util.stream.Collectors.counting;
import static java.util.stream.Collectors.groupingBy;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.Location;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.junit.LocationProvider;
import com.tngtech.archunit.lang.ArchRule;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/** The rooms of this module, in order; all may use those of the other modules. */
@AnalyzeClasses(locations = RoomsTest.ThisModule.class)
class RoomsTest {
    /** From the lowest to the highest: a room uses only those before it. */
    private static final List<String> ROOMS = Stream.of(
                    "cli.terminal",
                    "cli.page",
                    "cli.kernel",
                    "cli.study",
                    "cli.train",
                    "cli.select",
                    "cli.compare",
                    "cli")
            .map("dev.quern."::concat)
            .toList();

    private static final int MOST_FILES = 25;

    static final class ThisModule implements LocationProvider {
        @Override
        public Set<Location> get(Class<?> test) {
            return Set.of(Location.of(Path.of("target", "classes")));
        }
    }

    @ArchTest
    static void aRoomUsesOnlyThoseBeforeIt(JavaClasses classes) {
        for (int room = 0; room < ROOMS.size() - 1; room++) {
            String[] higher = ROOMS.subList(room + 1, ROOMS.size()).toArray(String[]::new);
            noClasses()
                    .that()
                    .resideInAPackage(ROOMS.get(room))
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage(higher)
                    .check(classes);
        }
    }

    @ArchTest
    static final ArchRule noRoomsUseEachOther =
            slices().matching("dev.quern.(**)").should().beFreeOfCycles();

    @ArchTest
    static void everyClassIsInARoomAndNoRoomIsTooLarge(JavaClasses classes) {
        Map<String, Long> files = classes.stream()
                .filter(file -> file.isTopLevelClass() && !file.getSimpleName().equals("package-info"))
                .collect(groupingBy(JavaClass::getPackageName, counting()));
        assertThat(files.keySet()).containsExactlyInAnyOrderElementsOf(ROOMS);
        assertThat(files).allSatisfy((room, count) -> assertThat(count).isLessThanOrEqualTo(MOST_FILES));
    }

    @ArchTest
    static final ArchRule familiesOfCommandsStandAlone = slices().matching("dev.quern.cli.(kernel|study|train|select)")
            .should()
            .notDependOnEachOther();
}
