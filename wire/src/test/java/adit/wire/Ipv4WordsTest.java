package adit.wire;

import static adit.wire.Golden.AT;
import static adit.wire.Golden.assertWritten;
import static adit.wire.Golden.at;
import static adit.wire.Golden.junk;
import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;

class Ipv4WordsTest {
    // All fields distinct; the checksum from an independent sum.
    private static final String HEADER = "45 b9 0123 5678 7a2b 9a bc 5bcd 01020304 f5f6f7f8";

    @Test
    void readsEveryFieldFromWhereRfc791PutsIt() {
        MemorySegment s = at(HEADER);
        long first = Ipv4Words.first(s, AT);
        long second = Ipv4Words.second(s, AT);
        assertThat(Ipv4Words.version(first)).isEqualTo(4);
        assertThat(Ipv4Words.headerLength(first)).isEqualTo(20);
        assertThat(Ipv4Words.tos(first)).isEqualTo(0xb9);
        assertThat(Ipv4Words.totalLength(first)).isEqualTo(0x0123);
        assertThat(Ipv4Words.isFragment(first)).isTrue();
        assertThat(Ipv4Words.timeToLive(second)).isEqualTo(0x9a);
        assertThat(Ipv4Words.protocol(second)).isEqualTo(0xbc);
        assertThat(Ipv4Words.source(second)).isEqualTo(0x01020304);
        assertThat(Ipv4Words.checksumValid(first, second, 0xf5f6f7f8)).isTrue();
    }

    @Test
    void readsFieldsWithoutTheirSigns() {
        MemorySegment s = at("ff ff ffff ffff ffff ff ff ffff ffffffff ffffffff");
        long first = Ipv4Words.first(s, AT);
        assertThat(Ipv4Words.version(first)).isEqualTo(15);
        assertThat(Ipv4Words.headerLength(first)).isEqualTo(60);
        assertThat(Ipv4Words.tos(first)).isEqualTo(0xff);
        assertThat(Ipv4Words.totalLength(first)).isEqualTo(0xffff);
        assertThat(Ipv4Words.timeToLive(Ipv4Words.second(s, AT))).isEqualTo(0xff);
    }

    @Test
    void setsTheTimeToLiveAndNothingElse() {
        MemorySegment s = at("45 17 0123 5678 7a2b 9a bc 5c6f 01020304 f5f6f7f8");
        Ipv4Words.timeToLive(s, AT, Ipv4Words.second(s, AT), 0x2c);
        // The checksum from an independent sum.
        assertWritten(s, "45 17 0123 5678 7a2b 2c bc ca6f 01020304 f5f6f7f8");
    }

    @Test
    void knowsADamagedHeaderByOneBit() {
        for (int bit = 0; bit < 160; bit++) {
            MemorySegment s = at(HEADER);
            Octets.put8(s, AT + bit / 8, Octets.u8(s, AT + bit / 8) ^ 1 << bit % 8);
            assertThat(Ipv4Words.checksumValid(
                            Ipv4Words.first(s, AT), Ipv4Words.second(s, AT), Ipv4.destination(s, AT)))
                    .as("bit %d", bit)
                    .isFalse();
        }
    }

    @Test
    void doesWithWordsWhatIsDoneFieldByField() {
        Property.forAll(791, 20_000, dice -> {
            MemorySegment s = junk(20 + 2 * AT);
            // Headers whose words make every carry and both zeros turn up.
            for (int i = 0; i < 5; i++) {
                Octets.put32(s, AT + 4L * i, dice.nextInt(4) == 0 ? -dice.nextInt(2) : dice.nextInt());
            }
            Octets.put8(s, AT, 0x45);
            if (dice.nextInt(8) != 0) {
                Ipv4.fillChecksum(s, AT);
            }
            long first = Ipv4Words.first(s, AT);
            long second = Ipv4Words.second(s, AT);
            assertThat(Ipv4Words.checksumValid(first, second, Ipv4.destination(s, AT)))
                    .isEqualTo(Ipv4.checksumValid(s, AT));
            assertThat(Ipv4Words.isFragment(first)).isEqualTo(Ipv4.isFragment(s, AT));
            MemorySegment other = MemorySegment.ofArray(s.toArray(ValueLayout.JAVA_BYTE));
            int ttl = dice.nextInt(256);
            Ipv4Words.timeToLive(s, AT, second, ttl);
            Ipv4.timeToLive(other, AT, ttl);
            assertThat(s.mismatch(other)).isEqualTo(-1);
        });
    }
}
