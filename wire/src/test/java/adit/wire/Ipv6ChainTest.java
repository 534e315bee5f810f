package adit.wire;

import static adit.wire.Golden.AT;
import static adit.wire.Golden.assertWritten;
import static adit.wire.Golden.at;
import static adit.wire.Golden.exactly;
import static adit.wire.Golden.junk;
import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class Ipv6ChainTest {
    private static final String ADDRESSES = "0001020304050607 08090a0b0c0d0e0f 1011121314151617 18191a1b1c1d1e1f";

    // Next header of each: hop-by-hop 0, routing 2b, fragment 2c, AH 33, destination options 3c, UDP 11.
    private static final String HOP_BY_HOP_8 = "%s 00 010400000000 ";
    private static final String DESTINATION_24 = "%s 02 0112 000000000000000000000000000000000000 0000 ";
    private static final String ROUTING_16 = "%s 01 04 00 00000000 0000000000000000 ";
    private static final String AH_24 = "%s 04 0000 a1a2a3a4 b1b2b3b4 c1c2c3c4 c5c6c7c8 c9cacbcc ";
    private static final String UDP = "1234 0035 0008 0000";

    private static MemorySegment packet(String nextHeader, String payload) {
        String octets = payload.replace(" ", "");
        return exactly("60000000 %04x %s 40 %s %s".formatted(octets.length() / 2, nextHeader, ADDRESSES, octets));
    }

    @Test
    void findsTheUpperLayerDirectlyBehindTheHeader() {
        MemorySegment s = packet("11", UDP);
        long walk = Ipv6Chain.walk(s, 0);
        assertThat(Ipv6Chain.fault(walk)).isEqualTo(WireFault.NONE);
        assertThat(Ipv6Chain.protocol(walk)).isEqualTo(IpProtocol.UDP);
        assertThat(Ipv6Chain.offset(walk)).isEqualTo(40);
        assertThat(Ipv6Chain.isFragment(walk)).isFalse();
        assertThat(Ipv6Chain.isSourceRouted(walk)).isFalse();
    }

    @Test
    void walksThroughEachKindOfExtensionHeader() {
        MemorySegment s = packet(
                "00",
                HOP_BY_HOP_8.formatted("3c")
                        + DESTINATION_24.formatted("2b")
                        + ROUTING_16.formatted("33")
                        + AH_24.formatted("11")
                        + UDP);
        long walk = Ipv6Chain.walk(s, 0);
        assertThat(Ipv6Chain.fault(walk)).isEqualTo(WireFault.NONE);
        assertThat(Ipv6Chain.protocol(walk)).isEqualTo(IpProtocol.UDP);
        assertThat(Ipv6Chain.offset(walk)).isEqualTo(40 + 8 + 24 + 16 + 24);
        assertThat(Ipv6Chain.isFragment(walk)).isFalse();
        assertThat(Ipv6Chain.isSourceRouted(walk)).isFalse();
    }

    @ParameterizedTest
    @CsvSource({
        "0000, false, false", // offset 0, last: a whole packet that only carries the header (RFC 6946)
        "0006, false, false", // reserved bits do not make a fragment
        "0001, true, false",
        "0008, true, true",
        "fff9, true, true",
    })
    void knowsFragments(String position, boolean fragment, boolean later) {
        MemorySegment s = packet("2c", "11 00 " + position + " 89abcdef" + UDP);
        long walk = Ipv6Chain.walk(s, 0);
        assertThat(Ipv6Chain.fault(walk)).isEqualTo(WireFault.NONE);
        assertThat(Ipv6Chain.isFragment(walk)).isEqualTo(fragment);
        assertThat(Ipv6Chain.isLaterFragment(walk)).isEqualTo(later);
        assertThat(Ipv6Chain.protocol(walk)).isEqualTo(IpProtocol.UDP);
        assertThat(Ipv6Chain.offset(walk)).isEqualTo(48);
    }

    @Test
    void doesNotTakeTheDataOfALaterFragmentForAHeader() {
        // The fragment header names destination options, but what follows is data from the middle.
        MemorySegment s = packet("2c", "3c 00 0008 89abcdef ffffffffffffffff");
        long walk = Ipv6Chain.walk(s, 0);
        assertThat(Ipv6Chain.fault(walk)).isEqualTo(WireFault.NONE);
        assertThat(Ipv6Chain.protocol(walk)).isEqualTo(IpProtocol.DESTINATION_OPTIONS);
        assertThat(Ipv6Chain.offset(walk)).isEqualTo(48);
    }

    @Test
    void knowsASourceRouteThatStillHasHopsToGo() {
        MemorySegment s = packet("2b", "11 00 04 01 00000000" + UDP);
        assertThat(Ipv6Chain.isSourceRouted(Ipv6Chain.walk(s, 0))).isTrue();
    }

    @ParameterizedTest
    @ValueSource(ints = {50, 59, 58, 41, 135, 255})
    void stopsAtWhatIsNoExtensionHeader(int protocol) {
        MemorySegment s = packet("3c", "%02x 00 010400000000".formatted(protocol));
        long walk = Ipv6Chain.walk(s, 0);
        assertThat(Ipv6Chain.fault(walk)).isEqualTo(WireFault.NONE);
        assertThat(Ipv6Chain.protocol(walk)).isEqualTo(protocol);
        assertThat(Ipv6Chain.offset(walk)).isEqualTo(48);
    }

    @Test
    void refusesHopByHopOptionsThatAreNotFirst() {
        MemorySegment s = packet("3c", "00 00 010400000000" + HOP_BY_HOP_8.formatted("3b"));
        assertThat(Ipv6Chain.fault(Ipv6Chain.walk(s, 0))).isEqualTo(WireFault.BAD_FIELD);
    }

    @Test
    void refusesAnEndlessChain() {
        MemorySegment whole = packet("3c", "3c 00 010400000000".repeat(15) + "11 00 010400000000" + UDP);
        long walk = Ipv6Chain.walk(whole, 0);
        assertThat(Ipv6Chain.fault(walk)).isEqualTo(WireFault.NONE);
        assertThat(Ipv6Chain.offset(walk)).isEqualTo(40 + 16 * 8);

        MemorySegment longer = packet("3c", "3c 00 010400000000".repeat(16) + "11 00 010400000000" + UDP);
        assertThat(Ipv6Chain.fault(Ipv6Chain.walk(longer, 0))).isEqualTo(WireFault.BAD_LENGTH);
    }

    @Test
    void noticesAChainThatLeavesThePacketAtEveryLength() {
        String chain = DESTINATION_24.formatted("2b") + ROUTING_16.formatted("33") + AH_24.formatted("2c")
                + "3c 00 0000 89abcdef" + HOP_BY_HOP_8.formatted("3b");
        byte[] octets = Golden.bytes(chain);
        for (int length = 0; length < octets.length; length++) {
            MemorySegment s = packet("3c", chain.replace(" ", "").substring(0, length * 2));
            assertThat(Ipv6Chain.fault(Ipv6Chain.walk(s, 0)))
                    .as("length %d", length)
                    .isEqualTo(WireFault.TRUNCATED);
        }
        MemorySegment s = packet("3c", chain);
        assertThat(Ipv6Chain.fault(Ipv6Chain.walk(s, 0))).isEqualTo(WireFault.NONE);
    }

    @Test
    void staysInsideTheFirstOctetsOfAQuotedPacket() {
        // The packet says that it has 65,535 octets, but only the fixed header and 8 octets are at hand.
        MemorySegment s = exactly("60000000 ffff 3c 40" + ADDRESSES + "11 00 010400000000");
        long walk = Ipv6Chain.walk(s, 0, 48);
        assertThat(Ipv6Chain.fault(walk)).isEqualTo(WireFault.NONE);
        assertThat(Ipv6Chain.offset(walk)).isEqualTo(48);
        assertThat(Ipv6Chain.fault(Ipv6Chain.walk(s, 0, 47))).isEqualTo(WireFault.TRUNCATED);
    }

    @Test
    void readsAndEmitsEveryFieldOfAFragmentHeader() {
        String header = "a7 00 1239 89abcdef";
        MemorySegment s = at(header);
        assertThat(Ipv6Chain.fragmentOffset(s, AT)).isEqualTo(0x1238);
        assertThat(Ipv6Chain.moreFragments(s, AT)).isTrue();
        assertThat(Ipv6Chain.fragmentIdentification(s, AT)).isEqualTo(0x89abcdef);
        MemorySegment written = junk(8 + 2 * AT);
        Ipv6Chain.emitFragment(written, AT, 0xa7, 0x1238, true, 0x89abcdef);
        assertWritten(written, header);
    }
}
