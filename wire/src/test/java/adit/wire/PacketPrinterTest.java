package adit.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Each field of each protocol, and what is wrong with packets.
class PacketPrinterTest {
    private static final PrinterOptions UNCHECKED = PrinterOptions.PLAIN.with(PrinterOptions.Checksums.IGNORE);

    private static String line(LinkLayer first, String hex) {
        return line(first, hex, UNCHECKED);
    }

    private static String line(LinkLayer first, String hex, PrinterOptions options) {
        MemorySegment s = Golden.at(hex);
        return PacketPrinter.line(s, Golden.AT, (int) s.byteSize() - 2 * Golden.AT, first, options);
    }

    // 10.0.0.1 > 10.0.0.2 with a total length and a protocol.
    private static String ip4(int total, int protocol) {
        return "4500 %04x 0000 0000 40 %02x 0000 0a000001 0a000002".formatted(total, protocol);
    }

    private static String ip6(int payload, int nextHeader) {
        return "60000000 %04x %02x 40 20010db8000000000000000000000001 20010db8000000000000000000000002"
                .formatted(payload, nextHeader);
    }

    @Nested
    class OnIpv4 {
        @Test
        void showsEveryField() {
            assertThat(line(LinkLayer.IPV4, "45 b9 0123 5678 fa2b 9a bc 5bcd 01020304 f5f6f7f8"))
                    .isEqualTo("IPv4 1.2.3.4 > 245.246.247.248 ttl 154 tos 0xb9,ECT(1) id 22136 reserved-flag DF MF"
                            + " offset 53592 len 291 (truncated: 20 of 291 octets)"
                            + " / fragment of protocol 188, 0 octets");
        }

        @ParameterizedTest
        @CsvSource(
                quoteCharacter = '`',
                value = {
                    "00, ``",
                    "01, ` tos 0x01,ECT(1)`",
                    "02, ` tos 0x02,ECT(0)`",
                    "03, ` tos 0x03,CE`",
                    "b8, ` tos 0xb8`"
                })
        void namesEcn(String tos, String shown) {
            assertThat(line(LinkLayer.IPV4, "45" + tos + "0014 0000 0000 40 3b 0000 0a000001 0a000002"))
                    .isEqualTo("IPv4 10.0.0.1 > 10.0.0.2 ttl 64" + shown + " len 20 / no next header, 0 octets");
        }

        @Test
        void namesOptions() {
            assertThat(line(
                            LinkLayer.IPV4,
                            "48 00 0020 0000 0000 40 3b 0000 0a000001 0a000002 0707040a141e28 01 94040000"))
                    .contains(" len 32 options record-route,router-alert / ");
            assertThat(line(LinkLayer.IPV4, "46 00 0018 0000 0000 40 3b 0000 0a000001 0a000002 07ff0400"))
                    .contains(" len 24 (bad option length) / ");
        }

        @ParameterizedTest
        @CsvSource({
            "`, IPv4 (truncated: 0 of 20 octets)",
            "45, IPv4 (truncated: 1 of 20 octets)",
            "65 00 0014 0000 0000 40 04 0000 0a000001 0a000002, IPv4 (version 6)",
            "43 00 0014 0000 0000 40 04 0000 0a000001 0a000002, IPv4 10.0.0.1 > 10.0.0.2 ttl 64 len 20 (IHL 3)",
            "45 00 0010 0000 0000 40 04 0000 0a000001 0a000002, IPv4 10.0.0.1 > 10.0.0.2 ttl 64 len 16"
                    + " (total length 16 is less than the header's 20)",
            "4f 00 0040 0000 0000 40 04 0000 0a000001 0a000002, IPv4 10.0.0.1 > 10.0.0.2 ttl 64 len 64"
                    + " (truncated: 20 of 60 octets)",
        })
        void saysWhereTheHeaderLies(String hex, String line) {
            assertThat(line(LinkLayer.IPV4, hex.replace("`", ""))).isEqualTo(line);
        }

