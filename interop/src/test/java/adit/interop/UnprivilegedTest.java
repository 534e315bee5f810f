package adit.interop;

import static adit.interop.Conversation.FAR;
import static adit.interop.Conversation.NEAR;
import static org.assertj.core.api.Assertions.assertThat;

import adit.interop.Ping.Fragments;
import adit.interop.host.Host;
import adit.interop.host.Namespace;
import adit.interop.host.Outcome;
import java.io.IOException;
import java.time.Duration;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// `adit up` by an ordinary user, who has a device that was made for him, or the right to set up interfaces. At
/// the far end root runs it, in another namespace.
class UnprivilegedTest {
    private static final int TRANSFER = 5_000_000;
    private static final int FAILURE = 2;

    private Pair pair;
    private Namespace near;
    private Namespace far;
    private AditUp nearAdit;
    private AditUp farAdit;

    @BeforeEach
    void makeNamespaces() throws IOException {
        Needs.root();
        Needs.program("setpriv", "util-linux");
        Needs.program("busybox", "busybox-static");
        Needs.javaForAll();
        pair = Pair.make();
        near = pair.near();
        far = pair.far();
    }

    @AfterEach
    void leave() throws Exception {
        for (AutoCloseable each : new AutoCloseable[] {nearAdit, farAdit, pair}) {
            if (each != null) {
                each.close();
            }
        }
    }

    /// What the README tells an administrator to do.
    private void makeDevice(Tunnel tunnel) {
        near.run("""
                ip tuntap add dev t1 mode tun user %d
                ip link set t1 mtu %d up
                ip address add %s/30 dev t1
                ip route add 10.2.0.0/16 dev t1
                """.formatted(Rights.USER, tunnel.mtu(), NEAR.overlay()));
    }

    private void start(Tunnel tunnel, Rights rights) {
        farAdit = AditUp.start(far, tunnel.configuration(FAR, NEAR));
        nearAdit = AditUp.start(near, routed(tunnel), rights);
    }

    private static String routed(Tunnel tunnel) {
        return tunnel.configuration(NEAR, FAR) + "    routes: [10.2.0.0/16]\n";
    }

    private void assertCarries() {
        for (int length : new int[] {84, 1400, 5000}) {
            Ping ping = new Ping(length, Fragments.ALLOWED);
            assertAnswered(ping.send(near, FAR.overlay()));
            assertAnswered(ping.send(far, NEAR.overlay()));
        }
        assertArrives(near, far, FAR);
        assertArrives(far, near, NEAR);
    }

    private static void assertAnswered(Outcome outcome) {
        assertThat(outcome.ok()).as(outcome.output()).isTrue();
    }

    private static void assertArrives(Host from, Host to, Side at) {
        Transfer.Sums sums = Transfer.run(from, to, at.overlay(), TRANSFER);
        assertThat(sums.arrived()).isEqualTo(sums.sent());
    }

    @ParameterizedTest
    @EnumSource(names = {"FOU", "FOU_WITH_CHECKSUM", "GUE"})
    void needsNoRightsOnADeviceThatWasMadeForTheUser(Tunnel tunnel) {
        makeDevice(tunnel);
        start(tunnel, Rights.NONE);
        assertCarries();

        String status = nearAdit.status();
        assertThat(status).contains("\"present\": true");
        assertThat(AditUp.number(status, "rx_errors")).isZero();
        assertThat(nearAdit.stop()).isZero();
        assertThat(near.run("ip address show dev t1; ip route show dev t1"))
                .as("what the administrator made stays")
                .contains("10.1.0.1/30", "10.2.0.0/16");
    }

    @ParameterizedTest
    @EnumSource(names = {"IPIP", "FOU", "GUE"})
    void makesAllByItselfWithTwoCapabilities(Tunnel tunnel) {
        start(tunnel, Rights.NETWORK);
        assertThat(near.run("ip address show dev t1; ip route show dev t1")).contains("10.1.0.1/30", "10.2.0.0/16");
        assertCarries();
        assertThat(nearAdit.stop()).isZero();
        assertThat(nearAdit.deviceIsUp()).as("the device is left behind").isFalse();
    }

    @Test
    void goesOnWhenTheAdministratorMakesTheDeviceAnew() {
        makeDevice(Tunnel.FOU);
        start(Tunnel.FOU, Rights.NONE);
        near.run("ip link del t1");
        awaitLog("deleted.*let an administrator do this: ip tuntap add dev t1");
        assertThat(nearAdit.running()).isTrue();
        assertThat(nearAdit.status()).contains("\"present\": false");
        makeDevice(Tunnel.FOU);
        awaitLog("is up.*deleted.*is up");
        assertCarries();
        assertThat(AditUp.number(nearAdit.status(), "rx_errors")).isZero();
    }

    private void awaitLog(String pattern) {
        Pattern wanted = Pattern.compile(pattern, Pattern.DOTALL);
        long end = System.nanoTime() + Duration.ofMinutes(3).toNanos();
        while (!wanted.matcher(nearAdit.log()).find()) {
            assertThat(System.nanoTime()).as(nearAdit.log()).isLessThan(end);
        }
    }

    private String refusal(Tunnel tunnel) {
        try (AditUp up = AditUp.launch(near, routed(tunnel), Rights.NONE)) {
            assertThat(up.awaitEnd()).as(up.log()).isEqualTo(FAILURE);
            return up.log();
        }
    }

    @Test
    void saysWhatToDoWhenThereIsNoDevice() {
        assertThat(refusal(Tunnel.GUE))
                .contains(
                        "TUNSETIFF t1: EPERM",
                        "ip tuntap add dev t1 mode tun user $USER; ip link set t1 mtu 1468 up; ip addr add 10.1.0.1/30"
                                + " dev t1; ip route add 10.2.0.0/16 dev t1");
    }

    /// Each thing that the administrator has forgotten.
    @Test
    void saysWhatToDoWhenTheDeviceLacksSomething() {
        makeDevice(Tunnel.FOU);
        for (String[] lack : new String[][] {
            {"ip route del 10.2.0.0/16 dev t1", "ip route add 10.2.0.0/16 dev t1"},
            {"ip address flush dev t1", "ip addr add 10.1.0.1/30 dev t1"},
            {"ip link set t1 mtu 1300", "ip link set t1 mtu 1472 up"},
        }) {
            near.run(lack[0]);
            assertThat(refusal(Tunnel.FOU)).contains("EPERM", "let an administrator do this", lack[1]);
        }
    }

    @Test
    void saysThatRawSocketsTakeAPrivilege() {
        makeDevice(Tunnel.IPIP);
        assertThat(refusal(Tunnel.IPIP))
                .contains("raw sockets need CAP_NET_RAW; FOU and GUE, which are UDP, need nothing");
    }

    @Test
    void saysWhoseTheDeviceIsWhenItIsAnothers() {
        near.run("ip tuntap add dev t1 mode tun user %d".formatted(Rights.USER - 1));
        assertThat(refusal(Tunnel.FOU)).contains("TUNSETIFF t1: EPERM", "or a device made for you");
    }
}
