package adit.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import adit.linux.sys.Fcntl;
import adit.linux.sys.Libc;
import adit.packet.PacketBatch;
import adit.packet.PacketBuffer;
import adit.packet.PacketPool;
import adit.port.TurnThread;
import adit.tun.TunSpec;
import adit.wire.EtherType;
import adit.wire.Ip4Address;
import adit.wire.IpProtocol;
import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntUnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// The thread that reads a real TUN device rests in the read, and is reached there. Where it rests is the kernel's
/// word.
@Timeout(60)
class RestInTunReadTest {
    private static final String THREAD = "tun-reader";
    /// How often something is tried that a busy machine may be too slow for.
    private static final int TRIES = 20_000;
    /// Many times the twice 10 ms that are promised: the machine may be busy. Without a signal it would be never.
    private static final long SOON_NANOS = TimeUnit.SECONDS.toNanos(5);

    /// How many tenths of a second a thread has to come to rest.
    private static final int SETTLING = 100;

    private static final double OCTETS_OF_AN_OBJECT = 16;
    private static final long PAUSE_NANOS = 300_000;

    private final PacketPool pool = new PacketPool(64, 64, 2048);
    private final PacketBatch batch = new PacketBatch(16);
    private final AtomicInteger received = new AtomicInteger();
    private final CompletableFuture<Throwable> failure = new CompletableFuture<>();
    private TestHost host;
    private TunDevice tun;
    private TunPort port;
    private TurnThread thread;
    private DatagramChannel sender;

    @BeforeEach
    void open() throws Exception {
        host = TestHost.create();
        tun = host.open(TunSpec.tun("tun0"));
        host.up(tun);
        port = new TunPort(tun.queue(0), pool);
        sender = host.socket(7000);
    }

    @AfterEach
    void close() throws Exception {
        if (thread != null) {
            CompletableFuture<Void> end = CompletableFuture.runAsync(thread::close);
            // Packets end the read of a thread that nothing else has ended, and its test has failed then.
            for (int i = 0; i < TRIES && !end.isDone(); i++) {
                try {
                    send();
                } catch (IOException e) {
                    Thread.sleep(1); // the device is gone, which ends a read as well
                }
            }
            end.get(1, TimeUnit.SECONDS);
        }
        if (sender != null) {
            sender.close();
            tun.close();
        }
        if (host != null) {
            host.close();
        }
        assertThat(failure).isNotDone();
        assertThat(pool.lent()).isZero();
        pool.close();
    }

    private void startThread(IntUnaryOperator more) throws Exception {
        PollIdle idle = new PollIdle(IdleStrategy.POLL, port.descriptors(), port.restInRead());
        thread = TurnThread.start(THREAD, idle, failure::complete, now -> {
            int moved = port.receive(batch);
            batch.releaseAll();
            received.addAndGet(moved);
            return more.applyAsInt(moved);
        });
    }

    private void send() throws Exception {
        sender.write(ByteBuffer.wrap(new byte[10]));
        long end = System.nanoTime() + PAUSE_NANOS;
        while (System.nanoTime() - end < 0) {
            Thread.sleep(0, 50_000);
        }
    }

    /// Sends now and then until the thread rests in the read.
    private int sendUntilItRestsInTheRead() throws Exception {
        for (int sent = 1; sent <= TRIES; sent++) {
            send();
            if (Sleeper.waits(THREAD, Sleeper.READV)) {
                return sent;
            }
        }
        throw new AssertionError("it never rests in the read");
    }

    private void closeThread() throws Exception {
        CompletableFuture.runAsync(thread::close).get(SOON_NANOS, TimeUnit.NANOSECONDS);
    }

    private int fileFlags() throws Exception {
        int held = tun.queue(0).fd().holdOrThrow();
        try {
            return Libc.fcntl(Libc.errnoState(), held, Fcntl.F_GETFL, 0);
        } finally {
            tun.queue(0).fd().leave();
        }
    }

