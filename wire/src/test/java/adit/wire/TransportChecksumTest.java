package adit.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Valid checksums of whole packets are tested with captured ones in [CapturedPacketsTest]; here are the other
/// cases.
class TransportChecksumTest {
    private static final Ip4Address A4 = Ip4Address.parse("192.0.2.1");
    private static final Ip4Address B4 = Ip4Address.parse("198.51.100.7");
    private static final Ip6Address A6 = Ip6Address.parse("2001:db8:a1b2::c3d4");
    private static final Ip6Address B6 = Ip6Address.parse("fe80::e5f6:1718");

    private static MemorySegment packet4(int protocol, String payload) {
        byte[] octets = Golden.bytes(payload);
        MemorySegment s = Golden.junk(20 + octets.length);
        Ipv4Header.of(A4, B4, protocol, octets.length).emit(s, 0);
        return with(s, 20, octets);
    }

    private static MemorySegment packet6(int nextHeader, String payload) {
        byte[] octets = Golden.bytes(payload);
        MemorySegment s = Golden.junk(40 + octets.length);
        Ipv6Header.of(A6, B6, nextHeader, octets.length).emit(s, 0);
        return with(s, 40, octets);
    }

    private static MemorySegment with(MemorySegment s, int at, byte[] octets) {
        MemorySegment.copy(MemorySegment.ofArray(octets), 0, s, at, octets.length);
        return s;
    }

    // The checksums are those of TransportCodecsTest, from an independent sum; the ICMP ones too.
    private static final String UDP = "9c41 15b3 000d %s 68656c6c6f";
    private static final String TCP = "0102 0304 f5060708 890a0b0c af55 0d0e %s 0f10"
            + "020405b4 0402 080aa1a2a3a4b1b2b3b4 01 030307 7061796c6f6164";
    private static final String ECHO = "08 00 %s 1122 3344 70696e6721";
    private static final String TOO_BIG = "02 33 %s 81828384 6f6464";

    @ParameterizedTest
    @CsvSource({"17, 1dd1, " + UDP, "6, 3442, " + TCP, "1, b3c8, " + ECHO})
    void knowsAndFillsChecksumsOverIpv4(int protocol, String checksum, String payload) {
        MemorySegment s = packet4(protocol, payload.formatted(checksum));
        assertThat(TransportChecksum.fault(s, 0)).isEqualTo(WireFault.NONE);
        Octets.put16(s, 20 + TransportChecksum.field(protocol), 0xa5a5);
        assertThat(TransportChecksum.fault(s, 0)).isEqualTo(WireFault.BAD_CHECKSUM);
        assertThat(TransportChecksum.fill(s, 0)).isTrue();
        assertThat(Octets.u16(s, 20 + TransportChecksum.field(protocol))).isEqualTo(Integer.parseInt(checksum, 16));
    }

    @ParameterizedTest
    @CsvSource({"17, 7b3d, " + UDP, "6, 91ae, " + TCP, "58, 964b, " + TOO_BIG})
    void knowsAndFillsChecksumsOverIpv6(int protocol, String checksum, String payload) {
        MemorySegment s = packet6(protocol, payload.formatted(checksum));
        assertThat(TransportChecksum.fault(s, 0)).isEqualTo(WireFault.NONE);
        Octets.put16(s, 40 + TransportChecksum.field(protocol), 0xa5a5);
        assertThat(TransportChecksum.fault(s, 0)).isEqualTo(WireFault.BAD_CHECKSUM);
        assertThat(TransportChecksum.fill(s, 0)).isTrue();
        assertThat(Octets.u16(s, 40 + TransportChecksum.field(protocol))).isEqualTo(Integer.parseInt(checksum, 16));
    }

    @Test
    void leavesTheSumOfThePseudoHeaderForALaterHop() {
        MemorySegment s = packet4(17, UDP.formatted("a5a5"));
        assertThat(TransportChecksum.fillPartial(s, 0)).isEqualTo(20);
        // The independent sum of 192.0.2.1, 198.51.100.7, 17 and 13.
        assertThat(Udp.checksum(s, 20)).isEqualTo(0xec5a);
        TransportChecksum.complete(s, 20, 13, TransportChecksum.field(IpProtocol.UDP));
        assertThat(Udp.checksum(s, 20)).isEqualTo(0x1dd1);
    }

    @Test
    void completesToAllOnesWhereZeroWouldMeanNone() {
        MemorySegment s = packet4(17, "9c41 15b3 000a 0000 61a9");
        assertThat(TransportChecksum.fill(s, 0)).isTrue();
        assertThat(Udp.checksum(s, 20)).isEqualTo(0xffff);
        assertThat(TransportChecksum.fault(s, 0)).isEqualTo(WireFault.NONE);
    }

    @Test
    void allowsUdpWithoutAChecksumOverIpv4Alone() {
        assertThat(TransportChecksum.fault(packet4(17, UDP.formatted("0000")), 0))
                .isEqualTo(WireFault.NONE);
        assertThat(TransportChecksum.fault(packet6(17, UDP.formatted("0000")), 0))
                .isEqualTo(WireFault.BAD_CHECKSUM);
    }

    @Test
    void sumsUdpOnlyAsFarAsItSays() {
        MemorySegment s = packet4(17, UDP.formatted("1dd1") + "ffff");
        assertThat(TransportChecksum.fault(s, 0)).isEqualTo(WireFault.NONE);
    }

