package adit.program;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/// Whose the folder of sockets is.
class ControlSocketTest {
    private static String said(String... command) throws IOException {
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        return new String(process.getInputStream().readAllBytes(), UTF_8).strip();
    }

    /// In a container a process may run under a number that no name belongs to, and the JVM calls every such user the
    /// same. For id(1), which fails then, the number is the name too.
    @Test
    void aUserWhoseNameTheJvmDoesNotKnowIsCalledAsTheOwnerOfHisFiles() throws Exception {
        assumeTrue(Files.exists(Path.of("/proc/self")), "needs /proc");
        String name = said("id", "-un");
        assertThat(ControlSocket.user("?")).isEqualTo(name.isEmpty() ? said("id", "-u") : name);
        assertThat(ControlSocket.user("alice")).isEqualTo("alice");
    }
}