    @Test
    void receivesEveryPacketWhereverItRests() throws Exception {
        startThread(moved -> moved);
        int sent = 0;
        for (int i = 0; i < 5; i++) {
            sent += sendUntilItRestsInTheRead();
            for (int burst = 0; burst < 40; burst++) {
                sender.write(ByteBuffer.wrap(new byte[10]));
                sent++;
            }
        }
        for (int i = 0; i < TRIES && received.get() < sent; i++) {
            Thread.sleep(1);
        }
        assertThat(received).hasValue(sent);
        assertThat(port.count(TunDrop.UNREADABLE)).isZero();
    }

    @Test
    void endsWhenTheThreadIsClosed() throws Exception {
        for (int i = 0; i < 20; i++) {
            port = new TunPort(tun.queue(0), pool);
            startThread(moved -> moved);
            sendUntilItRestsInTheRead();
            closeThread();
            assertThat(thread.running()).isFalse();
        }
    }

    /// The device goes first, under the thread's hands.
    @Test
    void endsWhenTheQueueIsClosed() throws Exception {
        startThread(moved -> moved);
        sendUntilItRestsInTheRead();
        int number = tun.queue(0).fd().holdOrThrow();
        tun.queue(0).fd().leave();
        tun.queue(0).fd().close();
        // The number goes back to the kernel when the thread has left.
        long begun = System.nanoTime();
        while (Libc.fcntl(Libc.errnoState(), number, Fcntl.F_GETFD, 0) >= 0 && System.nanoTime() - begun < SOON_NANOS) {
            Thread.sleep(1);
        }
        assertThat(System.nanoTime() - begun).isLessThan(SOON_NANOS);
    }

    @Test
    void hearsThatTheDeviceWasDeleted() throws Exception {
        startThread(moved -> moved);
        sendUntilItRestsInTheRead();
        host.ip("link", "delete", "tun0");
        long begun = System.nanoTime();
        while (!port.isGone() && System.nanoTime() - begun < SOON_NANOS) {
            Thread.sleep(1);
        }
        assertThat(port.isGone()).isTrue();
    }

    @Test
    void hearsNews() throws Exception {
        startThread(moved -> moved);
        for (int mtu = 1400; mtu > 1300; mtu -= 20) {
            sendUntilItRestsInTheRead();
            host.ip("link", "set", "tun0", "mtu", Integer.toString(mtu));
            long begun = System.nanoTime();
            // The port answers what its thread has heard.
            while (port.mtu() != mtu && System.nanoTime() - begun < SOON_NANOS) {
                Thread.sleep(1);
            }
            assertThat(port.mtu()).isEqualTo(mtu);
        }
    }

    /// Once nothing comes any more there are no signals, and the file is again as its other users know it.
    @Test
    void sleepsOnInPollWhenNothingComes() throws Exception {
        startThread(moved -> moved);
        sendUntilItRestsInTheRead();
        long before = -1;
        for (int i = 0; i < SETTLING; i++) {
            long now = Sleeper.sleeps(THREAD);
            if (now == before && Sleeper.waits(THREAD, Sleeper.PPOLL)) {
                break;
            }
            before = now;
            Thread.sleep(100);
        }
        Thread.sleep(300);
        assertThat(Sleeper.sleeps(THREAD)).isEqualTo(before);
        assertThat(fileFlags() & Fcntl.O_NONBLOCK).isNotZero();
    }

    @Test
    void leavesNoTimerBehind() throws Exception {
        Path timers = Path.of("/proc/self/timers");
        assumeTrue(Files.exists(timers), "needs a kernel that lists timers");
        String before = Files.readString(timers);
        startThread(moved -> moved);
        sendUntilItRestsInTheRead();
        assertThat(Files.readString(timers)).isNotEqualTo(before);
        closeThread();
        assertThat(Files.readString(timers)).isEqualTo(before);
    }

