package adit.program.config;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import adit.linux.IdleStrategy;
import adit.program.config.TunnelConfig.OffloadUse;
import adit.tunnel.Carrier;
import adit.tunnel.Carrier.UdpChecksum;
import adit.tunnel.Mode;
import adit.tunnel.PathMtu;
import adit.tunnel.Tos;
import adit.tunnel.Ttl;
import adit.wire.Ip4Address;
import adit.wire.Ip4Prefix;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class UpConfigTest {
    private static final Path DOCS = Path.of("").toAbsolutePath().getParent().resolve("docs");

    private static Reading<UpConfig> read(String text) {
        return UpConfig.read("f", text.getBytes(UTF_8));
    }

    /// Each problem as one line `line:column: message`.
    private static List<String> problems(String text) {
        return read(text).problems().stream()
                .map(p -> p.toString().substring("f:".length()))
                .toList();
    }

    private static TunnelConfig only(String text) {
        Reading<UpConfig> outcome = read(text);
        assertThat(outcome.problems()).isEmpty();
        assertThat(outcome.config().orElseThrow().tunnels()).hasSize(1);
        return outcome.config().orElseThrow().tunnels().getFirst();
    }

    /// A tunnel that is right but for the lines added, which stand from line 4 on.
    private static String tunnel(String... lines) {
        StringBuilder b = new StringBuilder("tunnels:\n  - name: t\n    remote: 198.51.100.7\n");
        for (String line : lines) {
            b.append("    ").append(line).append('\n');
        }
        return b.toString();
    }

    @Test
    void readsEveryKeyOfTheExample() throws IOException {
        Reading<UpConfig> outcome = UpConfig.read("f", Files.readAllBytes(DOCS.resolve("tunnels.yaml")));
        assertThat(outcome.problems()).isEmpty();
        List<TunnelConfig> tunnels = outcome.config().orElseThrow().tunnels();
        assertThat(tunnels).hasSize(3);

        TunnelConfig siteB = tunnels.get(0);
        assertThat(siteB.spec().name()).isEqualTo("site-b");
        assertThat(siteB.spec().mode()).isEqualTo(Mode.IPIP);
        assertThat(siteB.spec().local().bits()).isEqualTo(0xc000_0201);
        assertThat(siteB.spec().remote().bits()).isEqualTo(0xc633_6407);
        assertThat(siteB.spec().carrier()).isEqualTo(new Carrier.Fou(5555, 5555, UdpChecksum.OFF));
        assertThat(siteB.spec().ttl()).isEqualTo(Ttl.INHERIT);
        assertThat(siteB.spec().tos()).isEqualTo(Tos.INHERIT);
        assertThat(siteB.spec().pathMtu()).isEqualTo(PathMtu.DISCOVER);
        assertThat(siteB.mtu()).isEmpty();
        assertThat(siteB.addresses()).containsExactly(new InterfaceAddress(Ip4Address.of(10, 1, 0, 1), 30));
        assertThat(siteB.routes())
                .containsExactly(new RouteConfig(Ip4Prefix.of(Ip4Address.of(10, 2, 0, 0), 16), Optional.empty()));
        assertThat(siteB.queues()).isEqualTo(1);
        assertThat(siteB.offload()).isEqualTo(OffloadUse.AUTO);
        assertThat(siteB.idle()).isEqualTo(IdleStrategy.POLL);

        TunnelConfig hub = tunnels.get(1);
        assertThat(hub.spec().remote()).isEqualTo(Ip4Address.ANY);
        assertThat(hub.routes().get(1).via()).contains(Ip4Address.of(198, 51, 100, 10));

        TunnelConfig dual = tunnels.get(2);
        assertThat(dual.spec().mode()).isEqualTo(Mode.ANY);
        assertThat(dual.spec().carrier()).isEqualTo(new Carrier.Gue(6080, 6080, UdpChecksum.OFF));
        assertThat(dual.spec().ttl()).isEqualTo(Ttl.fixed(64));
        assertThat(dual.addresses().get(1)).hasToString("2001:db8:3::1/64");
        assertThat(dual.routes().get(1)).hasToString("2001:db8:4::/48");
    }

    @Test
    void theExampleShowsEveryKeyThatThereIs() throws IOException {
        String example = Files.readString(DOCS.resolve("tunnels.yaml"));
        for (List<String> keys : List.of(TunnelReader.KEYS, CarrierReader.KEYS, RouteReader.KEYS)) {
            assertThat(keys).allSatisfy(key -> assertThat(example).contains(key + ": "));
        }
    }

    @Test
    void leavesOutMeansTheDefault() {
        TunnelConfig t = only("tunnels: [{name: t, remote: 198.51.100.7}]");
        assertThat(t.spec().mode()).isEqualTo(Mode.IPIP);
        assertThat(t.spec().local()).isEqualTo(Ip4Address.ANY);
        assertThat(t.spec().carrier()).isEqualTo(new Carrier.Direct());
        assertThat(t.spec().ttl()).isEqualTo(Ttl.INHERIT);
        assertThat(t.spec().tos()).isEqualTo(Tos.INHERIT);
        assertThat(t.spec().pathMtu()).isEqualTo(PathMtu.DISCOVER);
        assertThat(t.mtu()).isEmpty();
        assertThat(t.addresses()).isEmpty();
        assertThat(t.routes()).isEmpty();
        assertThat(t.queues()).isEqualTo(1);
        assertThat(t.offload()).isEqualTo(OffloadUse.AUTO);
    }

    @Test
    void readsWhatDiffersFromTheDefault() {
        TunnelConfig t = only(tunnel(
                "mode: mplsip",
                "local: 192.0.2.1",
                "carrier: {type: gue, port: 1, peer-port: 65535, checksum: true}",
                "ttl: 0xff",
                "tos: 0x28",
                "mtu: 1400",
                "queues: 256",
                "offload: off",
                "idle: busy"));
        assertThat(t.spec().mode()).isEqualTo(Mode.MPLSIP);
        assertThat(t.spec().carrier()).isEqualTo(new Carrier.Gue(1, 65535, UdpChecksum.ON));
        assertThat(t.spec().ttl()).isEqualTo(Ttl.fixed(255));
        assertThat(t.spec().tos()).isEqualTo(new Tos(40));
        assertThat(t.mtu()).isEqualTo(OptionalInt.of(1400));
        assertThat(t.queues()).isEqualTo(256);
        assertThat(t.offload()).isEqualTo(OffloadUse.OFF);
        assertThat(t.idle()).isEqualTo(IdleStrategy.BUSY);
        assertThat(only(tunnel("pmtudisc: false")).spec().pathMtu()).isEqualTo(PathMtu.IGNORE);
    }

    @Test
    void reportsAllMistakesOfAFileInItsOrder() {
        assertThat(problems("""
                        tunnels:
                          - name: site-b
                            locl: 192.0.2.1
                            remote: 198.51.100.7
                            ttl: 256
                            queues: none
                          - mode: ipp
                            remote: 10.0.0.0.1
                            carrier: { type: fuo, port: "5555" }
                          - name: site-b
                            remote: 198.51.100.8
                        extra: 1
                        """))
                .containsExactly(
                        "3:5: unknown key \"locl\" in a tunnel, did you mean \"local\"?",
                        "5:10: ttl is inherit or a number from 1 to 255, not 256",
                        "6:13: queues is a number from 1 to 256, not \"none\"",
                        "7:5: a tunnel needs \"name\", which is its device's",
                        "7:11: unknown mode \"ipp\", did you mean \"ipip\"?",
                        "8:13: not an IPv4 address: \"10.0.0.0.1\" (nothing more expected at position 9; expected four "
                                + "numbers from 0 to 255 such as 192.0.2.1)",
                        "9:22: unknown carrier type \"fuo\", did you mean \"fou\"?",
                        "9:33: port is a number from 1 to 65535, not \"5555\"; leave the quotes away",
                        "10:5: a second tunnel named site-b; the first is in line 2",
                        "12:1: unknown key \"extra\" in the file; known are tunnels");
    }

    @Test
    void nothingComesOutOfAFileWithAnError() {
        assertThat(read(tunnel("ttl: 256")).config()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                // YAML 1.2: what looks like a word of YAML 1.1
                "checksum: yes    | 4:45: checksum is true or false, not \"yes\", did you mean true?",
                "checksum: off    | 4:45: checksum is true or false, not \"off\", did you mean false?",
                "checksum: 1      | 4:45: checksum is true or false, not the number 1, did you mean true?",
                "checksum: \"true\" | 4:45: checksum is true or false, not \"true\", did you mean true?",
                "checksum:        | 4:44: checksum is true or false, not nothing",
                "peer-port: 0     | 4:46: peer-port is a number from 1 to 65535, not 0",
                "peer-port: 65536 | 4:46: peer-port is a number from 1 to 65535, not 65536",
                "peer-port: 99999999999999999999 | 4:46: peer-port is a number from 1 to 65535, not 99999999999999999999",
                "peer-port: -1    | 4:46: peer-port is a number from 1 to 65535, not -1",
                "peer-port: 5.5   | 4:46: peer-port is a number from 1 to 65535, not the number 5.5",
                "peer-port: 5_555 | 4:46: peer-port is a number from 1 to 65535, not \"5_555\"",
                "peer-port: 0777  | 4:46: 0777 has a leading zero, which some programs read as octal; write it without, or 0o777 for octal",
                "peer_port: 1     | 4:35: unknown key \"peer_port\" in a carrier, did you mean \"peer-port\"?",
            })
    void saysWhatIsWrongInACarrier(String entry, String problem) {
        assertThat(problems(tunnel("carrier: {type: fou, port: 1, " + entry + "}")))
                .containsExactly(problem);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "ttl: 0            | 4:10: ttl is inherit or a number from 1 to 255, not 0",
                "ttl: inherited    | 4:10: ttl is inherit or a number from 1 to 255, not \"inherited\", did you mean inherit?",
                "mtu: auot         | 4:10: mtu is auto or a number from 68 to 65515, not \"auot\", did you mean auto?",
                "ttl: [64]         | 4:10: ttl is inherit or a number from 1 to 255, not a list",
                "tos: 256          | 4:10: tos is inherit or a number from 0 to 255, not 256",
                "tos: '0x10'       | 4:10: tos is inherit or a number from 0 to 255, not \"0x10\"; leave the quotes away",
                "mtu: 67           | 4:10: mtu is auto or a number from 68 to 65515, not 67",
                "mtu: 65516        | 4:10: mtu is auto or a number from 68 to 65515, not 65516",
                "queues: 257       | 4:13: queues is a number from 1 to 256, not 257",
                "offload: false    | 4:14: offload is one of auto, off, not false, did you mean off?",
                "idle: bussy       | 4:11: unknown idle \"bussy\", did you mean \"busy\"?",
                "offload: of       | 4:14: unknown offload \"of\", did you mean \"off\"?",
                "mode: 4           | 4:11: mode is one of ipip, mplsip, any, not the number 4",
                "mode: xyz         | 4:11: unknown mode \"xyz\"; known are ipip, mplsip, any",
                "local: 224.0.0.1  | 4:12: local 224.0.0.1 is not the address of one host",
                "local: 10.0       | 4:12: expected an IPv4 address or any, not the number 10.0; put it in quotes if it is meant as text",
                "local: ::1        | 4:12: local ::1 is an IPv6 address, and tunnels go over IPv4",
                "local: 198.51.100.7 | 3:5: local and remote are both 198.51.100.7; local is an address of this host, remote one of the peer's",
                "addresses: 10.1.0.1/30 | 4:16: addresses is a list, not \"10.1.0.1/30\", did you mean [10.1.0.1/30]?",
                "addresses: [10.1.0.1/33] | 4:17: not an IPv4 interface address: \"10.1.0.1/33\" (a prefix length from 0 to 32 expected at position 10; expected an address and a prefix length such as 10.1.0.1/30)",
                "addresses: [127.0.0.1/8] | 4:17: 127.0.0.1 can't be a device's address",
                "addresses: [10.1.0.1/30, 10.1.0.1/24] | 4:30: 10.1.0.1 a second time",
                "addresses: [fd00::1/64] | 4:17: fd00::1/64 is IPv6, which only mode: any carries",
                "routes: [10.2.0.1/16] | 4:14: not an IPv4 prefix: 10.2.0.1/16 (bits behind the prefix are set; the network is 10.2.0.0/16)",
                "routes: [fd00::/8]  | 4:14: fd00::/8 is IPv6, which only mode: any carries",
                "routes: [{to: 10.2.0.0/16, via: 1.2.3.4}] | 4:14: via is for remote: any; here all packets go to remote 198.51.100.7",
                "routes: [{via: 1.2.3.4}] | 4:14: a route needs \"to\"",
                "routes: [10.2.0.0/16, 10.2.0.0/16] | 4:27: a second route to 10.2.0.0/16; the first is in line 4",
                "routes: [224.0.0.0/4] | 4:14: 224.0.0.0/4 is multicast, which a route to one peer can't carry",
                "routes:           | 4:12: routes is a list, not nothing; write [] for none",
                "carrier: fou      | 4:14: a carrier is a mapping, did you mean { type: fou, port: 5555 }?",
                "carrier: {type: fou} | 4:14: a carrier needs \"port\", the UDP port that it receives on",
                "carrier: {port: 5555} | 4:15: \"port\" is for type fou and gue; this carrier is direct",
                "remote: 1.2.3.4   | 4:5: \"remote\" a second time; the first is in line 3",
                "adresses: []      | 4:5: unknown key \"adresses\" in a tunnel, did you mean \"addresses\"?",
                "NAME: x           | 4:5: unknown key \"NAME\" in a tunnel, did you mean \"name\"?",
                "[a, b]: c         | 4:5: a key is a word, not a list",
                "routes: !x []     | 4:13: routes is a list, not a list with the tag !x",
            })
    void saysWhatIsWrongInATunnel(String entry, String problem) {
        assertThat(problems(tunnel(entry))).containsExactly(problem);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "abcdefghijklmnop | 1:18: \"abcdefghijklmnop\" has 16 octets, and a device's name at most 15",
                "\"äöüäöüäö\"      | 1:18: \"äöüäöüäö\" has 16 octets, and a device's name at most 15",
                "\"\"             | 1:18: an empty name",
                "\"a b\"          | 1:18: a device's name has no blank, did you mean \"a-b\"?",
                "a/b              | 1:18: a device's name has no '/', did you mean \"a-b\"?",
                "\"a:b\"          | 1:18: a device's name has no ':', did you mean \"a-b\"?",
                "tun%d            | 1:18: a device's name has no '%', did you mean \"tun-d\"?",
                "\"a\\tb\"        | 1:18: a device's name has no '?', did you mean \"a-b\"?",
                "\"é\"          | 1:18: a device's name has no 'é'; printable ASCII such as site-b is right",
                "..               | 1:18: \"..\" can't be a device's name",
                "all              | 1:18: \"all\" can't be a device's name",
                "7                | 1:18: expected a name, not the number 7; put it in quotes if it is meant as text",
                "true             | 1:18: expected a name, not true; put it in quotes if it is meant as text",
                "~                | 1:18: expected a name, not nothing",
            })
    void refusesNamesThatNoDeviceCanHave(String name, String problem) {
        assertThat(problems("tunnels: [{name: " + name + ", remote: 1.2.3.4}]")).containsExactly(problem);
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "abcdefghijklmno", "\"7\"", "eth0.5", "off", "yes", "a~b"})
    void takesNamesThatADeviceCanHave(String name) {
        assertThat(only("tunnels: [{name: " + name + ", remote: 1.2.3.4}]")
                        .spec()
                        .name())
                .isEqualTo(name.replace("\"", ""));
    }

    @ParameterizedTest
    @CsvSource({"direct,65515", "fou,65507", "gue,65503"})
    void theLargestMtuLeavesRoomForTheCarrier(String type, int largest) {
        String port = type.equals("direct") ? "" : ", port: 1";
        String carrier = "carrier: {type: " + type + port + "}";
        assertThat(only(tunnel(carrier, "mtu: " + largest)).mtu()).hasValue(largest);
        assertThat(problems(tunnel(carrier, "mtu: " + (largest + 1)))).hasSize(1);
        assertThat(only(tunnel(carrier, "mtu: 68")).mtu()).hasValue(68);
    }

    @Test
    void aRemoteOfAnyNeedsRoutesWithViaEach() {
        String any = "tunnels:\n  - name: t\n    remote: any\n";
        assertThat(problems(any))
                .containsExactly(
                        "3:5: remote: any needs routes with via, such as { to: 10.2.0.0/16, via: 198.51.100.9 }, "
                                + "which say where packets go");
        assertThat(problems(any + "    routes: [10.2.0.0/16, {to: 10.3.0.0/16, via: 1.2.3.4}]\n"))
                .containsExactly(
                        "4:14: remote is any, so this route needs via, the peer: { to: 10.2.0.0/16, via: ADDRESS }");
        assertThat(problems(any + "    routes: [{to: 10.3.0.0/16, via: any}]\n"))
                .singleElement()
                .asString()
                .startsWith("4:37: not an IPv4 address: \"any\"");
    }

    @Test
    void aFixedTtlNeedsPathMtuDiscovery() {
        assertThat(problems(tunnel("ttl: 64", "pmtudisc: false")))
                .containsExactly(
                        "5:5: pmtudisc: false needs ttl: inherit; with a fixed ttl and no DF the packets of a loop "
                                + "would multiply");
        assertThat(problems(tunnel("ttl: 64", "pmtudisc: true"))).isEmpty();
    }

    @Test
    void twoTunnelsMustDifferInWhatTellsTheirPacketsApart() {
        String one = "tunnels:\n- {name: a, local: 1.1.1.1, remote: 2.2.2.2, carrier: {type: fou, port: 5}}\n";
        assertThat(
                        problems(
                                one
                                        + "- {name: b, local: 1.1.1.1, remote: 2.2.2.2, mode: mplsip, carrier: {type: fou, port: 5, peer-port: 6}}\n"))
                .containsExactly(
                        "3:29: a second tunnel with local 1.1.1.1, remote 2.2.2.2, fou port 5, so that nothing tells "
                                + "whose a received packet is; the first is in line 2");
        assertThat(problems(one + "- {name: b, local: 1.1.1.1, remote: 2.2.2.2}\n"))
                .isEmpty();
        assertThat(problems(one + "- {name: b, local: 1.1.1.1, remote: 2.2.2.2, carrier: {type: fou, port: 6}}\n"))
                .isEmpty();
        assertThat(problems(one + "- {name: b, remote: 2.2.2.2, carrier: {type: fou, port: 5}}\n"))
                .isEmpty();
    }

    @Test
    void oneUdpPortIsEitherFouOrGue() {
        String one = "tunnels:\n- {name: a, local: 1.1.1.1, remote: 2.2.2.2, carrier: {type: fou, port: 5}}\n";
        assertThat(problems(one + "- {name: b, remote: 2.2.2.3, carrier: {type: gue, port: 5}}\n"))
                .containsExactly("3:30: UDP port 5 is to be gue here and fou in line 2");
        assertThat(problems(one + "- {name: b, local: 1.1.1.2, remote: 2.2.2.3, carrier: {type: gue, port: 5}}\n"))
                .isEmpty();
    }

    @Test
    void warnsOfAPeerThatIsReachedThroughItsOwnTunnel() {
        Reading<UpConfig> outcome = read(tunnel("routes: [198.51.0.0/16]"));
        assertThat(outcome.config()).isPresent();
        assertThat(outcome.errors()).isZero();
        assertThat(outcome.problems())
                .singleElement()
                .asString()
                .startsWith("f:4:5: warning: the peer 198.51.100.7 is inside the route 198.51.0.0/16");
    }

    @Test
    void warnsOfAnAddressWithoutALength() {
        Reading<UpConfig> outcome = read(tunnel("addresses: [10.1.0.1]"));
        assertThat(outcome.problems())
                .singleElement()
                .hasToString(
                        "f:4:17: warning: 10.1.0.1 has no length and is taken for 10.1.0.1/32, which makes nothing else "
                                + "reachable; write the length to say so, or that of its network");
        assertThat(outcome.config().orElseThrow().tunnels().getFirst().addresses())
                .containsExactly(new InterfaceAddress(Ip4Address.of(10, 1, 0, 1), 32));
        assertThat(only(tunnel("addresses: [10.1.0.1/32]")).addresses()).hasSize(1);
    }

    @Test
    void aTypoInAnyKeyIsAnsweredByThatKey() {
        SplittableRandom dice = new SplittableRandom(5);
        for (String key : TunnelReader.KEYS) {
            for (int i = 0; i < 20 && key.length() > 3; i++) {
                int at = dice.nextInt(key.length() - 1);
                String typo = switch (dice.nextInt(3)) {
                    case 0 -> key.substring(0, at) + key.charAt(at + 1) + key.charAt(at) + key.substring(at + 2);
                    case 1 -> key.substring(0, at) + key.substring(at + 1);
                    default -> key.substring(0, at) + 'q' + key.substring(at);
                };
                if (!TunnelReader.KEYS.contains(typo)) {
                    assertThat(problems("tunnels: [{" + typo + ": 1}]"))
                            .contains("1:12: unknown key \"" + typo + "\" in a tunnel, did you mean \"" + key + "\"?");
                }
            }
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "``                       | 1:1: empty; expected \"tunnels:\" and a list",
                "`# nothing\n`            | 1:1: empty; expected \"tunnels:\" and a list",
                "`tunnels:\n`             | 1:9: tunnels is a list, not nothing; write [] for none",
                "`tunnels: []\n`          | 1:10: no tunnel in the list",
                "`- a\n`                  | 1:1: the file is a mapping with the keys tunnels, not a list",
                "`tunnels:\n\t- name: x\n`  | 2:1: a tab; YAML is indented with spaces",
                "`tunnels: []\n---\na: 1`   | 2:1: a second document; put all tunnels into one list",
                "`tunnels: *x`            | 1:10: *x stands for what &x marks further up; nothing does",
                "`tunnels: [`             | 1:11: the file ends within a list or mapping; a bracket is not closed",
                "`tunnels: ]`             | 1:10: a value is expected, not ']'",
                "`tunnels:\n- a b: [1\n  c: 2` | 2:8: '[' is not closed by ']': in line 3 stands ':' instead",
                "`tunnels:\n- { a: 1, b: 2 ]` | 2:3: '{' is not closed by '}': in line 2 stands ']' instead",
                "`tunnels:\n- name: \"x\n  mtu: 5` | 2:9: a quote that is not closed",
                "`tunnels:\n- name: \"\\q\"`   | 2:11: \\q means nothing between double quotes; write \\\\ for a backslash, or use single quotes",
                "`tunnels:\n- name: @x`    | 2:9: a text that begins with '@' needs quotes",
                "`tunnels:\n- name: x\n  mtu 5` | 3:3: neither a key nor a value; a colon and a blank part them, as in \"mtu: 1400\"",
                "`tunnels:\n- name: x\n    mtu: 5` | 3:8: no key can stand here; has the line above a colon and a blank, and is this one indented like it?",
                "`%YAML 2.0\n---\ntunnels: []` | 1:1: a %YAML line of another version than 1.2; leave it away",
                "`a\u0001b`               | 1:2: character U+0001 is not allowed in YAML",
                "`tunnels:\n- name: a: b`   | 2:10: a second colon in a line; put a text with a colon in it in quotes",
                "`tunnels:\n  - name: x\n   mode: a` | 3:4: belongs to nothing above; is it indented like its neighbours in the list that begins in line 2?",
            })
    void saysWhereAFileIsNoYaml(String text, String problem) {
        assertThat(problems(text)).containsExactly(problem);
    }

    @Test
    void saysWhereAFileIsNotUtf8() {
        byte[] octets = "tunnels:\n  - name: x # caf\u00e9 \u00e9\n".getBytes(ISO_8859_1);
        assertThat(UpConfig.read("dir/f.yaml", octets).problems())
                .singleElement()
                .hasToString("dir/f.yaml:2:18: not UTF-8: octet 0xe9; save the file in that encoding");
    }

    @Test
    void columnsCountCharactersAndNotOctets() {
        assertThat(problems("tunnels: [{name: \"ä😀\", ttl: 0, remote: 1.2.3.4}]"))
                .containsExactly(
                        "1:18: a device's name has no 'ä'; printable ASCII such as site-b is right",
                        "1:29: ttl is inherit or a number from 1 to 255, not 0");
    }

    @Test
    void partsMayBeNamedAndUsedAgain() {
        Reading<UpConfig> outcome = read("""
                tunnels:
                  - &first
                    name: a
                    remote: 198.51.100.7
                    carrier: &fou {type: fou, port: 5555}
                    ttl: 9
                  - <<: *first
                    name: b
                    remote: 198.51.100.8
                  - {name: c, remote: 198.51.100.9, carrier: *fou}
                """);
        assertThat(outcome.problems()).isEmpty();
        List<TunnelConfig> tunnels = outcome.config().orElseThrow().tunnels();
        assertThat(tunnels).allMatch(t -> t.spec().carrier() instanceof Carrier.Fou);
        assertThat(tunnels).extracting(t -> t.spec().name()).containsExactly("a", "b", "c");
        assertThat(tunnels).extracting(t -> t.spec().ttl().value()).containsExactly(9, 9, 0);
    }

    @Test
    void boundsWhatItReads() {
        assertThat(problems("#".repeat(UpConfig.MAX_SIZE + 1)))
                .containsExactly("1:1: larger than 1024 KiB; is this the right file?");
        assertThat(problems("[".repeat(500_000))).containsExactly("1:21: nested deeper than 20 levels");
        assertThat(problems("- ".repeat(500_000))).containsExactly("1:41: nested deeper than 20 levels");
        assertThat(problems("? ".repeat(500_000))).singleElement().asString().endsWith("nested deeper than 20 levels");
        StringBuilder bomb = new StringBuilder("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
        for (int i = 1; i < 15; i++) {
            bomb.append("a%d: &a%d [".formatted(i, i))
                    .append("*a%d, ".formatted(i - 1).repeat(10))
                    .append("]\n");
        }
        assertThat(problems(bomb + "tunnels: *a14\n")).isNotEmpty().hasSizeLessThan(30);
        StringBuilder merges = new StringBuilder("tunnels:\n- &t0 {name: a, remote: 1.2.3.4}\n");
        for (int i = 1; i < 40; i++) {
            merges.append(
                    "- &t%d {<<: [%s]}\n".formatted(i, "*t%d, ".formatted(i - 1).repeat(4)));
        }
        assertThat(problems(merges.toString())).isNotEmpty();
        assertThat(problems("tunnels: [" + "*a, ".repeat(300) + "]")).hasSize(1);
        assertThat(problems("tunnels: &a [*a]")).hasSize(1);
        assertThat(problems("tunnels: &a [&b {routes: *a, carrier: *b}]")).isNotEmpty();
    }

    @Test
    void anyOctetsAreAnsweredByProblemsAndNeverByAnException() throws IOException {
        byte[] example = Files.readAllBytes(DOCS.resolve("tunnels.yaml"));
        byte[] syntax = "[]{}:,-#&*!|>'\"%@`\n\t \u00e9\u0000".getBytes(ISO_8859_1);
        SplittableRandom dice = new SplittableRandom(77);
        int sound = 0;
        for (int i = 0; i < 1500; i++) {
            byte[] mutant = example.clone();
            for (int edits = 1 + dice.nextInt(4); edits > 0; edits--) {
                int at = dice.nextInt(mutant.length);
                mutant[at] = dice.nextBoolean() ? syntax[dice.nextInt(syntax.length)] : (byte) dice.nextInt();
            }
            Reading<UpConfig> outcome = UpConfig.read("f", mutant);
            assertThat(outcome.config().isPresent()).isEqualTo(outcome.errors() == 0);
            outcome.problems().forEach(p -> {
                assertThat(p.position().line()).isBetween(1, 60);
                assertThat(p.position().column()).isBetween(1, 200);
                assertThat(p.message()).isNotBlank().doesNotContain("\n");
            });
            sound += outcome.errors() == 0 ? 1 : 0;
        }
        assertThat(sound)
                .as("mutants that are still right, for most of the file is comment")
                .isBetween(150, 1350);
    }
}
