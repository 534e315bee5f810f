package adit.lab;

import static adit.lab.Labs.run;
import static org.assertj.core.api.Assertions.assertThat;

import adit.lab.Labs.Said;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(120)
class TracerTest {
    private Lab lab;

    @BeforeEach
    void open() throws LabException {
        lab = Lab.open(Labs.routed(LabSpec.Time.VIRTUAL));
    }

    @AfterEach
    void close() {
        assertThat(lab.lent()).isZero();
        lab.close();
    }

    /// Where, what, and for routes and ends the words behind; packets without their particulars.
    private static String steps(String out) {
        StringBuilder steps = new StringBuilder();
        out.lines()
                .map(line -> line.replaceFirst("^ *([0-9.]+) ms +", "$1 "))
                .map(line -> line.replaceFirst("IPv4 (\\S+) > (\\S+) ttl (\\d+).*? / ", "$1 > $2 ttl $3 "))
                .map(line -> line.replaceAll(" +", " "))
                .forEach(line -> steps.append(line).append('\n'));
        return steps.toString();
    }

    @Test
    void followsAPingThereAndBack() {
        run(lab, "left ping -c 1 10.0.2.2");
        Said said = run(lab, "trace left any 10.0.2.2");
        assertThat(said.code()).as(said.out()).isZero();
        assertThat(steps(said.out())).isEqualTo("""
                0.000 left sends 10.0.1.2 > 10.0.2.2 ttl 64 ICMP echo request id 31438 seq 1 payload 56
                0.000 left route 0.0.0.0/0 via 10.0.1.1 dev eth0
                """.replace("0.0.0.0/0", "default") + """
                0.000 left eth0 out 10.0.1.2 > 10.0.2.2 ttl 64 ICMP echo request id 31438 seq 1 payload 56
                5.000 router eth0 in
                5.000 router route 10.0.2.0/24 dev eth1 src 10.0.2.1
                5.000 router eth1 out 10.0.1.2 > 10.0.2.2 ttl 63 ICMP echo request id 31438 seq 1 payload 56
                15.000 right eth0 in
                15.000 right route 10.0.2.2 is this host's
                15.000 right delivered
                15.000 right eth0 out 10.0.2.2 > 10.0.1.2 ttl 64 ICMP echo reply id 31438 seq 1 payload 56
                25.000 router eth1 in
                25.000 router route 10.0.1.0/24 dev eth0 src 10.0.1.1
                25.000 router eth0 out 10.0.2.2 > 10.0.1.2 ttl 63 ICMP echo reply id 31438 seq 1 payload 56
                30.000 left eth0 in
                30.000 left route 10.0.1.2 is this host's
                30.000 left delivered
                """);
    }

    @Test
    void waitsForWhatIsUnderWayAndShowsNothingOfIt() {
        run(lab, "left ping -c 1 10.0.2.2");
        String alone = steps(run(lab, "trace left any 10.0.2.2").out());
        run(lab, "cable far delay 5s");
        assertThat(run(lab, "left ping -c 1 10.0.2.2").code()).isOne();
        run(lab, "cable far delay 10ms");
        assertThat(lab.lent()).isOne();
        assertThat(steps(run(lab, "trace left any 10.0.2.2").out())).isEqualTo(alone);
    }

    @Test
    void saysWhereATimeToLiveRanOut() {
        Said said = run(lab, "left trace any 10.0.2.2 ttl 1");
        assertThat(said.code()).isOne();
        assertThat(steps(said.out()))
                .contains(
                        "router dropped the time to live ran out [IP_TTL]",
                        "ICMP time to live exceeded",
                        "left delivered");
    }

    @Test
    void saysThatAHostDoesNotForward() {
        run(lab, "router sysctl net.ipv4.ip_forward=0");
        assertThat(run(lab, "trace left any 10.0.2.2").out())
                .contains("router  dropped", "does not forward (net.ipv4.ip_forward) [IP_NOT_FORWARDING]");
    }

    @Test
    void saysThatThereIsNoRoute() {
        Said said = run(lab, "trace router any 192.0.2.1");
        assertThat(said.code()).isOne();
        assertThat(steps(said.out())).contains("router route none to 192.0.2.1", "router refused");
        assertThat(steps(run(lab, "trace left any 192.0.2.1").out()))
                .contains("router route none to 192.0.2.1")
                .contains("router dropped there is no route to the destination [IP_INNOROUTES]");
    }

    @Test
    void saysThatANeighbourDoesNotAnswer() {
        Said said = run(lab, "trace left any 10.0.2.77");
        assertThat(said.code()).isOne();
        assertThat(steps(said.out())).contains("router dropped the next hop does not answer for its link address");
    }

    @Test
    void saysThatACableLostIt() {
        run(lab, "left ping -c 1 10.0.2.2");
        run(lab, "cable far loss 100%");
        Said said = run(lab, "trace left any 10.0.2.2");
        assertThat(said.code()).isOne();
        assertThat(steps(said.out())).endsWith("5.000 far lost by the cable's loss of 100%\n");
    }

    @Test
    void saysThatAPacketIsTooLongAndMustNotBeCut() {
        run(lab, "router ip link set eth1 mtu 1000");
        Said said = run(lab, "trace left any 10.0.2.2 size 1200 df");
        assertThat(said.code()).isOne();
        assertThat(steps(said.out())).contains("must not be cut [IP_TOO_BIG]", "fragmentation needed");
    }

    @Test
    void saysThatAForgedSourceIsRefused() {
        Said said = run(lab, "trace left 10.0.2.2 10.0.2.2");
        assertThat(said.code()).isOne();
        assertThat(steps(said.out())).contains("right dropped the source address can't come in here");
    }

    @Test
    void followsUdpToAServiceAndToNone() {
        assertThat(run(lab, "trace left any 10.0.2.2 udp 7").code()).isZero();
        assertThat(run(lab, "trace left any 10.0.2.2 udp 8").out()).contains("no program listens on this UDP port");
    }

    @Test
    void takesAWholePacketInHexadecimal() {
        // 10.0.1.2 > 10.0.2.2, ttl 9, protocol 200, four octets; lengths and checksum are filled in.
        Said said = run(lab, "trace left 4500 0018 0001 0000 09c8 0000 0a000102 0a000202 01020304");
        assertThat(steps(said.out())).contains("right dropped nobody here takes this protocol [IP_NOPROTO]");
    }

    @ParameterizedTest
    @EnumSource(LabSpec.Time.class)
    void skipsTimeAlsoOnRealTime(LabSpec.Time time) throws LabException {
        try (Lab slow = Lab.open(Labs.routed(time))) {
            run(slow, "cable far delay 900ms");
            long began = System.nanoTime();
            Said said = run(slow, "trace left any 10.0.2.2");
            assertThat(said.out()).contains("right   delivered");
            assertThat(slow.now()).isGreaterThan(3_600_000_000L);
            assertThat(System.nanoTime() - began).as("3.6 s of the lab's time").isLessThan(3_600_000_000L);
        }
    }
}