    /// A signal each 100 µs, into every call that such a thread makes: nothing is lost and nothing fails.
    @Test
    void straySignalsHarmNothing() throws Exception {
        AtomicInteger answered = new AtomicInteger();
        AtomicInteger carried = new AtomicInteger();
        host.ip("link", "set", "lo", "up");
        try (PacketPool udpPool = new PacketPool(64, 64, 65_535);
                UdpUnderlay udp = host.netns.call(() -> {
                    UdpSpec spec = new UdpSpec(
                            Ip4Address.parse(TestHost.DEVICE),
                            5555,
                            UdpSpec.Checksum.ON,
                            UdpSpec.Offload.OFF,
                            UdpSpec.Sharing.ALONE);
                    return UdpUnderlay.open(spec, udpPool);
                })) {
            PacketBatch out = new PacketBatch(16);
            PacketBatch in = new PacketBatch(16);
            CallTimer[] storm = new CallTimer[1];
            int self = Ip4Address.parse(TestHost.DEVICE).bits();
            startThread(moved -> {
                if (storm[0] == null) {
                    storm[0] = CallTimer.open(WakeSignal.number(), 100_000);
                    storm[0].start();
                }
                for (int i = 0; i < moved; i++) {
                    // To the device, and by the socket to itself.
                    PacketBuffer p = pool.lend();
                    p.put(Packets.answer(p.segment(), p.head(), 7000, "answer"));
                    p.protocol(EtherType.IPV4);
                    out.add(p);
                    answered.addAndGet(port.send(out));
                    PacketBuffer q = udpPool.lend();
                    q.put(20);
                    q.addressing().source = self;
                    q.addressing().sourcePort = 5555;
                    q.addressing().destination = self;
                    q.addressing().destinationPort = 5555;
                    q.addressing().protocol = IpProtocol.UDP;
                    q.addressing().timeToLive = 64;
                    q.addressing().dontFragment = true;
                    out.add(q);
                    udp.path(self, self);
                    udp.send(out);
                    carried.addAndGet(udp.receive(in));
                    in.releaseAll();
                    out.releaseAll();
                }
                return moved;
            });
            int sent = 0;
            for (int i = 0; i < 1500; i++) {
                send();
                sent++;
            }
            for (int i = 0; i < TRIES && received.get() < sent; i++) {
                Thread.sleep(1);
            }
            assertThat(failure).isNotDone();
            closeThread();
            storm[0].close();
            assertThat(received).hasValue(sent);
            assertThat(answered).hasValue(sent);
            for (int i = 0; i < TRIES && carried.get() < sent; i++) {
                carried.addAndGet(udp.receive(in));
                in.releaseAll();
            }
            assertThat(carried).hasValue(sent);
            assertThat(udpPool.lent()).isZero();
        }
    }

    /// What is called once in 10 ms may still be interpreted, and allocates then.
    @Test
    void allocatesNothingForAPacket() throws Exception {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        AtomicLong id = new AtomicLong();
        startThread(moved -> {
            id.setPlain(Thread.currentThread().threadId());
            return moved;
        });
        while (id.get() == 0) {
            Thread.sleep(1);
        }
        double least = Double.MAX_VALUE;
        for (int round = 0; round < 20 && least >= OCTETS_OF_AN_OBJECT / 2; round++) {
            int before = received.get();
            long octets = threads.getThreadAllocatedBytes(id.get());
            for (int i = 0; i < 2000; i++) {
                sender.write(ByteBuffer.wrap(new byte[10]));
                Thread.sleep(0, 100_000);
            }
            int packets = received.get() - before;
            assertThat(packets).isPositive();
            least = Math.min(least, (threads.getThreadAllocatedBytes(id.get()) - octets) / (double) packets);
        }
        assertThat(least).isLessThan(OCTETS_OF_AN_OBJECT / 2);
    }
}
