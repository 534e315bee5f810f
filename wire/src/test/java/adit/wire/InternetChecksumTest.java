package adit.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class InternetChecksumTest {
    /// RFC 1071 section 4.1 in its plainest form: 16 bits at a time, high octet first.
    static int slow(MemorySegment s, long at, long length) {
        long sum = 0;
        for (long i = 0; i < length; i++) {
            int octet = s.get(ValueLayout.JAVA_BYTE, at + i) & 0xff;
            sum += i % 2 == 0 ? (long) octet << 8 : octet;
        }
        while (sum >> 16 != 0) {
            sum = (sum & 0xffff) + (sum >> 16);
        }
        return (int) sum;
    }

    private static MemorySegment random(Arena arena, long size, long seed) {
        MemorySegment s = arena.allocate(size);
        SplittableRandom dice = new SplittableRandom(seed);
        for (long i = 0; i < size; i++) {
            s.set(ValueLayout.JAVA_BYTE, i, (byte) dice.nextInt());
        }
        return s;
    }

    @Test
    void agreesWithTheSlowSumAtEveryLength() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment s = random(arena, 9001 + 8, 1071);
            for (int length = 0; length <= 9001; length++) {
                int at = length % 8;
                assertThat(InternetChecksum.sum(s, at, length))
                        .as("length %d at %d", length, at)
                        .isEqualTo(slow(s, at, length));
            }
        }
    }

    @Test
    void agreesWithTheSlowSumAtEveryLengthFromAnOddOffset() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment s = random(arena, 9001 + 8, 1072);
            for (int length = 0; length <= 9001; length++) {
                int at = 1 + 2 * (length % 4);
                assertThat(InternetChecksum.sum(s, at, length))
                        .as("length %d at %d", length, at)
                        .isEqualTo(slow(s, at, length));
            }
        }
    }

    @Test
    void agreesWithTheSlowSumAtEveryAlignmentOfShortRuns() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment s = random(arena, 256 + 64, 1073);
            for (int at = 0; at < 64; at++) {
                for (int length = 0; length <= 256; length++) {
                    assertThat(InternetChecksum.sum(s, at, length))
                            .as("length %d at %d", length, at)
                            .isEqualTo(slow(s, at, length));
                }
                assertThat(InternetChecksum.sum20(s, at)).as("header at %d", at).isEqualTo(slow(s, at, 20));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 4, 7, 8, 20, 65535, 1 << 20})
    void carriesThroughOctetsThatAreAllOnes(int length) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment s = arena.allocate(Math.max(length, 1)).fill((byte) 0xff);
            assertThat(InternetChecksum.sum(s, 0, length)).isEqualTo(slow(s, 0, length));
        }
    }

    @Test
    void stopsAtTheEnd() {
        // The octets behind the run are no part of the sum, and the segment ends where the run does.
        for (int length = 0; length < 64; length++) {
            byte[] octets = Property.octets(new SplittableRandom(length), length);
            MemorySegment alone = Golden.exactly(octets);
            MemorySegment amongJunk = Golden.junk(length + 16);
            MemorySegment.copy(octets, 0, amongJunk, ValueLayout.JAVA_BYTE, 0, length);
            assertThat(InternetChecksum.sum(alone, 0, length)).isEqualTo(InternetChecksum.sum(amongJunk, 0, length));
        }
    }

    @Test
    void sumsTheExampleOfRfc1071() {
        MemorySegment s = Golden.exactly("0001 f203 f4f5 f6f7");
        assertThat(InternetChecksum.sum(s, 0, 8)).isEqualTo(0xddf2);
        assertThat(InternetChecksum.complement(0xddf2)).isEqualTo(0x220d);
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0",
        "ffff, ffff",
        "10000, 1",
        "1fffe, ffff",
        "2ddf0, ddf2",
        "ffffffff, ffff",
        "100000000, 1",
        "7fffffffffffffff, 7fff",
        "ffffffffffffffff, ffff",
    })
    void foldsUntilSixteenBitsRemain(String sum, String folded) {
        assertThat(InternetChecksum.fold(Long.parseUnsignedLong(sum, 16))).isEqualTo(Integer.parseInt(folded, 16));
    }

    @Test
    void updatesAsTheExampleOfRfc1624() {
        // Section 4: the field holds dd2f, a word changes from 5555 to 3285; equation 3 gives 0000, not ffff.
        assertThat(InternetChecksum.update(0xdd2f, 0x5555, 0x3285)).isZero();
    }

    @Test
    void updatesToWhatSummingAnewGives() {
        Property.forAll(1624, 50_000, dice -> {
            MemorySegment s = Golden.exactly(Property.octets(dice, 8));
            // Words of all zeros and all ones are where one's complement has two zeros.
            int before = dice.nextInt(3) == 0 ? -dice.nextInt(2) & 0xffff : dice.nextInt(0x10000);
            int after = dice.nextInt(3) == 0 ? -dice.nextInt(2) & 0xffff : dice.nextInt(0x10000);
            // At least one other word is not zero, as in any IP header.
            Octets.put16(s, 0, 0x4500);
            Octets.put16(s, 4, before);
            int checksum = InternetChecksum.complement(slow(s, 0, 8));
            Octets.put16(s, 4, after);
            assertThat(InternetChecksum.update(checksum, before, after))
                    .isEqualTo(InternetChecksum.complement(slow(s, 0, 8)));
        });
    }

    @Test
    void sumsThePseudoHeaderOfIpv4() {
        // RFC 768: source, destination, zero, protocol, length, laid out as octets.
        MemorySegment laidOut = Golden.exactly("c0000201 c6336407 00 11 fedc");
        assertThat(InternetChecksum.pseudoHeader4(0xc0000201, 0xc6336407, 0x11, 0xfedc))
                .isEqualTo(slow(laidOut, 0, 12));
    }

    @Test
    void sumsThePseudoHeaderOfIpv6() {
        // RFC 8200 section 8.1: source, destination, length in 32 bits, 24 zero bits, next header.
        String addresses = "20010db8a1b20000 000000000000c3d4 fe80000000000000 00000000e5f61718";
        MemorySegment laidOut = Golden.exactly(addresses + "fedcba98 000000 3a");
        assertThat(InternetChecksum.pseudoHeader6(laidOut, 0, 0x3a, 0xfedcba98)).isEqualTo(slow(laidOut, 0, 40));
    }
}
