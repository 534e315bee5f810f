package adit.netns;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import adit.linux.LinuxException;
import adit.linux.Netns;
import java.nio.file.Files;
import java.nio.file.Path;

/// What tests need of the machine. Each skips the test where that is missing, and says what it is.
public final class Needs {
    private Needs() {}

    /// The right to make network namespaces, which root has not in every container.
    public static void namespaces() {
        assumeTrue(Files.exists(Path.of("/proc/self/ns/net")), "needs Linux's network namespaces");
        String lack = "";
        try {
            Netns.create().close();
        } catch (LinuxException e) {
            lack = "needs root: " + e.getMessage();
        }
        assumeTrue(lack.isEmpty(), lack);
    }

    /// As [#namespaces], and TUN devices.
    public static void tun() {
        assumeTrue(Files.isWritable(Path.of("/dev/net/tun")), "needs root and /dev/net/tun");
        namespaces();
    }
}
