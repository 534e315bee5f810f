package adit.interop;

import adit.interop.guest.KernelImage;
import adit.interop.host.LocalCommand;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;

/// What these tests need of the machine that they run on. Where it is missing they are skipped, each with the
/// reason; with `-Dinterop=required` they fail instead, so that a run which is meant to prove something can't
/// pass by doing nothing.
final class Needs {
    private static final boolean REQUIRED = "required".equals(System.getProperty("interop"));

    private Needs() {}

    /// The right to make network namespaces and TAP devices.
    static void root() {
        need("root".equals(System.getProperty("user.name")), "needs root, to make network namespaces and TAP devices");
        need(Files.exists(Path.of("/dev/net/tun")), "needs /dev/net/tun");
    }

    /// The kernel of the guest, by the system property `guest` ("6.12" unless it says otherwise), and qemu to
    /// run it.
    static KernelImage kernel() {
        String[][] programs = {
            {"qemu-system-x86_64", "qemu-system-x86"},
            {"busybox", "busybox-static"},
            {"dash", "dash"},
            {"ip", "iproute2"},
            {"ping", "iputils-ping"},
            {"zstd", "zstd"},
            {"lz4", "lz4"},
        };
        for (String[] program : programs) {
            need(
                    LocalCommand.exists(program[0]),
                    "needs the program " + program[0] + "; apt-get install " + program[1]);
        }
        String series = System.getProperty("guest", "6.12");
        try {
            return KernelImage.newest(series);
        } catch (IOException e) {
            need(false, "needs a Linux " + series + " kernel to boot: " + e.getMessage());
            throw new AssertionError("not reached", e);
        }
    }

    private static void need(boolean met, String reason) {
        if (REQUIRED && !met) {
            throw new AssertionError(reason);
        }
        Assumptions.assumeTrue(met, reason);
    }
}
