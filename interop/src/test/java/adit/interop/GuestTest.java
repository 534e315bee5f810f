package adit.interop;

import static java.util.concurrent.TimeUnit.MINUTES;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import adit.interop.guest.Guest;
import adit.interop.guest.KernelImage;
import adit.interop.guest.Nic;
import adit.interop.host.Namespace;
import adit.interop.host.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// The test bench itself.
class GuestTest {
    private static Guest guest;

    @BeforeAll
    static void boot() throws IOException {
        guest = Guest.boot(Needs.kernel(), new Nic.Wire("one"), new Nic.Wire("two"));
    }

    @AfterAll
    static void halt() {
        if (guest != null) {
            guest.close();
        }
    }

    @Test
    void answersWhatAScriptWroteAndItsExitCode() {
        assertThat(guest.exec("echo out; echo error >&2; exit 3", Duration.ofMinutes(1)))
                .isEqualTo(new Outcome(3, "out\nerror\n"));
        assertThatThrownBy(() -> guest.run("no-such-program"))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("exit code 127")
                .hasMessageContaining("no-such-program: not found");
    }

    @Test
    @Timeout(value = 3, unit = MINUTES)
    void killsAScriptWhoseTimeIsUpAndTakesTheNext() {
        assertThat(guest.exec("sleep 1000", Duration.ofSeconds(1)).code()).isEqualTo(137);
        assertThat(guest.run("echo still here")).isEqualTo("still here\n");
    }

    @Test
    void runsTheKernelThatWasAskedFor() {
        assertThat(guest.release()).startsWith(System.getProperty("guest", "6.12") + ".");
        assertThat(guest.run("uname -r").strip()).isEqualTo(guest.release());
    }

    @Test
    void hasEveryTunnelModule() {
        guest.run("for module in ipip fou mpls_router mpls_iptunnel sit ip_gre; do modprobe $module || exit 1; done");
    }

    @Test
    void sendsFramesDownTheRightWireAndTakesThem() {
        guest.run("""
                ip link set one up
                ip address replace 198.51.100.2/24 dev one
                ip neigh replace 198.51.100.1 lladdr 02:00:00:00:00:01 dev one nud permanent
                """);
        guest.wire("one").clear();
        guest.run("ping -c 1 -W 1 -s 10 198.51.100.1 || :");

        byte[] request = echo(guest.wire("one").receive(Duration.ofMinutes(1)));
        assertThat(request).hasSize(14 + 20 + 8 + 10).startsWith(2, 0, 0, 0, 0, 1, 0x52, 0x54, 0, 0xad, 0x17, 0);
        assertThat(guest.wire("two").receive(Duration.ZERO)).isNull();

        // The same request the other way round, type 8 as before: the guest must answer it.
        byte[] back = request.clone();
        System.arraycopy(request, 0, back, 6, 6);
        System.arraycopy(request, 6, back, 0, 6);
        System.arraycopy(request, 26, back, 30, 4);
        System.arraycopy(request, 30, back, 26, 4);
        guest.wire("one").send(back);
        byte[] reply = echo(guest.wire("one").receive(Duration.ofMinutes(1)));
        assertThat(reply[34]).as("ICMP type").isZero();
    }

    /// Passes over what IPv6 says of itself on a new link.
    private static byte[] echo(byte[] frame) {
        byte[] next = frame;
        while (next != null && next[12] != 8) {
            next = guest.wire("one").receive(Duration.ofMinutes(1));
        }
        assertThat(next).as("an IPv4 frame").isNotNull();
        return next;
    }

    @Test
    @Timeout(value = 15, unit = MINUTES)
    void leavesNothingBehindWhenItIsClosed() throws IOException {
        Needs.root();
        List<Path> before = traces();
        KernelImage kernel = Needs.kernel();
        try (Namespace namespace = Namespace.make().addTap("under", "192.0.2.1/24");
                Guest second = Guest.boot(kernel, new Nic.Tap("under", namespace))) {
            second.run("ip address add 192.0.2.2/24 dev under; ip link set under up; ping -c 1 -W 5 192.0.2.1");
            assertThat(traces()).hasSizeGreaterThan(before.size());
        }
        assertThat(traces()).isEqualTo(before);
    }

    /// What guests and namespaces of this JVM leave in the file system while they are there.
    private static List<Path> traces() throws IOException {
        String own = "adit-" + ProcessHandle.current().pid() + "-";
        try (var directories = Files.list(Path.of("/tmp"));
                var namespaces = Files.list(Files.createDirectories(Path.of("/run/netns")))) {
            return java.util.stream.Stream.concat(
                            directories.filter(path -> path.toString().contains(own)),
                            namespaces.filter(path -> path.toString().contains(own)))
                    .sorted()
                    .toList();
        }
    }
}