        @Test
        void saysWhatTheChecksumShouldBe() {
            // 5bcd by an independent sum.
            assertThat(line(LinkLayer.IPV4, "45 b9 0123 5678 7a2b 9a bc 1234 01020304 f5f6f7f8", PrinterOptions.PLAIN))
                    .contains(" len 291 (bad header checksum 1234, should be 5bcd) (truncated");
        }

        @Test
        void leavesPaddingOut() {
            assertThat(line(LinkLayer.IPV4, ip4(28, 17) + "0001 0002 0008 0000" + "00".repeat(18)))
                    .isEqualTo("IPv4 10.0.0.1 > 10.0.0.2 ttl 64 len 28 / UDP 1 > 2 len 8 no checksum");
        }

        @Test
        void isToldFromIpv6ByTheFirstFourBits() {
            assertThat(line(LinkLayer.RAW_IP, ip4(20, 59))).startsWith("IPv4 10.0.0.1 > 10.0.0.2 ");
            assertThat(line(LinkLayer.RAW_IP, ip6(0, 59)))
                    .isEqualTo("IPv6 2001:db8::1 > 2001:db8::2 hop-limit 64 payload 0 / no next header, 0 octets");
            assertThat(line(LinkLayer.RAW_IP, "7500")).isEqualTo("IP, 2 octets (version 7)");
            assertThat(line(LinkLayer.RAW_IP, "")).isEqualTo("IP (truncated: 0 of 1 octets)");
        }
    }

    @Nested
    class OnIpv6 {
        @Test
        void showsEveryField() {
            assertThat(
                            line(
                                    LinkLayer.IPV6,
                                    "6 ab cdef1 0002 3b 89 20010db8000000000000000000000001 ff020000000000000000000000000016 abcd"))
                    .isEqualTo("IPv6 2001:db8::1 > ff02::16 hop-limit 137 class 0xab,CE label 0xcdef1 payload 2"
                            + " / no next header, 2 octets");
        }

        @Test
        void showsTheChain() {
            String chain = "3c 00 010400000000" + "2b 00 010400000000" + "33 01 04 02 00000000 0000000000000000"
                    + "2c 04 0000 a1a2a3a4 b1b2b3b4 c1c2c3c4 c5c6c7c8 c9cacbcc" + "11 00 0001 89abcdef";
            assertThat(line(LinkLayer.IPV6, ip6(72, 0) + chain + "0001 0002 0008 0000"))
                    .isEqualTo("IPv6 2001:db8::1 > 2001:db8::2 hop-limit 64 payload 72"
                            + " / hop-by-hop options / destination options / routing header type 4 segments-left 2"
                            + " / AH spi 0xa1a2a3a4 / fragment header id 0x89abcdef offset 0 MF"
                            + " / UDP 1 > 2 len 8 no checksum");
        }

        @Test
        void doesNotLookIntoLaterFragments() {
            assertThat(line(LinkLayer.IPV6, ip6(12, 44) + "11 00 0008 89abcdef 00010002"))
                    .endsWith(" / fragment header id 0x89abcdef offset 8 / fragment of UDP, 4 octets");
        }

        @Test
        void saysWhereTheChainBreaks() {
            assertThat(line(LinkLayer.IPV6, ip6(8, 60) + "3b 01 010400000000"))
                    .endsWith(" payload 8 / destination options (truncated: 8 octets)");
            assertThat(line(LinkLayer.IPV6, ip6(16, 60) + "00 00 010400000000 3b 00 010400000000"))
                    .endsWith(" / destination options (hop-by-hop options must come first)");
            assertThat(line(LinkLayer.IPV6, ip6(136, 60) + "3c 00 010400000000".repeat(17)))
                    .endsWith(" / destination options (more than 16 extension headers)");
        }
    }

    @Nested
    class OnTransports {
        @Test
        void showsEveryTcpFlagAndOption() {
            String tcp = "01bb c350 00000001 ffffffff a1ff 1000 0000 0007"
                    + "020405b4 0402 080a0000000a0000000b 030307 01 aabbcc";
            assertThat(line(LinkLayer.IPV4, ip4(63, 6) + tcp))
                    .endsWith(" / TCP 443 > 50000 [FSRP.UEWA] seq 1 ack 4294967295 win 4096 urg 7"
                            + " options mss 1460,sackOK,TS 10 ecr 11,wscale 7 payload 3");
        }

