package adit.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// What a process without any capability can do with a device that was made for its user.
@Timeout(120)
class UnprivilegedTest {
    @Test
    void attachesToADeviceThatWasMadeForItsUserAndIsToldWhyNothingElse() throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/setpriv")), "needs util-linux's setpriv");
        try (TestHost host = TestHost.create()) {
            host.ip("tuntap", "add", "mode", "tun", "user", "0", "name", "tun0");
            host.ip("link", "set", "tun0", "mtu", "1440");
            String index = host.ip("-oneline", "link", "show", "tun0").split(":", 2)[0];
            Process child = host.netns.exec(new ProcessBuilder(
                            "setpriv",
                            "--bounding-set=-all",
                            "--inh-caps=-all",
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "-Xmx128m",
                            "-XX:+UseSerialGC",
                            "--enable-native-access=ALL-UNNAMED",
                            "-cp",
                            System.getProperty("java.class.path"),
                            AttachProgram.class.getName(),
                            "tun0")
                    .redirectError(ProcessBuilder.Redirect.INHERIT));
            String output = new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(output.lines())
                    .containsExactly(
                            "tun0 " + index + " 1440",
                            "RTM_NEWLINK tun0: EPERM (operation not permitted): needs CAP_NET_ADMIN, or that somebody"
                                    + " who has it did it before: ip link set DEVICE up mtu N",
                            "RTM_NEWADDR 192.0.2.1/24 on tun0: EPERM (operation not permitted): needs CAP_NET_ADMIN,"
                                    + " or that somebody who has it did it before: ip address add ADDRESS dev DEVICE",
                            "TUNSETIFF other0: EPERM (operation not permitted): needs CAP_NET_ADMIN, or a device made"
                                    + " for you: ip tuntap add mode tun user $USER name tun0",
                            "unshare CLONE_NEWNET: EPERM (operation not permitted): needs CAP_SYS_ADMIN; without it"
                                    + " start the program by: unshare --user --map-root-user --net --mount -- ...");
        }
    }
}
