package adit.program.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.lang.foreign.MemorySegment;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// The parts of a connection, each by itself and without packets.
class TcpPartsTest {
    private static final long MS = 1_000_000;

    // ---- TestData ----

    @Test
    void makesTheSameOctetsWhateverPartIsAskedFor() {
        TestData data = new TestData(1_000, 7);
        byte[] whole = new byte[1_000];
        data.write(0, MemorySegment.ofArray(whole), 0, 1_000);
        for (int position = 0; position < 60; position++) {
            for (int count = 0; count < 40; count++) {
                byte[] part = new byte[count + 2];
                part[0] = part[count + 1] = (byte) 0xa5;
                data.write(position, MemorySegment.ofArray(part), 1, count);
                assertThat(part[0]).isEqualTo((byte) 0xa5);
                assertThat(part[count + 1]).isEqualTo((byte) 0xa5);
                for (int i = 0; i < count; i++) {
                    assertThat(part[i + 1]).isEqualTo(whole[position + i]);
                }
            }
        }
    }

    /// The first outputs for seed 1234567, as published with the reference implementation. Word 0 here is the
    /// state before its first step, so they are words 1 and 2.
    @Test
    void isSplitMix64() {
        byte[] octets = new byte[24];
        new TestData(24, 1_234_567).write(0, MemorySegment.ofArray(octets), 0, 24);
        assertThat(HexFormat.of().formatHex(octets, 8, 24))
                .isEqualTo(littleEndian(6457827717110365317L) + littleEndian(3203168211198807973L));
    }

    private static String littleEndian(long word) {
        return HexFormat.of().toHexDigits(Long.reverseBytes(word));
    }

