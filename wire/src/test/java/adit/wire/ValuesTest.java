package adit.wire;

import static adit.wire.Golden.AT;
import static adit.wire.Golden.assertWritten;
import static adit.wire.Golden.at;
import static adit.wire.Golden.junk;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.MemorySegment;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class ValuesTest {
    @Nested
    class OfMacAddress {
        @ParameterizedTest
        @CsvSource({"02:00:5e:10:00:01, 02005e100001", "FF-ff-FF-ff-FF-ff, ffffffffffff", "00:00:00:00:00:00, 0"})
        void readsPairsOfDigits(String text, String bits) {
            MacAddress address = MacAddress.parse(text);
            assertThat(address.bits()).isEqualTo(Long.parseLong(bits, 16));
            assertThat(address)
                    .hasToString(text.toLowerCase(java.util.Locale.ROOT).replace('-', ':'));
        }

        @ParameterizedTest
        @CsvSource(
                quoteCharacter = '`',
                value = {
                    "``, two hexadecimal digits expected at position 1",
                    "2:00:5e:10:00:01, two hexadecimal digits expected at position 1",
                    "002:00:5e:10:00:01, two hexadecimal digits expected at position 1",
                    "02:00:5e:10:00, ':' expected at position 15",
                    "02:00:5e:10:00:01:02, nothing more expected at position 18",
                    "02:00-5e:10:00:01, '-' expected at position 3",
                    "02:00:5e:10:00:0g, two hexadecimal digits expected at position 16",
                    "02005e100001, two hexadecimal digits expected at position 1",
                })
        void saysWhatIsWrongWithOtherText(String text, String why) {
            assertThatThrownBy(() -> MacAddress.parse(text))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("\"" + text + "\"")
                    .hasMessageContaining(why);
        }

        @Test
        void knowsItsKind() {
            assertThat(MacAddress.parse("01:00:5e:00:00:01").isMulticast()).isTrue();
            assertThat(MacAddress.parse("02:00:5e:00:00:01").isMulticast()).isFalse();
            assertThat(MacAddress.parse("02:00:5e:00:00:01").isLocallyAdministered())
                    .isTrue();
            assertThat(MacAddress.parse("01:00:5e:00:00:01").isLocallyAdministered())
                    .isFalse();
            assertThat(MacAddress.BROADCAST.isBroadcast()).isTrue();
            assertThat(MacAddress.BROADCAST.isMulticast()).isTrue();
            assertThatThrownBy(() -> new MacAddress(1L << 48)).isInstanceOf(IllegalArgumentException.class);
        }

        @Test
        void standsInOctets() {
            MemorySegment s = junk(6 + 2 * AT);
            MacAddress.parse("f1:02:03:04:05:f6").emit(s, AT);
            assertWritten(s, "f102030405f6");
            assertThat(MacAddress.read(s, AT)).hasToString("f1:02:03:04:05:f6");
        }
    }

    @Nested
    class OfHeaders {
        @Test
        void standForTheOctetsOfAnIpv4Header() {
            String octets = "45 b9 0123 5678 7a2b 9a bc 5bcd 01020304 f5f6f7f8";
            Ipv4Header header = new Ipv4Header(
                    Ip4Address.parse("1.2.3.4"),
                    Ip4Address.parse("245.246.247.248"),
                    0xbc,
                    0x9a,
                    0xb9,
                    0x5678,
                    3,
                    0xd158,
                    0x10f);
            MemorySegment s = junk(20 + 2 * AT);
            header.emit(s, AT);
            assertWritten(s, octets);
            assertThat(Ipv4Header.read(at(octets), AT)).isEqualTo(header);
        }

        @Test
        void countThePayloadOfAnIpv4HeaderBehindItsOptions() {
            assertThat(Ipv4Header.read(at("46 00 0020 0000 0000 40 11 0000 01020304 05060708 01010101"), AT)
                            .payloadLength())
                    .isEqualTo(8);
        }

        @Test
        void changeOneFieldAtATime() {
            Ipv4Header header = Ipv4Header.of(Ip4Address.LOOPBACK, Ip4Address.BROADCAST, 4, 100);
            assertThat(header.timeToLive()).isEqualTo(64);
            Ipv4Header other =
                    header.withTimeToLive(1).withTos(2).withIdentification(3).withFlags(Ipv4.DONT_FRAGMENT);
            assertThat(other)
                    .isEqualTo(new Ipv4Header(Ip4Address.LOOPBACK, Ip4Address.BROADCAST, 4, 1, 2, 3, 2, 0, 100));
        }

        @Test
        void standForTheOctetsOfAnIpv6Header() {
            String octets = "6 ab cdef1 2345 67 89 1011121314151617 18191a1b1c1d1e1f e0e1e2e3e4e5e6e7 e8e9eaebecedeeef";
            Ipv6Header header = new Ipv6Header(
                    new Ip6Address(0x1011121314151617L, 0x18191a1b1c1d1e1fL),
                    new Ip6Address(0xe0e1e2e3e4e5e6e7L, 0xe8e9eaebecedeeefL),
                    0x67,
                    0x89,
                    0xab,
                    0xcdef1,
                    0x2345);
            MemorySegment s = junk(40 + 2 * AT);
            header.emit(s, AT);
            assertWritten(s, octets);
            assertThat(Ipv6Header.read(at(octets), AT)).isEqualTo(header);
        }

        @Test
        void standForTheOctetsOfAUdpHeader() {
            MemorySegment s = junk(8 + 2 * AT);
            UdpHeader header = new UdpHeader(0x9c41, 0x15b3, 0xf005, 0x1dd1);
            header.emit(s, AT);
            assertWritten(s, "9c41 15b3 f00d 1dd1");
            assertThat(UdpHeader.read(s, AT)).isEqualTo(header);
            assertThat(UdpHeader.of(1, 2, 3)).isEqualTo(new UdpHeader(1, 2, 3, 0));
        }

        @Test
        void standForTheOctetsOfATcpHeader() {
            MemorySegment s = junk(20 + 2 * AT);
            TcpHeader header = new TcpHeader(0x0102, 0x0304, 0xf5060708L, 0x890a0b0cL, 0x155, 0x0d0e);
            header.emit(s, AT);
            assertWritten(s, "0102 0304 f5060708 890a0b0c 5155 0d0e 0000 0000");
            assertThat(TcpHeader.read(s, AT)).isEqualTo(header);
        }

        @Test
        void standForTheOctetsOfALabelStack() {
            MemorySegment s = junk(8 + 2 * AT);
            int length = MplsEntry.emitStack(s, AT, new MplsEntry(0x54321, 2, 0x9e), new MplsEntry(0xabcde, 5, 0xc7));
            assertThat(length).isEqualTo(8);
            assertWritten(s, "54321 4 9e abcde b c7");
            assertThat(MplsEntry.read(s, AT + 4)).isEqualTo(new MplsEntry(0xabcde, 5, 0xc7));
        }

        @Test
        void refuseWhatTheirFieldsCanNotHold() {
            Ip4Address a = Ip4Address.LOOPBACK;
            assertThatThrownBy(() -> new Ipv4Header(a, a, 256, 0, 0, 0, 0, 0, 0))
                    .hasMessage("protocol 256 is not 0 to 255");
            assertThatThrownBy(() -> new Ipv4Header(a, a, 0, -1, 0, 0, 0, 0, 0))
                    .hasMessage("time to live -1 is not 0 to 255");
            assertThatThrownBy(() -> new Ipv4Header(a, a, 0, 0, 0, 0, 8, 0, 0)).hasMessage("flags 8 is not 0 to 7");
            assertThatThrownBy(() -> new Ipv4Header(a, a, 0, 0, 0, 0, 0, 12, 0))
                    .hasMessage("fragment offset 12 is not a multiple of 8");
            assertThatThrownBy(() -> Ipv4Header.of(a, a, 0, 65516))
                    .hasMessage("payload length 65516 is not 0 to 65515");
            assertThatThrownBy(() -> Ipv6Header.of(Ip6Address.ANY, Ip6Address.ANY, 0, 65536))
                    .hasMessage("payload length 65536 is not 0 to 65535");
            assertThatThrownBy(() -> UdpHeader.of(65536, 0, 0)).hasMessage("source port 65536 is not 0 to 65535");
            assertThatThrownBy(() -> UdpHeader.of(0, 0, 65528)).hasMessage("payload length 65528 is not 0 to 65527");
            assertThatThrownBy(() -> new TcpHeader(0, 0, 1L << 32, 0, 0, 0))
                    .hasMessage("sequence number 4294967296 is not 0 to 4294967295");
            assertThatThrownBy(() -> new MplsEntry(1 << 20, 0, 0)).hasMessage("label 1048576 is not 0 to 1048575");
        }
    }

    @Nested
    class OfNames {
        @Test
        void nameNumbersAsPeopleDo() {
            assertThat(IpProtocol.name(4)).isEqualTo("IPIP");
            assertThat(IpProtocol.name(137)).isEqualTo("MPLS");
            assertThat(IpProtocol.name(200)).isEqualTo("protocol 200");
            assertThat(EtherType.name(0x0800)).isEqualTo("IPv4");
            assertThat(EtherType.name(0x88a8)).isEqualTo("802.1ad");
            assertThat(EtherType.name(0xabc)).isEqualTo("0x0abc");
        }

        @ParameterizedTest
        @EnumSource(LinkLayer.class)
        void findLinkLayersByTheirNumbers(LinkLayer layer) {
            if (layer != LinkLayer.TUN_PI) {
                assertThat(LinkLayer.ofNumber(layer.number())).isEqualTo(layer);
            }
        }

        @Test
        void refuseUnknownLinkLayers() {
            assertThatThrownBy(() -> LinkLayer.ofNumber(147)).hasMessageContaining("link-layer type 147");
            assertThatThrownBy(() -> LinkLayer.ofNumber(-1)).isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Nested
    class OfPrinterOptions {
        @Test
        void refuseNonsense() {
            PrinterOptions plain = PrinterOptions.PLAIN;
            assertThatThrownBy(() -> plain.withFou(0, 4)).hasMessageContaining("UDP port 0");
            assertThatThrownBy(() -> plain.withGue(65536)).hasMessageContaining("UDP port 65536");
            assertThatThrownBy(() -> plain.withFou(5555, 256)).hasMessageContaining("IP protocol 256");
            assertThatThrownBy(() -> plain.withFou(5555, 4).withGue(5555)).hasMessageContaining("both FOU and GUE");
        }

        @Test
        void growStepByStep() {
            PrinterOptions options = PrinterOptions.PLAIN
                    .withFou(5555, 4)
                    .withFou(5557, 137)
                    .withGue(6080)
                    .with(PrinterOptions.Checksums.IGNORE);
            assertThat(options)
                    .isEqualTo(new PrinterOptions(
                            Map.of(5555, 4, 5557, 137), Set.of(6080), PrinterOptions.Checksums.IGNORE));
        }
    }
}