    @ParameterizedTest
    @CsvSource({
        "17, 9c4115b3000e0000, TRUNCATED",
        "17, 9c4115b300070000, BAD_LENGTH",
        "17, 9c4115b30008, TRUNCATED",
        "6, 010203040000000100000002, TRUNCATED",
        "1, 08000000, TRUNCATED",
    })
    void tellsOfHeadersThatDoNotFit(int protocol, String payload, WireFault fault) {
        MemorySegment s = packet4(protocol, payload);
        assertThat(TransportChecksum.fault(s, 0)).isEqualTo(fault);
        assertThat(TransportChecksum.fill(s, 0)).isFalse();
        assertThat(s.asSlice(20).toArray(java.lang.foreign.ValueLayout.JAVA_BYTE))
                .isEqualTo(Golden.bytes(payload));
    }

    @ParameterizedTest
    @ValueSource(ints = {4, 41, 47, 50, 58, 132, 137})
    void hasNothingToSayOfOtherProtocolsOverIpv4(int protocol) {
        MemorySegment s = packet4(protocol, "0102030405060708");
        assertThat(TransportChecksum.fault(s, 0)).isEqualTo(WireFault.NONE);
        assertThat(TransportChecksum.fill(s, 0)).isFalse();
    }

    @Test
    void hasNothingToSayOfFragments() {
        MemorySegment s = packet4(17, UDP.formatted("dead"));
        new Ipv4Header(A4, B4, 17, 64, 0, 1, Ipv4.MORE_FRAGMENTS, 0, 13).emit(s, 0);
        assertThat(TransportChecksum.fault(s, 0)).isEqualTo(WireFault.NONE);
        new Ipv4Header(A4, B4, 17, 64, 0, 1, 0, 8, 13).emit(s, 0);
        assertThat(TransportChecksum.fault(s, 0)).isEqualTo(WireFault.NONE);
        MemorySegment six = packet6(44, "11 00 0001 89abcdef" + UDP.formatted("dead"));
        assertThat(TransportChecksum.fault(six, 0)).isEqualTo(WireFault.NONE);
        assertThat(TransportChecksum.fill(six, 0)).isFalse();
    }

    @Test
    void hasNothingToSayWhileASourceRouteHasHopsToGo() {
        String route = "11 00 04 %s 00000000";
        MemorySegment going = packet6(43, route.formatted("01") + UDP.formatted("dead"));
        assertThat(TransportChecksum.fault(going, 0)).isEqualTo(WireFault.NONE);
        MemorySegment arrived = packet6(43, route.formatted("00") + UDP.formatted("dead"));
        assertThat(TransportChecksum.fault(arrived, 0)).isEqualTo(WireFault.BAD_CHECKSUM);
    }

    @Test
    void findsTheUpperLayerBehindExtensionHeaders() {
        MemorySegment s = packet6(0, "3c 00 010400000000" + "11 00 010400000000" + UDP.formatted("7b3d"));
        assertThat(TransportChecksum.fault(s, 0)).isEqualTo(WireFault.NONE);
        assertThat(TransportChecksum.fillPartial(s, 0)).isEqualTo(56);
    }

    @Test
    void isSafeOnWhateverItsCallersLetThrough() {
        Property.forAll(768, 50_000, dice -> {
            byte[] octets = Property.octets(dice, 20 + dice.nextInt(120));
            octets[0] = (byte) (dice.nextBoolean() ? 0x45 + dice.nextInt(3) : 0x60);
            boolean four = octets[0] != 0x60;
            octets[four ? 9 : 6] = (byte) new int[] {6, 17, 1, 58, 0, 43, 44, 51, 60}[dice.nextInt(9)];
            octets[four ? 2 : 4] = 0;
            MemorySegment s = Golden.exactly(octets);
            WireFault fault = four ? Ipv4.fault(s, 0, octets.length) : Ipv6.fault(s, 0, octets.length);
            if (fault == WireFault.NONE) {
                boolean filled = TransportChecksum.fill(s, 0);
                assertThat(TransportChecksum.fault(s, 0))
                        .as("filled: %s", filled)
                        .isIn((Object[]) (filled ? new WireFault[] {WireFault.NONE} : WireFault.values()));
            }
        });
    }

    // The sums of the pseudo-headers are added up by hand.
    @ParameterizedTest
    @CsvSource({"4, 17, ec5a, 20, " + UDP, "4, 6, ec71, 20, " + TCP, "6, 17, 8eee, 40, " + UDP, "6, 6, 8f05, 40, " + TCP
    })
    void seesThatAChecksumIsPartial(int version, int protocol, String pseudoHeader, int start, String payload) {
        String octets = payload.formatted(pseudoHeader);
        MemorySegment s = version == 4 ? packet4(protocol, octets) : packet6(protocol, octets);
        assertThat(TransportChecksum.partialStart(s, 0)).isEqualTo(start);
        TransportChecksum.fill(s, 0);
        assertThat(TransportChecksum.partialStart(s, 0)).isEqualTo(TransportChecksum.NONE);
    }

    @Test
    void noOtherPacketHasAPartialChecksum() {
        assertThat(TransportChecksum.partialStart(packet4(1, ECHO.formatted("0000")), 0))
                .isEqualTo(TransportChecksum.NONE);
        assertThat(TransportChecksum.partialStart(packet4(6, "0102"), 0)).isEqualTo(TransportChecksum.NONE);
        MemorySegment fragment = packet4(17, UDP.formatted("ec5a"));
        Octets.put16(fragment, 6, 0x2000);
        assertThat(TransportChecksum.partialStart(fragment, 0)).isEqualTo(TransportChecksum.NONE);
    }
}