    @Test
    void digestsAllOfItself() throws NoSuchAlgorithmException {
        byte[] octets = new byte[200_001];
        TestData data = new TestData(octets.length, 9);
        data.write(0, MemorySegment.ofArray(octets), 0, octets.length);
        assertThat(data.digest()).isEqualTo(MessageDigest.getInstance("SHA-256").digest(octets));
        assertThat(HexFormat.of().formatHex(new TestData(0, 9).digest()))
                .isEqualTo("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
        assertThatIllegalArgumentException().isThrownBy(() -> new TestData(-1, 0));
    }

    // ---- ReceiveWindow ----

    @Test
    void digestsAStreamThatComesInAnyOrderWithOverlaps() throws NoSuchAlgorithmException {
        byte[] stream = new byte[5_000];
        new TestData(stream.length, 3).write(0, MemorySegment.ofArray(stream), 0, stream.length);
        MemorySegment s = MemorySegment.ofArray(stream);
        for (int seed = 0; seed < 200; seed++) {
            Random dice = new Random(seed);
            ReceiveWindow window = new ReceiveWindow(700);
            boolean[] seen = new boolean[stream.length + 1];
            while (window.next() < stream.length) {
                // Around what is missing, now and then far beside it.
                int start = Math.clamp(window.next() + dice.nextInt(900) - 100, 0, stream.length - 1);
                int count = Math.min(dice.nextInt(200), stream.length - start);
                long before = window.next();
                for (int i = start; i < start + count; i++) {
                    seen[i] |= i < before + 700;
                }
                int missing = (int) before;
                while (seen[missing]) {
                    missing++;
                }
                boolean moved = window.take(start, s, start, count);
                assertThat(window.next()).isEqualTo(missing);
                assertThat(moved).isEqualTo(missing > before);
            }
            assertThat(window.digest())
                    .isEqualTo(MessageDigest.getInstance("SHA-256").digest(stream));
        }
    }

    private static List<List<Long>> report(ReceiveWindow window, long origin) {
        SackBlocks blocks = new SackBlocks();
        window.report(blocks, origin);
        List<List<Long>> list = new ArrayList<>();
        for (int i = 0; i < blocks.count(); i++) {
            list.add(List.of(blocks.left(i), blocks.right(i)));
        }
        return list;
    }

    private static void take(ReceiveWindow window, long start, int count) {
        window.take(start, MemorySegment.ofArray(new byte[count]), 0, count);
    }

    /// The three cases of RFC 2018 section 5: eight segments of 500 from 5000 on.
    @Test
    void reportsTheRunsOfTheRfcsExamples() {
        ReceiveWindow lastFourLost = new ReceiveWindow(10_000);
        take(lastFourLost, 0, 2_000);
        assertThat(report(lastFourLost, 5_000)).isEmpty();

        ReceiveWindow firstLost = new ReceiveWindow(10_000);
        for (int i = 1; i < 8; i++) {
            take(firstLost, i * 500L, 500);
            assertThat(report(firstLost, 5_000)).containsExactly(List.of(5_500L, 5_500L + 500L * i));
        }

        ReceiveWindow everySecondLost = new ReceiveWindow(10_000);
        take(everySecondLost, 0, 500);
        take(everySecondLost, 1_000, 500);
        assertThat(report(everySecondLost, 5_000)).containsExactly(List.of(6_000L, 6_500L));
        take(everySecondLost, 2_000, 500);
        assertThat(report(everySecondLost, 5_000)).containsExactly(List.of(7_000L, 7_500L), List.of(6_000L, 6_500L));
        take(everySecondLost, 3_000, 500);
        assertThat(report(everySecondLost, 5_000))
                .containsExactly(List.of(8_000L, 8_500L), List.of(7_000L, 7_500L), List.of(6_000L, 6_500L));
        take(everySecondLost, 1_500, 500);
        assertThat(report(everySecondLost, 5_000)).containsExactly(List.of(6_000L, 7_500L), List.of(8_000L, 8_500L));
        take(everySecondLost, 500, 500);
        assertThat(report(everySecondLost, 5_000)).containsExactly(List.of(8_000L, 8_500L));
    }

    @Test
    void reportsRunsWhereTheSequenceNumbersComeAround() {
        ReceiveWindow window = new ReceiveWindow(10_000);
        take(window, 100, 100);
        assertThat(report(window, 0xffff_ff80L)).containsExactly(List.of(0xffff_ffe4L, 0x48L));
    }

    // ---- RetransmissionTimer ----

    /// RFC 6298: the first measure R gives SRTT = R, RTTVAR = R/2; each further one weighs an eighth and a
    /// quarter; the timeout is SRTT + 4 RTTVAR.
    @Test
    void followsTheRoundTripTimes() {
        RetransmissionTimer timer = new RetransmissionTimer();
        assertThat(timer.timeout()).isEqualTo(1_000 * MS);
        timer.measured(400 * MS);
        assertThat(timer.timeout()).isEqualTo((400 + 4 * 200) * MS);
        timer.measured(800 * MS);
        // RTTVAR = 3/4 * 200 + 1/4 * 400 = 250; SRTT = 7/8 * 400 + 1/8 * 800 = 450.
        assertThat(timer.timeout()).isEqualTo((450 + 4 * 250) * MS);
    }

    @Test
    void staysWithinItsLimits() {
        RetransmissionTimer timer = new RetransmissionTimer();
        timer.measured(1);
        assertThat(timer.timeout()).isEqualTo(200 * MS);
        for (int i = 0; i < 20; i++) {
            timer.backOff();
        }
        assertThat(timer.timeout()).isEqualTo(120_000 * MS);
        timer.endBackOff();
        assertThat(timer.timeout()).isEqualTo(200 * MS);
    }

    @Test
    void runsOutOnTime() {
        RetransmissionTimer timer = new RetransmissionTimer();
        assertThat(timer.isRunning()).isFalse();
        assertThat(timer.hasExpired(Long.MAX_VALUE - 1)).isFalse();
        timer.start(5);
        assertThat(timer.deadline()).isEqualTo(1_000 * MS + 5);
        assertThat(timer.hasExpired(1_000 * MS + 4)).isFalse();
        assertThat(timer.hasExpired(1_000 * MS + 5)).isTrue();
        timer.stop();
        assertThat(timer.isRunning()).isFalse();
    }

    // ---- Reno ----

    private static final int MSS = 1_000;

    @Test
    void doublesInSlowStart() {
        Reno reno = new Reno();
        reno.start(MSS);
        assertThat(reno.window()).isEqualTo(10_000);
        for (int i = 1; i <= 10; i++) {
            assertThat(reno.acknowledged(MSS, i * 1_000L, MSS)).isEqualTo(Reno.Reaction.GO_ON);
        }
        assertThat(reno.window()).isEqualTo(20_000);
    }

    @Test
    void retransmitsAtTheThirdDuplicateAndHalvesTheWindow() {
        Reno reno = new Reno();
        reno.start(MSS);
        List<Reno.Reaction> reactions = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            reactions.add(reno.duplicate(1, 10_001, MSS));
        }
        assertThat(reactions)
                .containsExactly(
                        Reno.Reaction.GO_ON,
                        Reno.Reaction.GO_ON,
                        Reno.Reaction.RETRANSMIT,
                        Reno.Reaction.GO_ON,
                        Reno.Reaction.GO_ON);
        // Half of the 10 under way, and one more for each of the five that have left the line.
        assertThat(reno.window()).isEqualTo(10_000);
        assertThat(reno.acknowledged(2_000, 2_001, MSS))
                .as("a partial one shows another hole")
                .isEqualTo(Reno.Reaction.RETRANSMIT);
        assertThat(reno.window()).isEqualTo(10_000 - 2_000 + 1_000);
        assertThat(reno.acknowledged(8_000, 10_001, MSS)).isEqualTo(Reno.Reaction.GO_ON);
        assertThat(reno.window()).isEqualTo(5_000);
        reno.acknowledged(MSS, 11_001, MSS);
        assertThat(reno.window()).as("congestion avoidance").isEqualTo(5_000 + 1_000 * 1_000 / 5_000);
    }

    @Test
    void retransmitsEarlierWhenTooLittleIsUnderWayForThreeDuplicates() {
        for (int segments = 2; segments <= 5; segments++) {
            Reno reno = new Reno();
            reno.start(MSS);
            int duplicates = 1;
            while (reno.duplicate(1, 1 + (long) segments * MSS, MSS) == Reno.Reaction.GO_ON) {
                duplicates++;
            }
            assertThat(duplicates).as("%d segments under way", segments).isEqualTo(Math.min(3, segments - 1));
        }
    }

    @Test
    void startsOverAfterATimeout() {
        Reno reno = new Reno();
        reno.start(MSS);
        reno.timedOut(1, 10_001, MSS, false);
        assertThat(reno.window()).isEqualTo(1_000);
        reno.timedOut(1, 1_001, MSS, true);
        for (int i = 0; i < 3; i++) {
            assertThat(reno.duplicate(1, 10_001, MSS))
                    .as("echo of what was sent again")
                    .isEqualTo(Reno.Reaction.GO_ON);
        }
        long position = 1;
        for (int i = 0; i < 4; i++) {
            position += MSS;
            reno.acknowledged(MSS, position, MSS);
        }
        assertThat(reno.window())
                .as("slow start up to half of what was under way")
                .isEqualTo(5_000);
        reno.acknowledged(MSS, position + MSS, MSS);
        assertThat(reno.window()).isEqualTo(5_200);
    }
}
