package adit.interop;

import static org.assertj.core.api.Assertions.assertThat;

import adit.interop.host.Host;
import adit.interop.host.Outcome;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/// IPv6 through a tunnel of mode any; the peer is the sit driver of a Linux kernel.
///
/// Our device takes packets of 1500 octets, so that it is up to the tunnel to say what does not fit.
@ParameterizedClass(name = "{0}")
@EnumSource
class Ipv6ConversationTest {
    private static final String NEAR = "fd00:10::1";
    private static final String FAR = "fd00:10::2";
    private static final int HEADERS = 48;
    private static final int TRANSFER = 1_000_000;
    private static final Duration LIMIT = Duration.ofMinutes(3);

    /// What carries it.
    enum Way {
        DIRECT(1480, "{ type: direct }", "", ""),
        FOU(
                1472,
                "{ type: fou, port: 5555, peer-port: 5555 }",
                "ip fou add port 5555 ipproto 41",
                "encap fou encap-sport auto encap-dport 5555"),
        GUE(
                1468,
                "{ type: gue, port: 6080, peer-port: 6080 }",
                "ip fou add port 6080 gue",
                "encap gue encap-sport auto encap-dport 6080");

        final int mtu;
        final String carrier;
        final String receiver;
        final String options;

        Way(int mtu, String carrier, String receiver, String options) {
            this.mtu = mtu;
            this.carrier = carrier;
            this.receiver = receiver;
            this.options = options;
        }
    }

    private static Site site;
    private static AditUp adit;

    @Parameter
    Way way;

    @BeforeParameterizedClassInvocation
    static void setUp(Way way) {
        site = Site.shared();
        site.guest().run(Tunnel.tearDown());
        site.guest().run("""
                modprobe sit
                %s
                ip link add t6 type sit local 192.0.2.2 remote 192.0.2.1 %s
                ip address add %s/64 dev t6 nodad
                ip link set t6 up
                """.formatted(way.receiver, way.options, FAR));
        adit = AditUp.start(site.namespace(), """
                tunnels:
                  - name: t1
                    mode: any
                    local: 192.0.2.1
                    remote: 192.0.2.2
                    carrier: %s
                    mtu: 1500
                    addresses: ["%s/64"]
                """.formatted(way.carrier, NEAR));
    }

    @AfterParameterizedClassInvocation
    static void tearDown() {
        if (adit != null) {
            assertThat(adit.stop()).as("exit code").isZero();
            adit = null;
        }
        if (site != null) {
            site.guest().run("ip link del t6\n" + Tunnel.tearDown());
        }
    }

    private static Outcome ping(Host from, String to, int length, String fragments) {
        return from.exec("ping -6 -n -c 1 -W 10 -s %d -M %s %s".formatted(length - HEADERS, fragments, to), LIMIT);
    }

    private static void assertAnswered(int length, String fragments) {
        Outcome there = ping(site.namespace(), FAR, length, fragments);
        assertThat(there.ok()).as(there.output()).isTrue();
        Outcome back = ping(site.guest(), NEAR, length, fragments);
        assertThat(back.ok()).as(back.output()).isTrue();
    }

    @Test
    void pingsComeBackBothWays() {
        assertAnswered(104, "do");
        assertAnswered(1280, "do");
        assertAnswered(way.mtu, "do");
    }

    @Test
    void tooLargeAPacketIsRefusedWithTheLimitAndThenGoesInPieces() {
        site.namespace().run("ip -6 route flush cache");
        assertThat(ping(site.namespace(), FAR, way.mtu + 1, "do").output()).contains("Packet too big: mtu=" + way.mtu);
        assertThat(AditUp.number(adit.status(), "told_too_big")).isPositive();
        assertAnswered(5000, "want");
    }

    @Test
    void transfersArriveUnchanged() {
        Transfer.Sums there = Transfer.run(site.namespace(), site.guest(), FAR, TRANSFER);
        assertThat(there.arrived()).isEqualTo(there.sent());
        Transfer.Sums back = Transfer.run(site.guest(), site.namespace(), NEAR, TRANSFER);
        assertThat(back.arrived()).isEqualTo(back.sent());
    }

    /// What a user gets who pings a peer that is gone.
    @Test
    void theSenderIsToldWhenThePeerCantBeReached() {
        site.namespace().run("ip route add 192.0.2.2/32 via 192.0.2.99 dev under onlink");
        try {
            long end = System.nanoTime() + LIMIT.toNanos();
            Outcome outcome;
            do {
                outcome = site.namespace().exec("ping -6 -n -c 1 -W 1 " + FAR, LIMIT);
            } while (!outcome.output().contains("Address unreachable") && System.nanoTime() < end);
            assertThat(outcome.output()).contains("Destination unreachable: Address unreachable");
        } finally {
            site.namespace().run("ip route del 192.0.2.2/32");
            site.namespace()
                    .exec("for i in 1 2 3 4 5; do ping -6 -n -q -c 10 -i 0.01 -W 1 %s; done".formatted(FAR), LIMIT);
        }
        assertAnswered(104, "do");
    }
}
