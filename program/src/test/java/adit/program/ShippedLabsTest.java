package adit.program;

import static org.assertj.core.api.Assertions.assertThat;

import adit.lab.Lab;
import adit.lab.LabShell;
import adit.lab.LabSpec;
import adit.program.config.LabConfig;
import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// The labs that come with Adit do what their first lines say.
@Timeout(120)
class ShippedLabsTest {
    private static Lab open(String name, LabSpec.Time time) throws Exception {
        byte[] file = ShippedLabs.file(name).orElseThrow();
        return Lab.open(LabConfig.read(name, file).config().orElseThrow().on(time));
    }

    private static String run(Lab lab, int expected, String line) {
        StringWriter said = new StringWriter();
        PrintWriter writer = new PrintWriter(said);
        int code = new LabShell(lab).run(line, writer, writer);
        assertThat(code).as(line + "\n" + said).isEqualTo(expected);
        return said.toString();
    }

    @ParameterizedTest
    @EnumSource(LabSpec.Time.class)
    void twoSitesReachEachOtherByTheTunnelAlone(LabSpec.Time time) throws Exception {
        try (Lab lab = open("two-sites", time)) {
            assertThat(run(lab, 0, "alice ping -c 2 -i 500ms 10.2.0.2")).contains("ttl=62", " 2 received");
            assertThat(run(lab, 0, "alice udp 10.2.0.2 7 hello")).isEqualTo("10.2.0.2:7 answers: hello\n");
            run(lab, 0, "left ip link set site-b down");
            run(lab, 1, "alice ping -c 1 10.2.0.2");
        }
    }

    @Test
    void betweenTwoSitesPacketsAreInsideOthers() throws Exception {
        try (Lab lab = open("two-sites", LabSpec.Time.VIRTUAL)) {
            assertThat(run(lab, 0, "trace alice any 10.2.0.2"))
                    .contains("left       encapsulates  site-b puts 20 octets in front")
                    .containsPattern(
                            "internet +eth1 out +IPv4 192.0.2.1 > 198.51.100.1 ttl 63 .* / IPv4 10.1.0.2 > 10.2.0.2");
            // 1480 octets are what is left of 1500; alice is told, and remembers.
            assertThat(run(lab, 1, "trace alice any 10.2.0.2 size 1460 df")).contains("fragmentation needed");
            assertThat(run(lab, 0, "alice ping -c 1 -s 1460 10.2.0.2")).contains("1468 bytes from 10.2.0.2");
            assertThat(lab.lent()).isZero();
        }
    }

    @Test
    void aRouterForwardsBetweenTwoHosts() throws Exception {
        try (Lab lab = open("routed", LabSpec.Time.VIRTUAL)) {
            assertThat(run(lab, 0, "alice ping -c 1 10.2.0.2")).contains("ttl=63");
            assertThat(run(lab, 1, "trace alice any 10.2.0.2 size 1400 df")).contains("[IP_TOO_BIG]");
        }
    }

    @Test
    void spokesReachTheHubAndEachOtherThroughIt() throws Exception {
        try (Lab lab = open("hub", LabSpec.Time.VIRTUAL)) {
            for (int spoke = 1; spoke <= 3; spoke++) {
                assertThat(run(lab, 0, "hub ping -c 1 10.1." + spoke + ".1")).contains("ttl=64", " 1 received");
            }
            assertThat(run(lab, 0, "spoke1 ping -c 2 10.1.3.1")).contains("ttl=63", " 2 received");
            assertThat(run(lab, 0, "trace spoke1 any 10.1.3.1"))
                    .containsPattern("hub +encapsulates +spokes puts 20 octets in front")
                    .containsPattern("hub +eth0 out +IPv4 192.0.2.1 > 198.18.0.1 ttl 64 .* / IPv4 10.1.1.1 > 10.1.3.1");
            assertThat(run(lab, 0, "hub ip -d link show spokes")).contains("ipip external");
            assertThat(lab.lent()).isZero();
            run(lab, 0, "hub sysctl net.ipv4.conf.spokes.send_redirects=1");
            assertThat(run(lab, 0, "trace spoke1 any 10.1.3.1"))
                    .contains("ICMP redirect to 10.1.3.1", "ICMP echo reply");
        }
    }

    @Test
    void labelsGoThroughUdpBehindANarrowLink() throws Exception {
        try (Lab lab = open("mpls", LabSpec.Time.VIRTUAL)) {
            assertThat(run(lab, 0, "alice ping -c 2 10.2.0.2")).contains(" 2 received");
            assertThat(run(lab, 0, "trace alice any 10.2.0.2"))
                    .containsPattern("left +eth1 out +IPv4 192.0.2.1 > 192.0.2.2 .* / UDP 5555 > 5555");
            assertThat(run(lab, 0, "left ip fou show")).isEqualTo("port 5555 ipproto 137\n");
            // 1 Mbit/s: a large packet takes longer to leave than a small one.
            assertThat(run(lab, 1, "trace alice any 10.2.0.2 size 1400 df")).contains("fragmentation needed");
            assertThat(lab.lent()).isZero();
        }
    }
}
