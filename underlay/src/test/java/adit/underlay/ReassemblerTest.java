package adit.underlay;

import static org.assertj.core.api.Assertions.assertThat;

import adit.packet.PacketBuffer;
import adit.packet.PacketPool;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class ReassemblerTest {
    private static final int MORE = 0x2000;

    private final PacketPool pool = new PacketPool(40, 64, 4096);
    private final Reassembler reassembler = new Reassembler(pool, 3, 1_000);

    @AfterEach
    void everyBufferCameHome() {
        reassembler.close();
        assertThat(pool.lent()).isZero();
        pool.close();
    }

    /// A packet and how Linux fragmented it.
    record Recorded(String whole, List<String> fragments) {}

    static List<Recorded> recorded() throws IOException {
        List<Recorded> all = new ArrayList<>();
        try (BufferedReader in = new BufferedReader(new InputStreamReader(
                ReassemblerTest.class.getResourceAsStream("linux-6.18-fragments.txt"), StandardCharsets.US_ASCII))) {
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                if (line.startsWith("whole ")) {
                    all.add(new Recorded(line.substring(6), new ArrayList<>()));
                } else if (line.startsWith("fragment ")) {
                    all.getLast().fragments().add(line.substring(9));
                }
            }
        }
        assertThat(all).hasSize(3);
        return all;
    }

    @ParameterizedTest
    @MethodSource("recorded")
    void joinsWhatLinuxFragmentedInAnyOrder(Recorded recorded) {
        // The kernel forwarded the packet, so the TTL of the fragments is one lower; MF, offset and length are gone
        // again in the whole.
        byte[] expected = Raw.hex(recorded.whole());
        expected[8]--;
        int header = (expected[0] & 0xf) * 4;
        Raw.put16(expected, 10, 0);
        Raw.put16(expected, 10, Raw.checksum(expected, 0, header, 0));

        List<String> order = new ArrayList<>(recorded.fragments());
        for (int seed = 0; seed < 20; seed++) {
            PacketBuffer whole = null;
            for (String fragment : order) {
                assertThat(whole).as("whole before the last fragment").isNull();
                whole = reassembler.add(Raw.buffer(pool, Raw.hex(fragment)), 0);
            }
            assertThat(whole).isNotNull();
            assertThat(Raw.octets(whole)).isEqualTo(expected);
            whole.release();
            Collections.shuffle(order, new Random(seed));
        }
        assertThat(reassembler.wholes()).isEqualTo(20);
        assertThat(reassembler.joined()).isEqualTo(20L * order.size());
        assertThat(reassembler.held()).isZero();
    }

    /// Cuts `payload` at random multiples of eight and shuffles the pieces.
    private static List<byte[]> cut(byte[] payload, int id, SplittableRandom dice) {
        List<byte[]> pieces = new ArrayList<>();
        for (int from = 0; from < payload.length; ) {
            int to = Math.min(payload.length, from + 8 * (1 + dice.nextInt(20)));
            int flagsOffset = from / 8 | (to < payload.length ? MORE : 0);
            byte[] piece = Arrays.copyOfRange(payload, from, to);
            pieces.add(Raw.ipv4(Raw.PEER, Raw.OURS, 4, id, flagsOffset, piece));
            from = to;
        }
        Collections.shuffle(pieces, new Random(dice.nextLong()));
        return pieces;
    }

    @Test
    void joinsInterleavedPacketsCutAnyhowWithDuplicatesAmongThem() {
        SplittableRandom dice = new SplittableRandom(815);
        long duplicates = 0;
        for (int round = 0; round < 300; round++) {
            byte[][] payloads = new byte[3][];
            List<byte[]> mixed = new ArrayList<>();
            for (int id = 0; id < 3; id++) {
                payloads[id] = new byte[1 + dice.nextInt(3000)];
                dice.nextBytes(payloads[id]);
                mixed.addAll(cut(payloads[id], id, dice));
            }
            Collections.shuffle(mixed, new Random(dice.nextLong()));
            byte[][] seen = new byte[3][];
            for (byte[] fragment : mixed) {
                if ((Raw.u16(fragment, 6) & 0x3fff) == 0) {
                    continue; // short enough to be no fragment at all
                }
                int id = Raw.u16(fragment, 4);
                PacketBuffer whole = reassembler.add(Raw.buffer(pool, fragment), 0);
                if (whole == null && dice.nextInt(4) == 0) {
                    assertThat(reassembler.add(Raw.buffer(pool, fragment), 0)).isNull();
                    duplicates++;
                }
                if (whole != null) {
                    assertThat(seen[id]).as("only once").isNull();
                    seen[id] = Raw.octets(whole);
                    whole.release();
                }
            }
            for (int id = 0; id < 3; id++) {
                if (seen[id] != null || payloads[id].length > 160) {
                    assertThat(seen[id]).isEqualTo(Raw.ipv4(Raw.PEER, Raw.OURS, 4, id, 0, payloads[id]));
                }
            }
            assertThat(reassembler.held()).isZero();
        }
        assertThat(reassembler.dropped(Reassembler.Drop.DUPLICATE)).isEqualTo(duplicates);
    }

    private PacketBuffer add(int start, int end, boolean last) {
        return add(start, end, last, 0x28);
    }

    private PacketBuffer add(int start, int end, boolean last, int tos) {
        byte[] payload = Arrays.copyOfRange(Raw.pattern(4000), start, end);
        byte[] p = Raw.ipv4(Raw.PEER, Raw.OURS, 4, 77, start / 8 | (last ? 0 : MORE), payload);
        p[1] = (byte) tos;
        return reassembler.add(Raw.buffer(pool, p), 0);
    }

    /// A fragment of 80 octets at 80 and another one at 240 are there; what does a third one do.
    @ParameterizedTest
    @CsvSource({
        // covered wholly: ignored, and the packet goes on
        "80, 160, false, DUPLICATE, 1",
        "80, 96, false, DUPLICATE, 1",
        "144, 160, false, DUPLICATE, 1",
        // covered in part: the packet is gone, all three of its fragments
        "72, 96, false, OVERLAP, 3",
        "72, 160, false, OVERLAP, 3",
        "80, 168, false, OVERLAP, 3",
        "72, 168, false, OVERLAP, 3",
        "152, 168, false, OVERLAP, 3",
        "160, 248, false, OVERLAP, 3",
        "0, 400, true, OVERLAP, 3",
        // an end in front of what is there
        "160, 232, true, CONTRADICTION, 3",
        // neither ends a packet nor fills eight octets
        "160, 167, false, MALFORMED, 1",
        "160, 160, false, MALFORMED, 1",
        "160, 160, true, MALFORMED, 1",
    })
    void refusesFragmentsThatOverlapOrContradict(
            int start, int end, boolean last, Reassembler.Drop reason, long fragments) {
        add(80, 160, false);
        add(240, 320, false);
        assertThat(add(start, end, last)).isNull();
        for (Reassembler.Drop each : Reassembler.Drop.values()) {
            assertThat(reassembler.dropped(each)).as("%s", each).isEqualTo(each == reason ? fragments : 0);
        }
        assertThat(reassembler.held()).isEqualTo(fragments == 1 ? 2 : 0);
    }

    @Test
    void refusesASecondEndThatIsAnotherAndOctetsBehindTheEnd() {
        add(80, 165, true);
        assertThat(add(168, 176, false)).isNull();
        assertThat(reassembler.dropped(Reassembler.Drop.CONTRADICTION)).isEqualTo(2);
        add(80, 165, true);
        assertThat(add(168, 170, true)).isNull();
        assertThat(reassembler.dropped(Reassembler.Drop.CONTRADICTION)).isEqualTo(4);
        assertThat(reassembler.held()).isZero();
    }

    @Test
    void refusesWhatWouldBeLongerThanItsBufferOrThanAnIpPacket() {
        add(0, 800, false);
        byte[] beyondBuffer = Raw.ipv4(Raw.PEER, Raw.OURS, 4, 77, 4096 / 8, new byte[8]);
        assertThat(reassembler.add(Raw.buffer(pool, beyondBuffer), 0)).isNull();
        byte[] pingOfDeath = Raw.ipv4(Raw.PEER, Raw.OURS, 1, 78, 0x1fff, new byte[1000]);
        assertThat(reassembler.add(Raw.buffer(pool, pingOfDeath), 0)).isNull();
        assertThat(reassembler.dropped(Reassembler.Drop.TOO_LONG)).isEqualTo(3);
        assertThat(pool.lent()).isZero();
    }

    @Test
    void refusesAPacketWithMoreHolesThanItCanRemember() {
        for (int i = 0; i < 65; i++) {
            add(i * 16, i * 16 + 8, false);
        }
        assertThat(reassembler.dropped(Reassembler.Drop.TOO_MANY_HOLES)).isEqualTo(65);
        assertThat(reassembler.held()).isZero();
    }

    @Test
    void givesUpWhatIsNotWholeInTime() {
        add(0, 80, false);
        assertThat(reassembler.deadline()).isEqualTo(1_000);
        reassembler.expire(999);
        assertThat(reassembler.held()).isEqualTo(1);
        reassembler.expire(1_000);
        assertThat(reassembler.held()).isZero();
        assertThat(reassembler.dropped(Reassembler.Drop.TIMED_OUT)).isEqualTo(1);
        assertThat(pool.lent()).isZero();
        assertThat(reassembler.deadline()).isEqualTo(Long.MAX_VALUE);
        assertThat(add(80, 85, true)).as("the rest alone is not the packet").isNull();
    }

    @Test
    void makesRoomForANewPacketAtTheCostOfTheOldest() {
        for (int id = 0; id < 4; id++) {
            byte[] first = Raw.ipv4(Raw.PEER, Raw.OURS, 4, id, MORE, new byte[8]);
            reassembler.add(Raw.buffer(pool, first), id);
        }
        assertThat(reassembler.dropped(Reassembler.Drop.EVICTED)).isEqualTo(1);
        for (int id = 0; id < 4; id++) {
            byte[] last = Raw.ipv4(Raw.PEER, Raw.OURS, 4, id, 1, new byte[3]);
            PacketBuffer whole = id == 0 ? null : reassembler.add(Raw.buffer(pool, last), 10);
            if (id > 0) {
                assertThat(whole.length()).isEqualTo(20 + 8 + 3);
                whole.release();
            }
        }
    }

    @Test
    void dropsTheFragmentWhenThePoolIsEmpty() {
        byte[] first = Raw.ipv4(Raw.PEER, Raw.OURS, 4, 1, MORE, new byte[8]);
        PacketBuffer p = Raw.buffer(pool, first);
        List<PacketBuffer> rest = new ArrayList<>();
        for (PacketBuffer q = pool.lend(); q != null; q = pool.lend()) {
            rest.add(q);
        }
        assertThat(reassembler.add(p, 0)).isNull();
        assertThat(reassembler.dropped(Reassembler.Drop.NO_BUFFER)).isEqualTo(1);
        rest.forEach(PacketBuffer::release);
    }

    @Test
    void keepsPacketsApartThatDifferInOneFieldOfTheirKey() {
        byte[] payload = new byte[8];
        reassembler.add(Raw.buffer(pool, Raw.ipv4(Raw.PEER, Raw.OURS, 4, 5, MORE, payload)), 0);
        int[][] others = {
            {Raw.PEER + 1, Raw.OURS, 4, 5},
            {Raw.PEER, Raw.OURS + 1, 4, 5},
            {Raw.PEER, Raw.OURS, 5, 5},
            {Raw.PEER, Raw.OURS, 4, 6}
        };
        for (int[] k : others) {
            assertThat(reassembler.add(Raw.buffer(pool, Raw.ipv4(k[0], k[1], k[2], k[3], 1, payload)), 0))
                    .isNull();
            reassembler.expire(Long.MAX_VALUE);
            reassembler.add(Raw.buffer(pool, Raw.ipv4(Raw.PEER, Raw.OURS, 4, 5, MORE, payload)), 0);
        }
    }

    /// RFC 3168 section 5.3 and Linux's table of it: rows are the ECN bits of three fragments and of the whole.
    @ParameterizedTest
    @CsvSource({"0,0,0,0", "1,1,1,1", "2,2,2,2", "3,3,3,3", "2,3,2,3", "1,1,3,3", "1,3,2,3", "1,2,2,1"})
    void marksTheWholeAsCongestedWhenOneFragmentWas(int first, int second, int third, int whole) {
        add(0, 80, false, 0x28 | first);
        add(80, 160, false, 0x28 | second);
        PacketBuffer p = add(160, 165, true, 0x28 | third);
        assertThat(p).isNotNull();
        assertThat(Raw.octets(p)[1] & 0xff).isEqualTo(0x28 | whole);
        assertThat(Raw.checksum(Raw.octets(p), 0, 20, 0)).as("header checksum").isZero();
        p.release();
    }

    @ParameterizedTest
    @CsvSource({"0,1", "0,2", "0,3", "3,0", "2,0"})
    void dropsAPacketWhoseFragmentsDisagreeAboutBeingEcnCapable(int first, int second) {
        add(0, 80, false, first);
        assertThat(add(80, 85, true, second)).isNull();
        assertThat(reassembler.dropped(Reassembler.Drop.ECN)).isEqualTo(2);
    }

    @Test
    void releasesEverythingOnClose() {
        add(0, 80, false);
        assertThat(pool.lent()).isEqualTo(1);
        reassembler.close();
        assertThat(pool.lent()).isZero();
    }
}
