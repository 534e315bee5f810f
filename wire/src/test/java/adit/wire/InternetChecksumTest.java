package adit.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class InternetChecksumTest {
    /// RFC 1071 section 4.1 in its plainest form: 16 bits at a time, high octet first.
    private static int slow(MemorySegment s, long at, long length) {
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
    void agreesWithTheSlowSumAtEveryLengthAndAlignment() {
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
    void sumsTheExampleOfRfc1071() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment s = arena.allocate(8);
            Octets.put64(s, 0, 0x0001_f203_f4f5_f6f7L);
            assertThat(InternetChecksum.sum(s, 0, 8)).isEqualTo(0xddf2);
        }
    }

    @Test
    void updatesAsTheExampleOfRfc1624() {
        // Section 4: the field holds dd2f, a word changes from 5555 to 3285; equation 3 gives 0000, not ffff.
        assertThat(InternetChecksum.update(0xdd2f, 0x5555, 0x3285)).isZero();
    }
}
