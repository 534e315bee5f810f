package adit.lab;

import static adit.lab.Labs.run;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import adit.lab.Labs.Said;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class LabTest {
    @TempDir
    Path scratch;

    private static Lab virtual() throws LabException {
        return Lab.open(Labs.routed(LabSpec.Time.VIRTUAL));
    }

    @Test
    void pingsTakeAsLongAsTheCablesSay() throws Exception {
        try (Lab lab = virtual()) {
            Said said = run(lab, "left ping -c 2 10.0.2.2");
            assertThat(said.code()).isZero();
            // The first asks for three link addresses on the way: 10 ms there, 20 ms there, and none on the way back.
            assertThat(said.out()).isEqualTo("""
                    PING 10.0.2.2 (10.0.2.2) 56(84) bytes of data.
                    64 bytes from 10.0.2.2: icmp_seq=1 ttl=63 time=60.000 ms
                    64 bytes from 10.0.2.2: icmp_seq=2 ttl=63 time=30.000 ms

                    --- 10.0.2.2 ping statistics ---
                    2 packets transmitted, 2 received, 0% packet loss, time 1030ms
                    rtt min/avg/max = 30.000/45.000/60.000 ms
                    """);
            assertThat(lab.lent()).isZero();
        }
    }

    @Test
    void theSameSeedGivesTheSameLab() throws Exception {
        String[] links = new String[2];
        for (int i = 0; i < 2; i++) {
            try (Lab lab = virtual()) {
                links[i] = run(lab, "router ip -d link").out()
                        + run(lab, "cable near loss 40%").out()
                        + run(lab, "left ping -c 20 10.0.2.2").out();
            }
        }
        assertThat(links[0])
                .isEqualTo(links[1])
                .contains("20 packets transmitted")
                .doesNotContain(" 0% packet loss");
    }

    @Test
    void runsOnRealTimeToo() throws Exception {
        try (Lab lab = Lab.open(Labs.routed(LabSpec.Time.REAL))) {
            long began = System.nanoTime();
            Said said = run(lab, "left ping -c 2 -i 50ms 10.0.2.2");
            assertThat(said.code()).as(said.out()).isZero();
            assertThat(System.nanoTime() - began).isGreaterThan(80_000_000L);
            assertThat(said.out()).contains("icmp_seq=1 ttl=63", "2 received");
        }
    }

    @Test
    void sendsDatagramsToAnEchoService() throws Exception {
        try (Lab lab = virtual()) {
            assertThat(run(lab, "left udp 10.0.2.2 7 good morning").out())
                    .isEqualTo("10.0.2.2:7 answers: good morning\n");
            assertThat(run(lab, "programs").out()).isEqualTo("right: echo port 7: 1 echoed\n");
            Said refused = run(lab, "left udp 10.0.2.2 9 x");
            assertThat(refused.code()).isOne();
            assertThat(refused.out()).contains("ECONNREFUSED");
        }
    }

    @Test
    void aPingProgramRunsWhileTimePasses() throws Exception {
        LabSpec spec = Labs.routed(LabSpec.Time.VIRTUAL);
        HostSpec left = spec.hosts().getFirst();
        HostSpec pinging = new HostSpec(
                left.name(),
                left.sysctls(),
                left.commands(),
                List.of(new ProgramSpec.Ping(adit.wire.IpAddress.parse("10.0.2.2"), 500_000_000L)));
        try (Lab lab = Lab.open(new LabSpec(
                "p",
                "",
                LabSpec.Time.VIRTUAL,
                1,
                List.of(pinging, spec.hosts().get(1), spec.hosts().get(2)),
                spec.cables()))) {
            run(lab, "wait 5100ms");
            assertThat(run(lab, "programs").out())
                    .startsWith("left: ping 10.0.2.2 every 500ms: 10 sent, 10 answered\n");
        }
    }

    @Test
    void aCutCableTakesTheCarrierOfBothEnds() throws Exception {
        try (Lab lab = virtual()) {
            run(lab, "cable far cut");
            assertThat(run(lab, "right ip -br link show eth0").out()).startsWith("eth0             DOWN ");
            assertThat(run(lab, "left ping -c 1 10.0.2.2").code()).isOne();
            run(lab, "cable far mend");
            assertThat(run(lab, "left ping -c 1 10.0.2.2").code()).isZero();
            assertThat(run(lab, "cable far").out())
                    .startsWith("far: router:eth1 -- right:eth0  mtu 1500  delay 10ms  carried ");
        }
    }

    @Test
    void aDeviceCantBeGivenMoreThanItsCableCarries() throws Exception {
        try (Lab lab = virtual()) {
            Said said = run(lab, "left ip link set eth0 mtu 1501");
            assertThat(said.code()).isEqualTo(2);
            assertThat(said.err()).isEqualTo("Error: The MTU must be 68 to 1500.\n");
            assertThat(run(lab, "left ip link set eth0 mtu 1000").code()).isZero();
            assertThat(run(lab, "left ip link del eth0").err()).contains("can't be deleted");
        }
    }

    @Test
    void devicesMoveFromHostToHost() throws Exception {
        try (Lab lab = virtual()) {
            assertThat(run(lab, "left ip link add v0 type veth peer name v1").code())
                    .isZero();
            assertThat(run(lab, "left ip link set v1 netns right").code()).isZero();
            assertThat(run(lab, "left ip link set v0 up").code()).isZero();
            assertThat(run(lab, "left ip addr add 192.0.2.1/24 dev v0").code()).isZero();
            assertThat(run(lab, "left ip link show v1").code()).isOne();
            assertThat(run(lab, "right ip link set v1 name eth9 up").code()).isZero();
            assertThat(run(lab, "right ip addr add 192.0.2.2/24 dev eth9").code())
                    .isZero();
            assertThat(run(lab, "left ping -c 1 192.0.2.2").code()).isZero();
            assertThat(run(lab, "left ip link set v0 netns nowhere").err())
                    .contains("Error: argument \"nowhere\" is wrong: Invalid \"netns\" value");
        }
    }

    @Test
    void aTunnelThatMovedIsCarriedWhereItWasMade() throws Exception {
        try (Lab lab = virtual()) {
            assertThat(run(lab, "left ip link add tun7 type ipip local 10.0.1.2 remote 10.0.2.2")
                            .code())
                    .isZero();
            assertThat(run(lab, "right ip link add tun7 type ipip local 10.0.2.2 remote 10.0.1.2")
                            .code())
                    .isZero();
            // Its overlay is the router's, its underlay is still left's.
            assertThat(run(lab, "left ip link set tun7 netns router").code()).isZero();
            for (String line : List.of(
                    "router ip link set tun7 up",
                    "router ip addr add 192.0.2.1/30 dev tun7",
                    "right ip link set tun7 up",
                    "right ip addr add 192.0.2.2/30 dev tun7")) {
                assertThat(run(lab, line).code()).as(line).isZero();
            }
            assertThat(run(lab, "router ping -c 1 192.0.2.2").code()).isZero();
            assertThat(run(lab, "left ip -br link").out()).doesNotContain("tun7");
        }
    }

    @Test
    void tunAndTapDevicesCanBeMade() throws Exception {
        try (Lab lab = virtual()) {
            assertThat(run(lab, "left ip tuntap add tun7 mode tun").code()).isZero();
            assertThat(run(lab, "left ip tuntap").out()).isEqualTo("tun7: tun persist\n");
            assertThat(run(lab, "left ip tuntap add tun7 mode tun").err())
                    .isEqualTo("ioctl(TUNSETIFF): Device or resource busy\n");
            assertThat(run(lab, "left ip tuntap del tun7 mode tun").code()).isZero();
            assertThat(run(lab, "left ip tuntap").out()).isEmpty();
        }
    }

    @Test
    void capturesWhatGoesIntoACable() throws Exception {
        Path file = scratch.resolve("near.pcapng");
        try (Lab lab = virtual()) {
            assertThat(run(lab, "capture near " + file).code()).isZero();
            run(lab, "left ping -c 1 10.0.2.2");
            assertThat(run(lab, "capture near off").out()).isEqualTo("captured to " + file + "\n");
            assertThat(run(lab, "capture near off").out()).isEqualTo("nothing was captured\n");
        }
        // Two questions for link addresses, two answers to them, a ping and its answer; each is 60 octets or more.
        assertThat(Files.size(file)).isGreaterThan(4 * 42 + 2 * 98);
    }

    @Test
    void whatACommandOfTheFileIsRefusedForIsToldWithItsPlace() {
        LabSpec spec = new LabSpec(
                "bad",
                "",
                LabSpec.Time.VIRTUAL,
                1,
                List.of(Labs.host("left", "addr add 10.0.0.1/24 dev nowhere", "link set lo mtu 9 'x")),
                List.of());
        assertThatThrownBy(() -> Lab.open(spec))
                .isInstanceOfSatisfying(
                        LabException.class,
                        e -> assertThat(e.problems())
                                .extracting(Object::toString)
                                .containsExactly(
                                        "left.yaml:1:1: left: ip addr add 10.0.0.1/24 dev nowhere:"
                                                + " Cannot find device \"nowhere\"",
                                        "left.yaml:1:1: left: ip link set lo mtu 9 'x: a quote is not closed"));
    }

    @Test
    void aPlugThatIsTakenIsRefused() {
        CableSpec one = Labs.cable("a", "h:eth0", "h:eth1", LineSpec.PERFECT);
        CableSpec two = Labs.cable("b", "h:eth1", "nobody:eth0", LineSpec.PERFECT);
        LabSpec spec = new LabSpec("bad", "", LabSpec.Time.VIRTUAL, 1, List.of(Labs.host("h")), List.of(one, two));
        assertThatThrownBy(() -> Lab.open(spec))
                .isInstanceOfSatisfying(
                        LabException.class,
                        e -> assertThat(e.problems())
                                .extracting(LabException.Problem::message)
                                .containsExactly("cable b: h:eth1: file exists", "cable b: there is no host nobody"));
    }

    @Test
    void closingReleasesWhatIsUnderWayAndMayBeRepeated() throws Exception {
        Lab lab = virtual();
        run(lab, "cable near delay 30s");
        run(lab, "left ping -c 1 10.0.2.2");
        assertThat(lab.lent()).isPositive();
        lab.close();
        lab.close();
    }
}