        @Test
        void saysWhatIsWrongWithTcp() {
            String start = "01bb c350 00000001 00000002 ";
            assertThat(line(LinkLayer.IPV4, ip4(40, 6) + start + "4010 1000 0000 0000"))
                    .endsWith("[.] seq 1 ack 2 win 4096 (data offset 4)");
            assertThat(line(LinkLayer.IPV4, ip4(40, 6) + start + "6000 1000 0000 0000"))
                    .endsWith("[none] seq 1 win 4096 (truncated: 20 of 24 octets)");
            assertThat(line(LinkLayer.IPV4, ip4(44, 6) + start + "6000 1000 0000 0000 02010000"))
                    .endsWith(" win 4096 (bad option length) payload 0");
            assertThat(line(LinkLayer.IPV4, ip4(44, 6) + start + "6000 1000 0000 0000 0203ff00"))
                    .endsWith(" win 4096 options option 2:1 payload 0");
            assertThat(line(LinkLayer.IPV4, ip4(39, 6) + start + "5000 1000 0000 00"))
                    .endsWith(" / TCP (truncated: 19 of 20 octets)");
        }

        @Test
        void saysWhatIsWrongWithUdp() {
            assertThat(line(LinkLayer.IPV4, ip4(28, 17) + "0001 0002 0007 0000"))
                    .endsWith(" / UDP 1 > 2 len 7 (length below 8)");
            assertThat(line(LinkLayer.IPV4, ip4(28, 17) + "0001 0002 0009 0000"))
                    .endsWith(" / UDP 1 > 2 len 9 (truncated: 8 of 9 octets) no checksum");
            assertThat(line(LinkLayer.IPV4, ip4(24, 17) + "0001 0002")).endsWith(" / UDP (truncated: 4 of 8 octets)");
        }

        @Test
        void saysWhatTheChecksumShouldBe() {
            // 192.0.2.1 > 198.51.100.7; all sums by an independent program.
            String ip = "4500 0021 0000 0000 40 11 8e90 c0000201 c6336407";
            String udp = "9c41 15b3 000d %s 68656c6c6f";
            assertThat(line(LinkLayer.IPV4, ip + udp.formatted("1dd1"), PrinterOptions.PLAIN))
                    .isEqualTo("IPv4 192.0.2.1 > 198.51.100.7 ttl 64 len 33 / UDP 40001 > 5555 len 13");
            assertThat(line(LinkLayer.IPV4, ip + udp.formatted("1dd2"), PrinterOptions.PLAIN))
                    .endsWith(" / UDP 40001 > 5555 len 13 (bad checksum 1dd2, should be 1dd1)");
            assertThat(line(LinkLayer.IPV4, ip + udp.formatted("ec5a"), PrinterOptions.PLAIN))
                    .endsWith(" / UDP 40001 > 5555 len 13 partial checksum");
        }

        @Test
        void doesNotJudgeChecksumsOfWhatWasCutOff() {
            String ip = "4500 0021 0000 0000 40 11 8e90 c0000201 c6336407";
            assertThat(line(LinkLayer.IPV4, ip + "9c41 15b3 000d dead 6865", PrinterOptions.PLAIN))
                    .endsWith(" len 33 (truncated: 30 of 33 octets) / UDP 40001 > 5555 len 13");
        }
    }

