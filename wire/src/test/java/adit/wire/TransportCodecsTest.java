package adit.wire;

import static adit.wire.Golden.AT;
import static adit.wire.Golden.assertWritten;
import static adit.wire.Golden.at;
import static adit.wire.Golden.exactly;
import static adit.wire.Golden.junk;
import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TransportCodecsTest {
    // From 192.0.2.1 to 198.51.100.7, and from 2001:db8:a1b2::c3d4 to fe80::e5f6:1718. All checksums in this file come
    // from an independent sum.
    private static final int SOURCE = 0xc0000201;
    private static final int DESTINATION = 0xc6336407;
    private static final String ADDRESSES6 = "20010db8a1b200000000000000 00c3d4 fe80000000000000 00000000e5f61718";

    private static int pseudo4(int protocol, int length) {
        return InternetChecksum.pseudoHeader4(SOURCE, DESTINATION, protocol, length);
    }

    private static int pseudo6(int protocol, int length) {
        return InternetChecksum.pseudoHeader6(exactly(ADDRESSES6), 0, protocol, length);
    }

    @Nested
    class OfUdp {
        private static final String DATAGRAM = "9c41 15b3 000d 1dd1 68656c6c6f";

        @Test
        void readsEveryFieldFromWhereRfc768PutsIt() {
            MemorySegment s = at(DATAGRAM);
            assertThat(Udp.sourcePort(s, AT)).isEqualTo(0x9c41);
            assertThat(Udp.destinationPort(s, AT)).isEqualTo(0x15b3);
            assertThat(Udp.length(s, AT)).isEqualTo(13);
            assertThat(Udp.checksum(s, AT)).isEqualTo(0x1dd1);
            assertThat(Udp.hasChecksum(s, AT)).isTrue();
            assertThat(Udp.checksumValid(s, AT, pseudo4(17, 13))).isTrue();
            assertThat(Udp.checksumValid(s, AT, pseudo4(6, 13))).isFalse();
        }

        @Test
        void emitsEveryFieldWhereRfc768PutsIt() {
            MemorySegment s = junk(8 + 2 * AT);
            Udp.emit(s, AT, 0x9c41, 0x15b3, 0xf00d, 0x1dd1);
            assertWritten(s, "9c41 15b3 f00d 1dd1");
        }

        @Test
        void setsTheLengthAndNothingElse() {
            MemorySegment s = at(DATAGRAM);
            Udp.length(s, AT, 0xfedc);
            assertWritten(s, DATAGRAM.replace("000d", "fedc"));
        }

        @Test
        void fillsTheChecksumOverIpv4() {
            MemorySegment s = at(DATAGRAM.replace("1dd1", "a5a5"));
            Udp.fillChecksum(s, AT, pseudo4(17, 13));
            assertWritten(s, DATAGRAM);
        }

        @Test
        void fillsTheChecksumOverIpv6() {
            MemorySegment s = at(DATAGRAM);
            Udp.fillChecksum(s, AT, pseudo6(17, 13));
            assertWritten(s, DATAGRAM.replace("1dd1", "7b3d"));
            assertThat(Udp.checksumValid(s, AT, pseudo6(17, 13))).isTrue();
        }

        @Test
        void sendsAComputedZeroAsAllOnes() {
            // With this payload everything else sums to ffff.
            MemorySegment s = at("9c41 15b3 000a 0000 61a9");
            Udp.fillChecksum(s, AT, pseudo4(17, 10));
            assertWritten(s, "9c41 15b3 000a ffff 61a9");
            assertThat(Udp.checksumValid(s, AT, pseudo4(17, 10))).isTrue();
        }

        @ParameterizedTest
        @CsvSource({
            "0000 0000 0008, TRUNCATED",
            "0000 0000 0000 0000, BAD_LENGTH",
            "0000 0000 0007 0000, BAD_LENGTH",
            "0000 0000 0009 0000, TRUNCATED",
            "0000 0000 ffff 0000, TRUNCATED",
            "0000 0000 0008 0000, NONE",
            "0000 0000 0008 0000 00, NONE",
        })
        void refusesHeadersThatLie(String hex, WireFault fault) {
            MemorySegment s = exactly(hex);
            assertThat(Udp.fault(s, 0, (int) s.byteSize())).isEqualTo(fault);
        }
    }

    @Nested
    class OfTcp {
        // Data offset 10: MSS 1460, SACK permitted, timestamps, padding, window scale 7. Flags 0x155, reserved bits
        // set.
        private static final String SEGMENT = "0102 0304 f5060708 890a0b0c af55 0d0e 3442 0f10"
                + "020405b4 0402 080aa1a2a3a4b1b2b3b4 01 030307 7061796c6f6164";

        @Test
        void readsEveryFieldFromWhereRfc9293PutsIt() {
            MemorySegment s = at(SEGMENT);
            assertThat(Tcp.sourcePort(s, AT)).isEqualTo(0x0102);
            assertThat(Tcp.destinationPort(s, AT)).isEqualTo(0x0304);
            assertThat(Tcp.sequenceNumber(s, AT)).isEqualTo(0xf5060708L);
            assertThat(Tcp.acknowledgmentNumber(s, AT)).isEqualTo(0x890a0b0cL);
            assertThat(Tcp.headerLength(s, AT)).isEqualTo(40);
            assertThat(Tcp.flags(s, AT)).isEqualTo(Tcp.AE | Tcp.ECE | Tcp.ACK | Tcp.RST | Tcp.FIN);
            assertThat(Tcp.window(s, AT)).isEqualTo(0x0d0e);
            assertThat(Tcp.checksum(s, AT)).isEqualTo(0x3442);
            assertThat(Tcp.urgentPointer(s, AT)).isEqualTo(0x0f10);
            assertThat(Tcp.checksumValid(s, AT, 47, pseudo4(6, 47))).isTrue();
            assertThat(Tcp.checksumValid(s, AT, 47, pseudo4(6, 46))).isFalse();
        }

        @Test
        void walksOptionsPastPadding() {
            MemorySegment s = at(SEGMENT);
            List<Integer> kinds = new ArrayList<>();
            List<Long> offsets = new ArrayList<>();
            long option = Tcp.firstOption(s, AT);
            for (; option >= 0; option = Tcp.nextOption(s, AT, option)) {
                kinds.add(Options.kind(s, option));
                offsets.add(option - AT);
            }
            assertThat(kinds).containsExactly(2, 4, 8, 3);
            assertThat(offsets).containsExactly(20L, 24L, 26L, 37L);
            assertThat(option).isEqualTo(Options.END);
        }

        @Test
        void emitsEveryFieldWhereRfc9293PutsIt() {
            MemorySegment s = junk(20 + 2 * AT);
            Tcp.emit(s, AT, 0x0102, 0x0304, 0xf5060708L, 0x890a0b0cL, 40, 0x155, 0x0d0e);
            assertWritten(s, "0102 0304 f5060708 890a0b0c a155 0d0e 0000 0000");
        }

        @Test
        void setsOneFieldAndNothingElse() {
            MemorySegment s = at(SEGMENT);
            Tcp.flags(s, AT, Tcp.CWR | Tcp.URG);
            Tcp.sequenceNumber(s, AT, 0x1_11223344L);
            assertWritten(s, SEGMENT.replace("af55", "aea0").replace("f5060708", "11223344"));
        }

        @Test
        void fillsTheChecksum() {
            MemorySegment s = at(SEGMENT.replace("3442", "a5a5"));
            Tcp.fillChecksum(s, AT, 47, pseudo4(6, 47));
            assertWritten(s, SEGMENT);
            Tcp.fillChecksum(s, AT, 47, pseudo6(6, 47));
            assertWritten(s, SEGMENT.replace("3442", "91ae"));
        }

        @ParameterizedTest
        @CsvSource({"4f, BAD_LENGTH", "0f, BAD_LENGTH", "50, NONE", "60, TRUNCATED", "f0, TRUNCATED"})
        void refusesADataOffsetThatLies(String octet, WireFault fault) {
            MemorySegment s = exactly("0000 0000 00000000 00000000" + octet + "00 0000 0000 0000");
            assertThat(Tcp.fault(s, 0, 20)).isEqualTo(fault);
        }
    }

    @Nested
    class OfIcmp4 {
        private static final String TOO_BIG = "03 04 f48d 21 22 05dc 71756f7465206d652e";

        @Test
        void readsAnErrorFromWhereRfc792And1191And4884PutIt() {
            MemorySegment s = at(TOO_BIG);
            assertThat(Icmp4.type(s, AT)).isEqualTo(3);
            assertThat(Icmp4.code(s, AT)).isEqualTo(4);
            assertThat(Icmp4.checksum(s, AT)).isEqualTo(0xf48d);
            assertThat(Icmp4.restOfHeader(s, AT)).isEqualTo(0x212205dc);
            assertThat(Icmp4.gateway(s, AT)).isEqualTo(0x212205dc);
            assertThat(Icmp4.pointer(s, AT)).isEqualTo(0x21);
            assertThat(Icmp4.quoteLength(s, AT)).isEqualTo(0x22 * 4);
            assertThat(Icmp4.nextHopMtu(s, AT)).isEqualTo(1500);
            assertThat(Icmp4.checksumValid(s, AT, 17)).isTrue();
            assertThat(Icmp4.checksumValid(s, AT, 16)).isFalse();
        }

        @Test
        void readsAnEcho() {
            MemorySegment s = at("08 00 b3c8 1122 3344 70696e6721");
            assertThat(Icmp4.identifier(s, AT)).isEqualTo(0x1122);
            assertThat(Icmp4.sequenceNumber(s, AT)).isEqualTo(0x3344);
            assertThat(Icmp4.checksumValid(s, AT, 13)).isTrue();
        }

        @Test
        void emitsAroundDataThatAlreadyStands() {
            MemorySegment s = at("a5 a5 a5a5 a5 a5 a5a5 71756f7465206d652e");
            Icmp4.emit(s, AT, 17, 3, 4, 0x212205dc);
            assertWritten(s, TOO_BIG);
        }

        @ParameterizedTest
        @CsvSource({
            "45000100000000004001, 28, true, the least that RFC 792 asks for",
            "45000100000000004001, 27, false, an octet less",
            "46000100000000004001, 32, true, with an option",
            "46000100000000004001, 31, false, with an option and an octet less",
            "44000100000000004001, 28, false, a header shorter than a header",
            "65000100000000004001, 60, false, another version",
        })
        void knowsAQuoteByItsHeaderAndEightOctets(String begins, int available, boolean is, String why) {
            assertThat(Icmp4.isQuote(at(begins + "00".repeat(50)), AT, available))
                    .as(why)
                    .isEqualTo(is);
        }

        @ParameterizedTest
        @ValueSource(ints = {3, 4, 5, 11, 12})
        void knowsErrors(int type) {
            assertThat(Icmp4.isError(type)).isTrue();
        }

        @ParameterizedTest
        @ValueSource(ints = {0, 8, 9, 10, 13, 14, 15, 42, 255})
        void knowsQueries(int type) {
            assertThat(Icmp4.isError(type)).isFalse();
        }
    }

    @Nested
    class OfIcmp6 {
        private static final String TOO_BIG = "02 33 964b 81828384 6f6464";

        @Test
        void readsAnErrorFromWhereRfc4443PutsIt() {
            MemorySegment s = at(TOO_BIG);
            assertThat(Icmp6.type(s, AT)).isEqualTo(2);
            assertThat(Icmp6.code(s, AT)).isEqualTo(0x33);
            assertThat(Icmp6.checksum(s, AT)).isEqualTo(0x964b);
            assertThat(Icmp6.restOfHeader(s, AT)).isEqualTo(0x81828384);
            assertThat(Icmp6.mtu(s, AT)).isEqualTo(0x81828384L);
            assertThat(Icmp6.pointer(s, AT)).isEqualTo(0x81828384L);
            assertThat(Icmp6.identifier(s, AT)).isEqualTo(0x8182);
            assertThat(Icmp6.sequenceNumber(s, AT)).isEqualTo(0x8384);
            assertThat(Icmp6.checksumValid(s, AT, 11, pseudo6(58, 11))).isTrue();
            assertThat(Icmp6.checksumValid(s, AT, 11, pseudo6(58, 12))).isFalse();
        }

        @Test
        void emitsAroundDataThatAlreadyStands() {
            MemorySegment s = at("a5 a5 a5a5 a5a5a5a5 6f6464");
            Icmp6.emit(s, AT, 11, 2, 0x33, 0x81828384, pseudo6(58, 11));
            assertWritten(s, TOO_BIG);
        }

        @Test
        void tellsErrorsByTheHighestBitOfTheType() {
            assertThat(Icmp6.isError(0)).isTrue();
            assertThat(Icmp6.isError(127)).isTrue();
            assertThat(Icmp6.isError(128)).isFalse();
            assertThat(Icmp6.isError(255)).isFalse();
        }
    }

    @Nested
    class OfOptions {
        private static long first(String hex) {
            MemorySegment s = exactly(hex);
            return Options.at(s, 0, s.byteSize());
        }

        @Test
        void endsAtTheEndOfTheList() {
            assertThat(first("00 ff")).isEqualTo(Options.END);
            assertThat(first("01 01 00 02")).isEqualTo(Options.END);
        }

        @Test
        void endsWithTheHeader() {
            assertThat(first("")).isEqualTo(Options.END);
            assertThat(first("01 01 01")).isEqualTo(Options.END);
        }

        @Test
        void refusesLengthsThatLie() {
            assertThat(first("08 00")).isEqualTo(Options.MALFORMED);
            assertThat(first("08 01")).isEqualTo(Options.MALFORMED);
            assertThat(first("08 03")).isEqualTo(Options.MALFORMED);
            assertThat(first("08 ff 00 00")).isEqualTo(Options.MALFORMED);
            assertThat(first("01 08")).isEqualTo(Options.MALFORMED);
        }

        @Test
        void takesAnOptionThatFillsTheHeader() {
            assertThat(first("08 02")).isZero();
            assertThat(first("01 08 03 00")).isEqualTo(1);
        }

        @Test
        void endsOnAnyOctets() {
            Property.forAll(791, 20_000, dice -> {
                MemorySegment s = exactly(Property.octets(dice, dice.nextInt(41)));
                int steps = 0;
                long option = Options.at(s, 0, s.byteSize());
                while (option >= 0) {
                    assertThat(option + Options.length(s, option)).isLessThanOrEqualTo(s.byteSize());
                    option = Options.next(s, option, s.byteSize());
                    assertThat(++steps).isLessThanOrEqualTo(20);
                }
            });
        }
    }
}
