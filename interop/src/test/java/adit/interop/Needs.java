package adit.interop;

import adit.interop.guest.KernelImage;
import adit.interop.host.LocalCommand;
import adit.linux.LinuxException;
import adit.linux.Netns;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Assumptions;

/// What these tests need of the machine that they run on. Where it is missing they are skipped, each with the
/// reason; with `-Dinterop=required` they fail instead, so that a run which is meant to prove something can't
/// pass by doing nothing.
public final class Needs {
    private static final boolean REQUIRED = "required".equals(System.getProperty("interop"));

    private Needs() {}

    /// The right to make network namespaces and TAP devices.
    static void root() {
        String lack = "";
        try {
            Netns.create().close();
        } catch (LinuxException e) {
            lack = e.getMessage();
        }
        need(lack.isEmpty(), "needs root, to make network namespaces and TAP devices: " + lack);
        need(Files.exists(Path.of("/dev/net/tun")), "needs /dev/net/tun");
        program("sysctl", "procps");
    }

    /// A program, which is in this Debian package.
    static void program(String name, String debianPackage) {
        need(LocalCommand.exists(name), "needs the program " + name + "; apt-get install " + debianPackage);
    }

    /// A C compiler, and the headers of the C library.
    public static void compiler() {
        program("gcc", "gcc libc6-dev");
        need(Files.exists(Path.of("/usr/include/stdio.h")), "needs the headers of C; apt-get install libc6-dev");
    }

    /// A Java that other users can start.
    static void javaForAll() {
        Path java = Path.of(System.getProperty("java.home"), "bin", "java");
        boolean can = LocalCommand.run(
                        Duration.ofMinutes(1), Rights.NONE.command(List.of("test", "-x", java.toString())))
                .ok();
        need(can, "needs a JDK that every user may read; this one is in " + java);
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
            program(program[0], program[1]);
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