    @Nested
    class OnIcmp {
        @ParameterizedTest
        @CsvSource(
                quoteCharacter = '`',
                value = {
                    "08 00 0000 1122 3344, `ICMP echo request id 4386 seq 13124 payload 0`",
                    "00 00 0000 1122 3344 aa, `ICMP echo reply id 4386 seq 13124 payload 1`",
                    "03 00 0000 0000 0000, ICMP network unreachable",
                    "03 01 0000 0000 0000, ICMP host unreachable",
                    "03 02 0000 0000 0000, ICMP protocol unreachable",
                    "03 03 0000 0000 0000, ICMP port unreachable",
                    "03 04 0000 0000 05dc, ICMP fragmentation needed mtu 1500",
                    "03 05 0000 0000 0000, ICMP source route failed",
                    "03 0d 0000 0000 0000, ICMP administratively prohibited",
                    "03 0f 0000 0000 0000, ICMP destination unreachable code 15",
                    "04 00 0000 0000 0000, ICMP source quench",
                    "05 01 0000 c0000201, ICMP redirect to 192.0.2.1",
                    "0b 00 0000 0000 0000, ICMP time to live exceeded",
                    "0b 01 0000 0000 0000, ICMP reassembly time exceeded",
                    "0c 00 0000 14000000, ICMP parameter problem at octet 20",
                    "2a 07 0000 0000 0000, ICMP type 42 code 7 payload 0",
                    "08 00 00, ICMP (truncated: 3 of 8 octets)",
                })
        void namesMessages(String hex, String expected) {
            int length = 20 + Golden.bytes(hex).length;
            assertThat(line(LinkLayer.IPV4, ip4(length, 1) + hex)).endsWith(" / " + expected);
        }

        @ParameterizedTest
        @CsvSource(
                quoteCharacter = '`',
                value = {
                    "80 00 0000 1122 3344, ICMPv6 echo request id 4386 seq 13124 payload 0",
                    "81 00 0000 1122 3344, ICMPv6 echo reply id 4386 seq 13124 payload 0",
                    "01 00 0000 0000 0000, ICMPv6 no route",
                    "01 03 0000 0000 0000, ICMPv6 address unreachable",
                    "01 04 0000 0000 0000, ICMPv6 port unreachable",
                    "02 00 0000 fffffffe, ICMPv6 packet too big mtu 4294967294",
                    "03 00 0000 0000 0000, ICMPv6 hop limit exceeded",
                    "04 00 0000 00000028, ICMPv6 parameter problem at octet 40",
                    "87 00 0000 00000000 20010db8000000000000000000000009, "
                            + "`ICMPv6 neighbor solicitation 2001:db8::9 payload 16`",
                    "87 00 0000 00000000 2001, ICMPv6 neighbor solicitation payload 2",
                })
        void namesMessagesOfVersion6(String hex, String expected) {
            int length = Golden.bytes(hex).length;
            assertThat(line(LinkLayer.IPV6, ip6(length, 58) + hex)).endsWith(" / " + expected);
        }

        @Test
        void showsTheQuotedPacketWithoutCallingItTruncated() {
            String quote = ip4(1500, 17) + "0001 0002 05c8 dead";
            assertThat(line(LinkLayer.IPV4, ip4(56, 1) + "03 04 0000 0000 0514" + quote))
                    .isEqualTo("IPv4 10.0.0.1 > 10.0.0.2 ttl 64 len 56 / ICMP fragmentation needed mtu 1300 about"
                            + " {IPv4 10.0.0.1 > 10.0.0.2 ttl 64 len 1500 / UDP 1 > 2 len 1480}");
        }

        @Test
        void takesNoOtherFieldForTheLengthOfAQuote() {
            // 32 in a gateway's second octet, 16 in an MTU's first.
            String quote = ip4(160, 59) + "00".repeat(140);
            assertThat(line(LinkLayer.IPV4, ip4(188, 1) + "05 01 0000 0a200001" + quote))
                    .endsWith(" / ICMP redirect to 10.32.0.1 about {IPv4 10.0.0.1 > 10.0.0.2 ttl 64 len 160"
                            + " / no next header, 140 octets}");
            String quote6 = ip6(110, 59) + "00".repeat(110);
            assertThat(line(LinkLayer.IPV6, ip6(158, 58) + "02 00 0000 10000000" + quote6))
                    .endsWith(" / no next header, 110 octets}");
        }

        @Test
        void showsAQuoteInsideAQuote() {
            // Nobody should answer an error with an error, but somebody may.
            String inner = ip4(28, 59) + "0102030405060708";
            String middle = ip4(56, 1) + "03 03 0000 00000000" + inner;
            assertThat(line(LinkLayer.IPV4, ip4(84, 1) + "0b 00 0000 00000000" + middle))
                    .endsWith(" about {IPv4 10.0.0.1 > 10.0.0.2 ttl 64 len 56 / ICMP port unreachable about"
                            + " {IPv4 10.0.0.1 > 10.0.0.2 ttl 64 len 28 / no next header, 8 octets}}");
        }

