package adit.lab;

import static org.assertj.core.api.Assertions.assertThat;

import adit.packet.PacketBuffer;
import adit.packet.PacketPool;
import adit.port.Deadline;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LineTest {
    private final PacketPool pool = new PacketPool(4096, 0, 2048);
    private final List<Long> arrivals = new ArrayList<>();
    private final List<Integer> lengths = new ArrayList<>();
    private long now;

    @AfterEach
    void everyPacketIsBack() {
        assertThat(pool.lent()).isZero();
        pool.close();
    }

    private Line line(LineSpec spec) {
        return new Line(spec, new Random(1), () -> now, p -> {
            arrivals.add(now);
            lengths.add(p.length());
            p.release();
        });
    }

    private Line.Fate send(Line line, int length) {
        PacketBuffer p = pool.lend();
        p.put(length);
        Line.Fate fate = line.send(p);
        if (fate == Line.Fate.FULL) {
            p.release();
        }
        return fate;
    }

    private void runAll(Line line) {
        while (line.deadline() != Deadline.NEVER) {
            now = Math.max(now, line.deadline());
            line.turn(now);
        }
    }

    @Test
    void aPerfectLineHandsOverInOrderAndAtOnce() {
        Line line = line(LineSpec.PERFECT);
        for (int i = 1; i <= 200; i++) {
            send(line, i);
        }
        assertThat(line.turn(0)).isEqualTo(200);
        assertThat(lengths).hasSize(200).isSorted();
        assertThat(line.deadline()).isEqualTo(Deadline.NEVER);
    }

    @Test
    void aPacketArrivesAfterItHasLeftAndTravelled() {
        // 1000 octets at 8 Mbit/s are 1 ms; the second one leaves behind the first.
        Line line = line(LineSpec.PERFECT.withRate(8_000_000).withDelay(20_000_000));
        send(line, 1000);
        send(line, 500);
        runAll(line);
        assertThat(arrivals).containsExactly(21_000_000L, 21_500_000L);
    }

    @Test
    void whatFindsTheQueueFullStaysTheSenders() {
        Line line = line(LineSpec.PERFECT.withRate(8_000).withQueue(2));
        assertThat(send(line, 1000)).isEqualTo(Line.Fate.CARRIED);
        assertThat(send(line, 1000)).isEqualTo(Line.Fate.CARRIED);
        assertThat(send(line, 1000)).isEqualTo(Line.Fate.CARRIED);
        assertThat(send(line, 1000)).as("one leaves, two wait").isEqualTo(Line.Fate.FULL);
        now = 1_000_000_000;
        assertThat(send(line, 1000)).isEqualTo(Line.Fate.CARRIED);
        runAll(line);
        assertThat(arrivals).hasSize(4);
        assertThat(line.full()).isOne();
    }

    @Test
    void losesTheShareItIsToldTo() {
        Line line = line(LineSpec.PERFECT.withLoss(0.25));
        for (int i = 0; i < 2000; i++) {
            send(line, 100);
        }
        runAll(line);
        assertThat(line.lost()).isBetween(400L, 600L);
        assertThat(line.carried()).isEqualTo(2000 - line.lost()).isEqualTo(arrivals.size());
    }

    @Test
    void packetsNeverOvertakeWhenTheDelayBecomesShorter() {
        Line line = line(LineSpec.PERFECT.withDelay(10_000_000));
        send(line, 1);
        line.spec(LineSpec.PERFECT);
        send(line, 2);
        runAll(line);
        assertThat(lengths).containsExactly(1, 2);
        assertThat(arrivals).containsExactly(10_000_000L, 10_000_000L);
    }

    @Test
    void releasesWhatIsUnderWayWhenCleared() {
        Line line = line(LineSpec.PERFECT.withDelay(10_000_000));
        for (int i = 0; i < 100; i++) {
            send(line, 9);
        }
        assertThat(pool.lent()).isEqualTo(100);
        line.clear();
        assertThat(pool.lent()).isZero();
        assertThat(line.deadline()).isEqualTo(Deadline.NEVER);
    }
}
