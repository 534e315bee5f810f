package adit.linux;

import static org.assertj.core.api.Assertions.assertThat;

import adit.packet.PacketBatch;
import adit.packet.PacketPool;
import adit.port.TurnThread;
import adit.wire.Ip4Address;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// On loopback, from a socket of the JDK.
@Timeout(60)
class RestInReadTest {
    /// How often something is tried that a busy machine may be too slow for.
    private static final int TRIES = 5000;

    private final PacketPool pool = new PacketPool(16, 0, 100);
    private final PacketBatch batch = new PacketBatch(8);
    private DatagramSocket sender;
    private UdpUnderlay underlay;
    private RestInRead rest;

    @BeforeEach
    void open() throws Exception {
        sender = new DatagramSocket(0, InetAddress.getLoopbackAddress());
        int free;
        try (DatagramSocket probe = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
            free = probe.getLocalPort();
        }
        underlay = UdpUnderlay.open(
                new UdpSpec(
                        Ip4Address.parse("127.0.0.1"),
                        free,
                        UdpSpec.Checksum.ON,
                        UdpSpec.Offload.OFF,
                        UdpSpec.Sharing.ALONE),
                pool);
        sender.connect(InetAddress.getLoopbackAddress(), free);
        rest = underlay.restInRead();
    }

    @AfterEach
    void close() {
        underlay.close();
        sender.close();
        assertThat(pool.lent()).isZero();
        pool.close();
    }

    private void send() {
        try {
            sender.send(new DatagramPacket(new byte[10], 10));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void endsAfterItsLimitWhenNothingComes() {
        rest.offer();
        assertThat(underlay.receive(batch)).isZero();
        assertThat(rest.sinceAsked()).isGreaterThan(RestInRead.LIMIT_NANOS / 2);
        assertThat(underlay.receive(batch)).isZero();
        assertThat(rest.sinceAsked()).as("the offer was for one call").isNegative();
    }

    @Test
    void endsWithAPacket() {
        CompletableFuture<Void> later =
                CompletableFuture.runAsync(this::send, CompletableFuture.delayedExecutor(20, TimeUnit.MILLISECONDS));
        int received = 0;
        for (int i = 0; i < TRIES && received == 0; i++) {
            rest.offer();
            received = underlay.receive(batch);
        }
        assertThat(received).isEqualTo(1);
        batch.releaseAll();
        later.join();
    }

    @Test
    void isOfferedOncePacketsAreRare() throws Exception {
        try (PollIdle idle = new PollIdle(IdleStrategy.POLL, underlay.descriptors(), rest)) {
            boolean offered = false;
            for (int i = 0; i < TRIES && !offered; i++) {
                CompletableFuture<Void> later = CompletableFuture.runAsync(
                        idle::wake, CompletableFuture.delayedExecutor(1, TimeUnit.MILLISECONDS));
                idle.idle(0);
                later.join();
                // Or it would rest in poll, and for good, if it was too slow.
                idle.wake();
                idle.idle(1);
                offered = rest.take();
            }
            assertThat(offered).isTrue();
        }
    }

    @Test
    void isNotOfferedForLongerThanItsLimit() throws Exception {
        try (PollIdle idle = new PollIdle(IdleStrategy.POLL, underlay.descriptors(), rest)) {
            boolean polled = false;
            for (int i = 0; i < TRIES && !polled; i++) {
                idle.wake();
                // As if packets came every millisecond, and it had rested in the read before each.
                rest.rested(TimeUnit.MILLISECONDS.toNanos(1));
                idle.idle(1);
                polled = !rest.take();
                Thread.sleep(1);
            }
            assertThat(polled).isTrue();
        }
    }

    @Test
    void aThreadThatRestsSoIsClosedAndHasReceivedAll() throws Exception {
        AtomicInteger received = new AtomicInteger();
        PollIdle idle = new PollIdle(IdleStrategy.POLL, underlay.descriptors(), rest);
        TurnThread thread = TurnThread.start(
                "receiver",
                idle,
                t -> {
                    throw new AssertionError(t);
                },
                now -> {
                    int moved = underlay.receive(batch);
                    batch.releaseAll();
                    received.addAndGet(moved);
                    return moved;
                });
        int sent = 300;
        for (int i = 0; i < sent; i++) {
            send();
            Thread.sleep(0, 300_000);
        }
        for (int i = 0; i < TRIES && received.get() < sent; i++) {
            Thread.sleep(1);
        }
        thread.close();
        assertThat(received).hasValue(sent);
        assertThat(thread.running()).isFalse();
    }
}