        @Test
        void showsTheExtensionsOfRfc4884() {
            // A quote padded to 128 octets, then the label stack that RFC 4950 tells of and an unknown object.
            String quote = ip4(128, 59) + "00".repeat(108);
            String extensions = "2000 0000" + "0008 01 01 00064 a 01" + "0006 f0 09 abcd";
            assertThat(line(LinkLayer.IPV4, ip4(174, 1) + "0b 00 0000 00 20 0000" + quote + extensions))
                    .endsWith(" / no next header, 108 octets} extensions MPLS label 100 tc 5 ttl 1 class 240 type 9");
            // ICMPv6 counts the quote in units of eight octets, and has its length one octet earlier.
            String quote6 = ip6(88, 59) + "00".repeat(88);
            assertThat(line(
                            LinkLayer.IPV6,
                            ip6(148, 58) + "03 00 0000 10 00 0000" + quote6 + "2000 0000 0008 01 01 00064 a 01"))
                    .endsWith(" / no next header, 88 octets} extensions MPLS label 100 tc 5 ttl 1");
            assertThat(line(LinkLayer.IPV4, ip4(166, 1) + "0b 00 0000 00 20 0000" + quote + "2000 0000 ffff 01 01"))
                    .endsWith("} extensions (bad object length)");
        }

        @Test
        void showsTheFirstLabelsOfAnExtensionAndCountsTheRest() {
            String quote = ip4(128, 59) + "00".repeat(108);
            String extensions = "2000 0000" + "002c 01 01" + "00064 a 01".repeat(10);
            assertThat(line(LinkLayer.IPV4, ip4(204, 1) + "0b 00 0000 00 20 0000" + quote + extensions))
                    .endsWith(" extensions MPLS" + " label 100 tc 5 ttl 1".repeat(8) + " and 2 more");
        }
    }

    @Nested
    class OnTunnels {
        private static final PrinterOptions TUNNELS =
                UNCHECKED.withFou(5555, IpProtocol.IPIP).withGue(6080);

        private static String gue(String payload) {
            int length = 8 + Golden.bytes(payload).length;
            String udp = "8000 17c0 %04x 0000".formatted(length);
            String all = line(LinkLayer.IPV4, ip4(20 + length, 17) + udp + payload, TUNNELS);
            return all.substring(all.indexOf("GUE"));
        }

        @Test
        void looksIntoUdpOnlyWhereTheOptionsSayATunnelIs() {
            String fou = ip4(48, 17) + "8000 15b3 001c 0000" + ip4(20, 59);
            assertThat(line(LinkLayer.IPV4, fou, TUNNELS))
                    .endsWith(" / UDP 32768 > 5555 len 28 no checksum"
                            + " / IPv4 10.0.0.1 > 10.0.0.2 ttl 64 len 20 / no next header, 0 octets");
            assertThat(line(LinkLayer.IPV4, fou)).endsWith(" / UDP 32768 > 5555 len 28 no checksum");
        }

        @Test
        void showsEveryKindOfGue() {
            String inner = ip4(20, 59);
            String shown = " / IPv4 10.0.0.1 > 10.0.0.2 ttl 64 len 20 / no next header, 0 octets";
            assertThat(gue("00 04 0000" + inner)).isEqualTo("GUE IPIP" + shown);
            assertThat(gue("01 04 0000 00000000" + inner)).isEqualTo("GUE IPIP" + shown);
            assertThat(gue("02 04 0001 80000000 0000 000a" + inner))
                    .isEqualTo("GUE IPIP remote-checksum start 0 offset 10" + shown);
            assertThat(gue(inner)).isEqualTo("GUE version 1" + shown);
            assertThat(gue("20 03 0000 abcd")).isEqualTo("GUE control type 3 / control message, 6 octets");
        }

