package adit.wire;

import static adit.wire.Golden.AT;
import static adit.wire.Golden.assertWritten;
import static adit.wire.Golden.at;
import static adit.wire.Golden.exactly;
import static adit.wire.Golden.junk;
import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class Ipv4Test {
    // All fields distinct; the checksum from an independent sum.
    private static final String HEADER = "45 b9 0123 5678 7a2b 9a bc 5bcd 01020304 f5f6f7f8";
    // IHL 8: record route of 7 octets, padding, router alert of 4 octets.
    private static final String WITH_OPTIONS =
            "48 b9 0123 5678 7a2b 9a bc 7d98 01020304 f5f6f7f8 07 07 04 0a141e28 01 94 04 0000";

    @Test
    void readsEveryFieldFromWhereRfc791PutsIt() {
        MemorySegment s = at(HEADER);
        assertThat(Ipv4.version(s, AT)).isEqualTo(4);
        assertThat(Ipv4.headerLength(s, AT)).isEqualTo(20);
        assertThat(Ipv4.tos(s, AT)).isEqualTo(0xb9);
        assertThat(Ipv4.totalLength(s, AT)).isEqualTo(0x0123);
        assertThat(Ipv4.identification(s, AT)).isEqualTo(0x5678);
        assertThat(Ipv4.flags(s, AT)).isEqualTo(0b011);
        assertThat(Ipv4.dontFragment(s, AT)).isTrue();
        assertThat(Ipv4.fragmentOffset(s, AT)).isEqualTo(0x1a2b * 8);
        assertThat(Ipv4.isFragment(s, AT)).isTrue();
        assertThat(Ipv4.timeToLive(s, AT)).isEqualTo(0x9a);
        assertThat(Ipv4.protocol(s, AT)).isEqualTo(0xbc);
        assertThat(Ipv4.headerChecksum(s, AT)).isEqualTo(0x5bcd);
        assertThat(Ipv4.source(s, AT)).isEqualTo(0x01020304);
        assertThat(Ipv4.destination(s, AT)).isEqualTo(0xf5f6f7f8);
        assertThat(Ipv4.checksumValid(s, AT)).isTrue();
    }

    @Test
    void emitsEveryFieldWhereRfc791PutsIt() {
        MemorySegment s = junk(46);
        Ipv4.emit(s, AT, 0xb9, 0x0123, 0x5678, 0b011, 0x1a2b * 8, 0x9a, 0xbc, 0x01020304, 0xf5f6f7f8);
        assertWritten(s, HEADER);
    }

    @Test
    void walksOptionsAndSumsThem() {
        MemorySegment s = at(WITH_OPTIONS);
        assertThat(Ipv4.headerLength(s, AT)).isEqualTo(32);
        assertThat(Ipv4.checksumValid(s, AT)).isTrue();
        long recordRoute = Ipv4.firstOption(s, AT);
        assertThat(recordRoute).isEqualTo(AT + 20);
        assertThat(Options.kind(s, recordRoute)).isEqualTo(7);
        assertThat(Options.length(s, recordRoute)).isEqualTo(7);
        long routerAlert = Ipv4.nextOption(s, AT, recordRoute);
        assertThat(routerAlert).isEqualTo(AT + 28);
        assertThat(Options.kind(s, routerAlert)).isEqualTo(0x94);
        assertThat(Ipv4.nextOption(s, AT, routerAlert)).isEqualTo(Options.END);
    }

    @Test
    void fillsTheChecksumOverOptions() {
        MemorySegment s = at(WITH_OPTIONS.replace("7d98", "a5a5"));
        Ipv4.fillChecksum(s, AT);
        assertWritten(s, WITH_OPTIONS);
    }

    @Test
    void noticesAnyDamagedBitOfTheHeader() {
        for (int bit = 0; bit < 32 * 8; bit++) {
            MemorySegment s = at(WITH_OPTIONS);
            Octets.put8(s, AT + bit / 8, Octets.u8(s, AT + bit / 8) ^ 1 << bit % 8);
            // The four bits of IHL change how much is summed, so they alone need not show.
            if (bit >= 4) {
                assertThat(Ipv4.checksumValid(s, AT)).as("bit %d", bit).isFalse();
            }
        }
    }

    @Test
    void amendsTheChecksumAsIfItWereComputedAnew() {
        Property.forAll(1624, 20_000, dice -> {
            MemorySegment s = at(HEADER);
            // Headers whose words make every carry and both zeros turn up.
            for (int i = 0; i < 5; i++) {
                Octets.put32(s, AT + 4L * i, dice.nextInt(4) == 0 ? -dice.nextInt(2) : dice.nextInt());
            }
            Octets.put8(s, AT, 0x45);
            Ipv4.fillChecksum(s, AT);
            changeAField(s, dice);
            int amended = Ipv4.headerChecksum(s, AT);
            Ipv4.fillChecksum(s, AT);
            assertThat(amended).isEqualTo(Ipv4.headerChecksum(s, AT));
        });
    }

    private static void changeAField(MemorySegment s, SplittableRandom dice) {
        int value = dice.nextInt(256);
        if (dice.nextBoolean()) {
            Ipv4.tos(s, AT, value);
        } else {
            Ipv4.timeToLive(s, AT, value);
        }
    }

    @Test
    void setsLengthAndIdentificationAndNothingElse() {
        MemorySegment s = at(HEADER);
        Ipv4.totalLength(s, AT, 0x8765);
        Ipv4.identification(s, AT, 0x1_4321);
        assertWritten(s, "45 b9 8765 4321 7a2b 9a bc 5bcd 01020304 f5f6f7f8");
    }

    @Test
    void makesAFragmentOfAPacket() {
        MemorySegment s = at(HEADER);
        Ipv4.fragment(s, AT, 0x8765, 0b101, 0x0a3c * 8);
        // The checksum from an independent sum.
        assertWritten(s, "45 b9 8765 5678 aa3c 9a bc a579 01020304 f5f6f7f8");
    }

    @Test
    void setsTosAndTimeToLiveAndNothingElse() {
        MemorySegment s = at(HEADER);
        Ipv4.tos(s, AT, 0x17);
        Ipv4.timeToLive(s, AT, 0x2c);
        // The checksum from an independent sum.
        assertWritten(s, "45 17 0123 5678 7a2b 2c bc ca6f 01020304 f5f6f7f8");
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0, false",
        "0, 0b010, false",
        "0, 0b100, false",
        "0, 0b001, true",
        "8, 0, true",
        "65528, 0b011, true",
    })
    void knowsAFragment(int offset, String flags, boolean fragment) {
        MemorySegment s = junk(20);
        Ipv4.emit(s, 0, 0, 20, 0, Integer.parseInt(flags.replace("0b", ""), 2), offset, 1, 1, 1, 2);
        assertThat(Ipv4.isFragment(s, 0)).isEqualTo(fragment);
    }

    @ParameterizedTest
    @CsvSource({
        "45 00 0014, TRUNCATED",
        "55 00 0014 0000 0000 0000 0000 00000000 00000000, BAD_VERSION",
        "05 00 0014 0000 0000 0000 0000 00000000 00000000, BAD_VERSION",
        "40 00 0014 0000 0000 0000 0000 00000000 00000000, BAD_LENGTH",
        "44 00 0014 0000 0000 0000 0000 00000000 00000000, BAD_LENGTH",
        "45 00 0013 0000 0000 0000 0000 00000000 00000000, BAD_LENGTH",
        "45 00 0000 0000 0000 0000 0000 00000000 00000000, BAD_LENGTH",
        "46 00 0014 0000 0000 0000 0000 00000000 00000000, BAD_LENGTH",
        "46 00 0018 0000 0000 0000 0000 00000000 00000000, TRUNCATED",
        "45 00 0015 0000 0000 0000 0000 00000000 00000000, TRUNCATED",
        "45 00 ffff 0000 0000 0000 0000 00000000 00000000, TRUNCATED",
        "45 00 0014 0000 0000 0000 0000 00000000 00000000, NONE",
        "45 00 0014 0000 0000 0000 0000 00000000 00000000 0000, NONE",
        "46 00 0018 0000 0000 0000 0000 00000000 00000000 00000000, NONE",
    })
    void refusesHeadersThatLie(String hex, WireFault fault) {
        MemorySegment s = exactly(hex);
        assertThat(Ipv4.fault(s, 0, (int) s.byteSize())).isEqualTo(fault);
    }
}
