package adit.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import adit.linux.LinuxException;
import adit.linux.Netns;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// Network namespaces of the kernel, where a test may have them.
final class KernelHost {
    private KernelHost() {}

    /// A new one; skips the test where there can be none.
    static Netns create() {
        assumeTrue(Files.exists(Path.of("/dev/net/tun")), "needs /dev/net/tun");
        Netns made = null;
        String skipped = "";
        try {
            made = Netns.create();
        } catch (LinuxException e) {
            skipped = "needs root: " + e.getMessage();
        }
        assumeTrue(skipped.isEmpty(), skipped);
        return made;
    }

    /// What a command that has to succeed says there.
    static String run(Netns where, String... command) throws Exception {
        Process process = where.exec(new ProcessBuilder(command).redirectErrorStream(true));
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(90, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as("%s: %s", List.of(command), said).isZero();
        return said;
    }
}