        @ParameterizedTest
        @CsvSource(
                quoteCharacter = '`',
                value = {
                    "00 04, GUE (truncated: 2 of 4 octets)",
                    "1f 04 0000, GUE IPIP (truncated: 4 of 128 octets)",
                    "80 04 0000, GUE version 2 (unknown version)",
                    "c0 04 0000, GUE version 3 (unknown version)",
                    "50 04 0000, GUE version 1 (neither IPv4 nor IPv6)",
                    "00 04 8000, GUE IPIP flags 0x8000 (unknown flags or protocol 0)",
                    "01 04 0001 00000001, GUE IPIP private flags 0x00000001 (unknown flags or protocol 0)",
                    "00 04 0001, GUE IPIP (options do not fit)",
                    "02 04 0001 80000000 0014 0010, "
                            + "GUE IPIP remote-checksum start 20 offset 16 (options do not fit)",
                })
        void saysWhyGueIsRefused(String hex, String expected) {
            assertThat(gue(hex)).isEqualTo(expected);
        }

        @Test
        void showsLabelStacks() {
            assertThat(line(LinkLayer.MPLS, "00064 0 40 abcde b c7" + ip4(20, 59)))
                    .isEqualTo("MPLS label 100 ttl 64 label 703710 tc 5 ttl 199"
                            + " / IPv4 10.0.0.1 > 10.0.0.2 ttl 64 len 20 / no next header, 0 octets");
            assertThat(line(LinkLayer.MPLS, "00064 1 40 00000000")).isEqualTo("MPLS label 100 ttl 64 / 4 octets");
            assertThat(line(LinkLayer.MPLS, "00064 0 40 0006"))
                    .isEqualTo("MPLS label 100 ttl 64 (no bottom of stack in 6 octets)");
            assertThat(line(LinkLayer.MPLS, "")).isEqualTo("MPLS (no bottom of stack in 0 octets)");
            assertThat(line(LinkLayer.MPLS, "00064 0 40".repeat(40)))
                    .endsWith("label 100 ttl 64 (no bottom of stack in 128 octets)");
        }

        @Test
        void countsLabelsThatNoNetworkStacks() {
            String tall = "00064 0 40".repeat(31) + "00064 1 40";
            assertThat(line(LinkLayer.MPLS, tall)).isEqualTo("MPLS" + " label 100 ttl 64".repeat(32) + " / 0 octets");
            // Inside an IPv4 packet inside it, one more stack.
            assertThat(line(LinkLayer.MPLS, tall + ip4(28, 137) + "00064 0 40" + "00064 1 40"))
                    .endsWith(" / MPLS and 2 more / 0 octets");
        }

        @Test
        void stopsWhereNoNetworkNests() {
            StringBuilder deep = new StringBuilder();
            for (int i = 0; i < 60; i++) {
                deep.append(ip4(20 * (60 - i), 4));
            }
            String line = line(LinkLayer.IPV4, deep.toString());
            assertThat(line.split(" / ")).hasSize(21);
            assertThat(line).endsWith(" / (nested too deep)");
        }
    }

    @Nested
    class OnLinks {
        private static final String ADDRESSES = "02000000000b 02000000000a";
        private static final String FROM_TO = "Ethernet 02:00:00:00:00:0a > 02:00:00:00:00:0b";

        @Test
        void showsTagsAndWhatTheyCarry() {
            assertThat(line(LinkLayer.ETHERNET, ADDRESSES + "88a8 b064 8100 0005 0800" + ip4(20, 59)))
                    .isEqualTo(FROM_TO + " / 802.1ad vlan 100 priority 5 drop-eligible / 802.1Q vlan 5"
                            + " / IPv4 10.0.0.1 > 10.0.0.2 ttl 64 len 20 / no next header, 0 octets");
            assertThat(line(LinkLayer.ETHERNET, ADDRESSES + "8100 00"))
                    .isEqualTo(FROM_TO + " / 802.1Q (truncated: 1 of 4 octets)");
        }

