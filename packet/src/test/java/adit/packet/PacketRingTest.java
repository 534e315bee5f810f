package adit.packet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.lang.foreign.ValueLayout;
import java.util.ArrayDeque;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PacketRingTest {
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 7, 8})
    void agreesWithAPlainDequeOnAnyRunOfOffersAndPolls(int capacity) {
        try (PacketPool pool = new PacketPool(16, 0, 64)) {
            PacketRing ring = new PacketRing(capacity);
            ArrayDeque<PacketBuffer> model = new ArrayDeque<>();
            SplittableRandom dice = new SplittableRandom(capacity);
            for (int i = 0; i < 10_000; i++) {
                if (dice.nextBoolean()) {
                    PacketBuffer p = pool.lend();
                    boolean fits = model.size() < capacity;
                    assertThat(ring.offer(p)).isEqualTo(fits);
                    if (fits) {
                        model.add(p);
                    } else {
                        p.release();
                    }
                } else {
                    PacketBuffer p = ring.poll();
                    assertThat(p).isSameAs(model.poll());
                    if (p != null) {
                        p.release();
                    }
                }
                assertThat(ring.size()).isEqualTo(model.size());
            }
            for (PacketBuffer p = ring.poll(); p != null; p = ring.poll()) {
                p.release();
            }
            assertThat(pool.lent()).isZero();
        }
    }

    @Test
    void fillsABatchOnlyAsFarAsItHasRoom() {
        try (PacketPool pool = new PacketPool(5, 0, 64)) {
            PacketRing ring = new PacketRing(5);
            PacketBuffer[] all = new PacketBuffer[5];
            for (int i = 0; i < 5; i++) {
                all[i] = pool.lend();
                ring.offer(all[i]);
            }
            PacketBatch batch = new PacketBatch(3);
            assertThat(ring.poll(batch)).isEqualTo(3);
            assertThat(batch.get(2)).isSameAs(all[2]);
            batch.releaseAll();
            assertThat(ring.poll(batch)).isEqualTo(2);
            assertThat(batch.get(1)).isSameAs(all[4]);
            batch.releaseAll();
            assertThat(ring.poll(batch)).isZero();
        }
    }

    @Test
    void refusesCapacitiesThatMakeNoSenseAndNull() {
        assertThatIllegalArgumentException().isThrownBy(() -> new PacketRing(0));
        assertThatIllegalArgumentException().isThrownBy(() -> new PacketRing(Integer.MAX_VALUE));
        assertThatExceptionOfType(NullPointerException.class).isThrownBy(() -> new PacketRing(1).offer(null));
    }

    /// Two threads, two rings: packets go out by one with a number written into their octets and come home by the
    /// other. A slot published before its packet, or a packet before its octets, shows as a wrong number.
    @Test
    @Timeout(60)
    void carriesEveryPacketOnceInOrderWithItsOctetsBetweenTwoThreads() throws InterruptedException {
        long packets = 1_000_000;
        try (PacketPool pool = new PacketPool(64, 0, 64)) {
            PacketRing out = new PacketRing(32);
            PacketRing home = new PacketRing(64);
            AtomicReference<Throwable> failure = new AtomicReference<>();
            Thread consumer = Thread.ofPlatform().daemon().start(() -> {
                try {
                    for (long expected = 0; expected < packets; expected++) {
                        PacketBuffer p = spinUntilPolled(out);
                        long number = p.segment().get(ValueLayout.JAVA_LONG, p.head());
                        if (number != expected || p.mark() != (int) expected || p.length() != 8) {
                            throw new AssertionError("expected packet " + expected + ", got " + number);
                        }
                        if (!home.offer(p)) {
                            throw new AssertionError("the ring home is as large as the pool and yet full");
                        }
                    }
                } catch (Throwable t) {
                    failure.set(t);
                }
            });
            long sent = 0;
            while (sent < packets && failure.get() == null) {
                for (PacketBuffer p = home.poll(); p != null; p = home.poll()) {
                    p.release();
                }
                PacketBuffer p = pool.lend();
                if (p == null) {
                    Thread.onSpinWait();
                    continue;
                }
                p.segment().set(ValueLayout.JAVA_LONG, p.put(8), sent);
                p.mark((int) sent);
                if (out.offer(p)) {
                    sent++;
                } else {
                    p.release();
                    LockSupport.parkNanos(1_000);
                }
            }
            consumer.join(30_000);
            consumer.interrupt();
            assertThat(failure.get()).isNull();
            assertThat(consumer.isAlive()).isFalse();
            for (PacketBuffer p = home.poll(); p != null; p = home.poll()) {
                p.release();
            }
            assertThat(sent).isEqualTo(packets);
            assertThat(pool.lent()).isZero();
        }
    }

    private static PacketBuffer spinUntilPolled(PacketRing ring) {
        for (int spins = 0; ; spins++) {
            PacketBuffer p = ring.poll();
            if (p != null) {
                return p;
            }
            if (spins > 100) {
                LockSupport.parkNanos(1_000);
            }
            if (Thread.interrupted()) {
                throw new AssertionError("no packet came");
            }
        }
    }
}
