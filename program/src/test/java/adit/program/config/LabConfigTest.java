package adit.program.config;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import adit.lab.CableSpec;
import adit.lab.HostSpec;
import adit.lab.LabSpec;
import adit.lab.LineSpec;
import adit.lab.ProgramSpec;
import adit.wire.IpAddress;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class LabConfigTest {
    private static List<String> problems(String text) {
        return LabConfig.read("net.yaml", text.getBytes(UTF_8)).problems().stream()
                .map(Object::toString)
                .toList();
    }

    private static LabSpec lab(String text) {
        Reading<LabSpec> outcome = LabConfig.read("some/net.yaml", text.getBytes(UTF_8));
        assertThat(outcome.problems()).isEmpty();
        return outcome.config().orElseThrow();
    }

    @Test
    void readsEveryKey() {
        LabSpec lab = lab("""
                name: two
                description: two hosts
                time: real
                seed: 9
                hosts:
                  - name: a
                    sysctl: { net.ipv4.ip_forward: 1 }
                    ip:
                      - link set eth0 up
                      - addr add 10.0.0.1/24 dev eth0
                    programs:
                      - { type: echo }
                      - { type: echo, port: 77 }
                      - { type: ping, to: 10.0.0.2, interval: 200ms }
                      - { type: ping, to: "2001:db8::1" }
                  - { name: b }
                cables:
                  - name: wire
                    ends: [a:eth0, b:eth7]
                    mtu: 900
                    loss: 5%
                    delay: 10ms
                    rate: 1.5mbit
                    queue: 20
                """);
        assertThat(lab)
                .isEqualTo(new LabSpec(
                        "two",
                        "two hosts",
                        LabSpec.Time.REAL,
                        9,
                        List.of(
                                new HostSpec(
                                        "a",
                                        List.of(new HostSpec.Sysctl("net.ipv4.ip_forward", 1, "some/net.yaml:7:36")),
                                        List.of(
                                                new HostSpec.Command("link set eth0 up", "some/net.yaml:9:9"),
                                                new HostSpec.Command(
                                                        "addr add 10.0.0.1/24 dev eth0", "some/net.yaml:10:9")),
                                        List.of(
                                                new ProgramSpec.Echo(7),
                                                new ProgramSpec.Echo(77),
                                                new ProgramSpec.Ping(IpAddress.parse("10.0.0.2"), 200_000_000),
                                                new ProgramSpec.Ping(IpAddress.parse("2001:db8::1"), 1_000_000_000))),
                                new HostSpec("b", List.of(), List.of(), List.of())),
                        List.of(new CableSpec(
                                "wire",
                                new CableSpec.Plug("a", "eth0"),
                                new CableSpec.Plug("b", "eth7"),
                                900,
                                new LineSpec(0.05, 10_000_000, 1_500_000, 20)))));
    }

    @Test
    void whatIsNotSaidIsUsual() {
        LabSpec lab = lab("hosts: [{name: a}, {name: b}]\ncables: [{name: w, ends: [a:x, b:y]}]");
        assertThat(lab.name()).as("the file's").isEqualTo("net");
        assertThat(lab.time()).isEqualTo(LabSpec.Time.VIRTUAL);
        assertThat(lab.cables().getFirst().mtu()).isEqualTo(1500);
        assertThat(lab.cables().getFirst().line()).isEqualTo(LineSpec.PERFECT);
    }

    @Test
    void tellsEveryMistakeWhereItStands() {
        assertThat(problems("""
                naem: x
                time: vritual
                hosts:
                  - name: left
                    sysctl: { net.ipv4.ip_forwad: 1, net.ipv6.conf.all.forwarding: 2 }
                    ip:
                      - ip link set eth0 up
                      - link set "eth0
                      - 7
                    programs:
                      - { type: pign, to: 10.0.0.1 }
                      - { type: echo, to: 10.0.0.1 }
                      - { type: ping }
                      - { type: ping, to: 10.0.0.300, interval: 1us }
                  - name: left
                  - name: 7up
                cables:
                  - name: w
                    ends: [left:eth0, rihgt:eth0]
                    loss: 5
                    delay: 61s
                    rate: fast
                    queue: 0
                    mtu: 20
                  - { name: w, ends: [left:eth0, left:lo] }
                  - { name: v, ends: [left] }
                  - { name: u, ends: left:eth3 }
                  - { name: t }
                """))
                .containsExactly(
                        "net.yaml:1:1: unknown key \"naem\" in a lab, did you mean \"name\"?",
                        "net.yaml:2:7: unknown time \"vritual\", did you mean \"virtual\"?",
                        "net.yaml:5:15: unknown key \"net.ipv4.ip_forwad\" in sysctl,"
                                + " did you mean \"net.ipv4.ip_forward\"?",
                        "net.yaml:5:68: net.ipv6.conf.all.forwarding is a number from 0 to 1, not 2",
                        "net.yaml:7:9: leave \"ip\" away, did you mean \"link set eth0 up\"?",
                        "net.yaml:8:9: a quote is not closed",
                        "net.yaml:9:9: expected a command line of ip, such as link set eth0 up, not the number 7;"
                                + " put it in quotes if it is meant as text",
                        "net.yaml:11:17: unknown program type \"pign\", did you mean \"ping\"?",
                        "net.yaml:12:23: \"to\" is not for a program of type echo",
                        "net.yaml:13:9: a program needs \"to\"",
                        "net.yaml:14:27: not an IPv4 address: \"10.0.0.300\" (a number from 0 to 255 expected at position 8;"
                                + " expected four numbers from 0 to 255 such as 192.0.2.1)",
                        "net.yaml:14:49: interval is at least 1ms",
                        "net.yaml:15:5: a second host named left; the first is in line 4",
                        "net.yaml:16:11: a host's name is 1 to 40 letters, digits, '-', '_' and '.',"
                                + " beginning with a letter, not \"7up\"",
                        "net.yaml:19:23: there is no host \"rihgt\"; known are left",
                        "net.yaml:20:11: expected a share such as 5%, not the number 5;"
                                + " put it in quotes if it is meant as text",
                        "net.yaml:21:12: delay is at most 60s",
                        "net.yaml:22:11: expected a rate such as 64kbit, 10mbit or 1gbit, not \"fast\"",
                        "net.yaml:23:12: queue is a number from 1 to 10000, not 0",
                        "net.yaml:24:10: mtu is a number from 68 to 65535, not 20",
                        "net.yaml:25:7: a second cable named w; the first is in line 18",
                        "net.yaml:25:23: a second cable in left:eth0; the first is in line 19",
                        "net.yaml:25:34: a device's name is 1 to 15 characters without blanks, '/' and ':',"
                                + " and not lo, not \"lo\"",
                        "net.yaml:26:22: a cable has two ends, such as [left:eth0, right:eth0], not 1",
                        "net.yaml:26:23: expected HOST:DEVICE, such as left:eth0, not \"left\"",
                        "net.yaml:27:22: ends is a list, not \"left:eth3\", did you mean [left:eth3]?",
                        "net.yaml:28:5: a cable needs \"ends\", such as [left:eth0, right:eth0]");
    }

    @Test
    void aLabNeedsHosts() {
        assertThat(problems("")).containsExactly("net.yaml:1:1: empty; expected \"hosts:\" and a list");
        assertThat(problems("name: x")).containsExactly("net.yaml:1:1: a lab needs \"hosts\", a list");
        assertThat(problems("hosts: []")).containsExactly("net.yaml:1:8: no host in the list");
        assertThat(problems("hosts: [{}]")).containsExactly("net.yaml:1:9: a host needs \"name\"");
    }

    @Test
    void takesAnyOctetsWithoutThrowing() throws Exception {
        byte[] sound = LabConfigTest.class
                .getResourceAsStream("/adit/program/labs/two-sites.yaml")
                .readAllBytes();
        Random random = new Random(3);
        int refused = 0;
        for (int i = 0; i < 3000; i++) {
            byte[] octets = sound.clone();
            for (int change = random.nextInt(4); change >= 0; change--) {
                octets[random.nextInt(octets.length)] = (byte) random.nextInt();
            }
            Reading<LabSpec> outcome = LabConfig.read("net.yaml", octets);
            assertThat(outcome.config().isPresent()).isEqualTo(outcome.errors() == 0);
            refused += outcome.config().isPresent() ? 0 : 1;
        }
        assertThat(refused).isBetween(300, 2999);
    }

    @Test
    void aFileWhoseNameCantBeTheLabsNeedsOne() {
        byte[] text = "hosts: [{name: a}]".getBytes(UTF_8);
        assertThat(LabConfig.read("7.yaml", text).problems().toString())
                .contains("7.yaml:1:1: a lab needs \"name\", since the file's name can't be it");
    }
}