        @Test
        void showsArp() {
            String arp = "0001 0800 06 04 %s 02000000000a 0a000001 000000000000 0a000002";
            assertThat(line(LinkLayer.ETHERNET, ADDRESSES + "0806" + arp.formatted("0001")))
                    .isEqualTo(FROM_TO + " / ARP who has 10.0.0.2, tell 10.0.0.1");
            assertThat(line(LinkLayer.ETHERNET, ADDRESSES + "0806" + arp.formatted("0002")))
                    .isEqualTo(FROM_TO + " / ARP 10.0.0.1 is at 02:00:00:00:00:0a");
            assertThat(line(LinkLayer.ETHERNET, ADDRESSES + "0806" + arp.formatted("0008")))
                    .isEqualTo(FROM_TO + " / ARP operation 8");
            assertThat(line(
                            LinkLayer.ETHERNET,
                            ADDRESSES + "0806 0006" + arp.formatted("0001").substring(4)))
                    .isEqualTo(FROM_TO + " / ARP hardware type 6 protocol type IPv4 (not IPv4 over Ethernet)");
        }

        @Test
        void showsOtherTypesByNumber() {
            assertThat(line(LinkLayer.ETHERNET, ADDRESSES + "88b5 00")).isEqualTo(FROM_TO + " / type 0x88b5, 1 octet");
            assertThat(line(LinkLayer.ETHERNET, ADDRESSES + "0003 424203"))
                    .isEqualTo(FROM_TO + " / 802.3 length 3, 3 octets");
            assertThat(line(LinkLayer.ETHERNET, "0200")).isEqualTo("Ethernet (truncated: 2 of 14 octets)");
        }

        @Test
        void showsWhatCapturesPutInFront() {
            String ip = ip4(20, 59);
            String shown = " / IPv4 10.0.0.1 > 10.0.0.2 ttl 64 len 20 / no next header, 0 octets";
            assertThat(line(LinkLayer.LOOPBACK, "02000000" + ip)).isEqualTo("loopback family 2" + shown);
            assertThat(line(LinkLayer.LOOPBACK, "00000002" + ip)).isEqualTo("loopback family 2" + shown);
            assertThat(line(LinkLayer.LINUX_SLL, "0004 0001 0006 02000000000a 0000 0800" + ip))
                    .isEqualTo("cooked out" + shown);
            assertThat(line(LinkLayer.LINUX_SLL2, "0800 0000 00000003 0001 00 06 02000000000a 0000" + ip))
                    .isEqualTo("cooked interface 3 in" + shown);
        }

        @Test
        void showsWhatATunFilePutsInFront() {
            Assumptions.assumeTrue(
                    ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN, "needs little-endian: flags are in host order");
            assertThat(line(LinkLayer.TUN_PI, "0000 0800" + ip4(20, 59)))
                    .isEqualTo("TUN / IPv4 10.0.0.1 > 10.0.0.2 ttl 64 len 20 / no next header, 0 octets");
            assertThat(line(LinkLayer.TUN_PI, "0100 0806"))
                    .isEqualTo("TUN flags 0x0001 / ARP (truncated: 0 of 28 octets)");
        }
    }

    @Nested
    class OnSegments {
        @Test
        void takesOctetsThatTheSegmentLacksForCutOff() {
            MemorySegment s = Golden.exactly(ip4(24, 59) + "0102");
            assertThat(PacketPrinter.line(s, 0, 24, LinkLayer.IPV4, UNCHECKED))
                    .isEqualTo("IPv4 10.0.0.1 > 10.0.0.2 ttl 64 len 24 (truncated: 22 of 24 octets)"
                            + " / no next header, 2 octets");
            assertThat(PacketPrinter.line(s, 100, 24, LinkLayer.IPV4)).isEqualTo("IPv4 (truncated: 0 of 20 octets)");
            assertThat(PacketPrinter.line(s, -5, -7, LinkLayer.RAW_IP)).isEqualTo("IP (truncated: 0 of 1 octets)");
        }

        @Test
        void readsOctetsThatMayNotBeWritten() {
            MemorySegment s =
                    Golden.exactly(ip4(28, 17) + "0001 0002 0008 1234").asReadOnly();
            assertThat(PacketPrinter.line(s, 0, 28, LinkLayer.IPV4)).contains("bad checksum 1234");
        }
    }
}
