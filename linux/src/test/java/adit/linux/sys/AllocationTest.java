package adit.linux.sys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// What a system call costs the heap with the options that the launcher gives the JVM.
@Timeout(240)
class AllocationTest {
    private static final Path LAUNCHER =
            Path.of("").toAbsolutePath().getParent().resolve("adit");

    @Test
    void callsOfThePacketPathAllocateNothing() throws Exception {
        assumeThat(LAUNCHER).as("needs the launcher of the source tree").exists();
        List<String> command = new ArrayList<>(
                List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString()));
        command.addAll(optionsOfTheLauncher());
        // So that what is compiled first, and so what becomes part of what, is the same each time.
        command.add("-Xbatch");
        command.addAll(List.of(
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                CallsProgram.class.getName()));
        Process child = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        String said = new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(child.waitFor()).as(said).isZero();
        assertThat(Double.parseDouble(said.strip())).as("octets for five calls").isLessThan(1);
    }

    private static List<String> optionsOfTheLauncher() throws IOException {
        List<String> options = Files.readAllLines(LAUNCHER).stream()
                .filter(line -> line.startsWith("flags=\""))
                .flatMap(line -> List.of(line.replaceAll("^flags=\"|\"$", "").split(" ")).stream())
                .filter(option -> option.startsWith("-X"))
                .toList();
        assertThat(options).contains("-XX:+UseSerialGC");
        return options;
    }
}
