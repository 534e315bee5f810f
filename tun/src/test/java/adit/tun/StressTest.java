package adit.tun;

import static org.assertj.core.api.Assertions.assertThat;

import adit.device.Counter;
import adit.device.Device;
import adit.device.DeviceEvent;
import adit.device.DeviceStatistics;
import adit.device.DeviceTable;
import adit.device.Drop;
import adit.device.Errno;
import adit.device.InterfaceRequest;
import adit.packet.PacketBuffer;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// What threads do to one device at once: for three seconds, or for as many as `-Dstress.seconds` says.
@Timeout(1200)
class StressTest {
    private static final long SECONDS = Long.getLong("stress.seconds", 3);

    private static final int FLAGS = TunIoctl.IFF_TUN | TunIoctl.IFF_NO_PI | TunIoctl.IFF_MULTI_QUEUE;
    private static final int PACKET = 40;

    private final DeviceTable table = new DeviceTable(DeviceTable.Environment.real(3));
    private final TunDriver driver = new TunDriver(table);

    private static MemorySegment packet(Arena arena, int flow) {
        MemorySegment s = arena.allocate(PACKET);
        s.set(ValueLayout.JAVA_BYTE, 0, (byte) 0x45);
        s.set(ValueLayout.JAVA_BYTE, 3, (byte) PACKET);
        s.set(ValueLayout.JAVA_BYTE, 9, (byte) 17);
        s.set(ValueLayout.JAVA_BYTE, 20, (byte) flow);
        return s;
    }

    private int attach(TunFile file, Arena arena) {
        MemorySegment request = arena.allocate(Ifreq.SIZE, 8);
        InterfaceRequest.name(request, "t0");
        InterfaceRequest.flags(request, FLAGS);
        return file.ioctl(TunIoctl.TUNSETIFF, request);
    }

    @Test
    void losesNoWakeUpBetweenOneWriterAndOneBlockedReader() throws Exception {
        int packets = 20_000;
        // What is written comes back to be read.
        table.receiver(Device::send);
        try (Arena arena = Arena.ofShared();
                MemoryTunFile file = driver.open();
                ExecutorService threads = Executors.newFixedThreadPool(2)) {
            assertThat(attach(file, arena)).isZero();
            assertThat(file.device().up()).isZero();
            Future<Integer> reader = threads.submit(() -> {
                MemorySegment into = arena.allocate(100);
                for (int i = 0; i < packets; i++) {
                    assertThat(file.read(into)).isEqualTo(PACKET);
                }
                return packets;
            });
            MemorySegment packet = packet(arena, 1);
            for (int i = 0; i < packets; i++) {
                assertThat(file.write(packet)).isEqualTo(PACKET);
                while (file.queued() > 0 && i % 3 == 0) {
                    Thread.onSpinWait();
                }
                while (file.queued() > 400) {
                    Thread.onSpinWait();
                }
            }
            assertThat(reader.get()).isEqualTo(packets);
            assertThat(file.device().statistics().drops()).isEmpty();
        }
        assertThat(table.buffers().lent()).isZero();
    }

    @Test
    void survivesWritersReadersIoctlsClosesAndDeletesAtOnce() throws Exception {
        AtomicLong written = new AtomicLong();
        AtomicLong read = new AtomicLong();
        AtomicLong transmitted = new AtomicLong();
        List<DeviceStatistics> statistics = new CopyOnWriteArrayList<>();
        table.listen((device, event) -> {
            if (event == DeviceEvent.REGISTERED) {
                statistics.add(device.statistics());
            }
        });
        table.receiver((device, p) -> {
            transmitted.incrementAndGet();
            device.send(p);
        });
        long end = System.nanoTime() + Duration.ofSeconds(SECONDS).toNanos();
        try (ExecutorService threads = Executors.newFixedThreadPool(9)) {
            List<Future<Void>> all = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                int number = i;
                all.add(threads.submit((Callable<Void>) () -> {
                    fileLife(end, number, written, read);
                    return null;
                }));
            }
            for (int i = 0; i < 2; i++) {
                all.add(threads.submit((Callable<Void>) () -> {
                    control(end);
                    return null;
                }));
            }
            all.add(threads.submit((Callable<Void>) () -> {
                pollerLife(end, read);
                return null;
            }));
            all.add(threads.submit((Callable<Void>) () -> {
                while (System.nanoTime() < end) {
                    Device d = table.byName("t0");
                    if (d != null) {
                        d.txQueueLength(1 + (int) (System.nanoTime() & 63));
                    }
                    Thread.sleep(1);
                }
                return null;
            }));
            all.add(threads.submit((Callable<Void>) () -> {
                while (System.nanoTime() < end) {
                    Thread.sleep(20);
                    Device d = table.byName("t0");
                    if (d != null) {
                        d.delete();
                    }
                }
                return null;
            }));
            for (Future<Void> one : all) {
                one.get();
            }
        }
        assertThat(written.get()).isPositive();
        assertThat(read.get()).isPositive();
        // What was written was counted and came to the stack; what the stack sent was read, dropped and counted, or
        // lost with the queue that it waited in.
        assertThat(sum(statistics, Counter.RX_PACKETS)).isEqualTo(written.get()).isEqualTo(transmitted.get());
        assertThat(sum(statistics, Counter.TX_PACKETS)).isEqualTo(read.get());
        assertThat(read.get() + sum(statistics, Counter.TX_DROPPED)).isLessThanOrEqualTo(transmitted.get());
        assertThat(table.devices()).isEmpty();
        assertThat(table.buffers().lent()).as("packets that nobody gave back").isZero();
        table.buffers().close();
    }

    private static long sum(List<DeviceStatistics> all, Counter counter) {
        return all.stream().mapToLong(one -> one.get(counter)).sum();
    }

    /// Opens, attaches, waits with a poller, reads what there is and closes, again and again.
    private void pollerLife(long end, AtomicLong read) {
        try (Arena arena = Arena.ofConfined();
                TunPoller poller = driver.poller()) {
            MemorySegment into = arena.allocate(100);
            ReadyFiles ready = new ReadyFiles(1);
            while (System.nanoTime() < end) {
                try (MemoryTunFile file = driver.open()) {
                    file.blocking(false);
                    attach(file, arena);
                    assertThat(poller.add(file, PollEvents.IN, null)).isZero();
                    for (int i = 0; i < 20; i++) {
                        assertThat(poller.await(ready, 5_000_000)).isNotNegative();
                        while (file.read(into) == PACKET) {
                            read.incrementAndGet();
                        }
                    }
                    assertThat(poller.remove(file)).isZero();
                }
            }
        }
    }

    /// Opens, attaches, writes, reads and closes, again and again; readers wait on every other file.
    private void fileLife(long end, int number, AtomicLong written, AtomicLong read) throws Exception {
        try (Arena arena = Arena.ofShared()) {
            MemorySegment packet = packet(arena, number);
            MemorySegment into = arena.allocate(100);
            while (System.nanoTime() < end) {
                MemoryTunFile file = driver.open();
                file.blocking(number % 2 == 0);
                attach(file, arena);
                Thread reader = number % 2 == 0 ? Thread.ofPlatform().start(() -> readAll(file, read)) : null;
                for (int i = 0; i < 200; i++) {
                    Device d = file.device();
                    if (d != null) {
                        d.up();
                    }
                    int n = file.write(packet);
                    assertThat(n).isIn(PACKET, -Errno.EIO, -Errno.EBADFD);
                    if (n == PACKET) {
                        written.incrementAndGet();
                    }
                    if (reader == null && file.read(into) == PACKET) {
                        read.incrementAndGet();
                    }
                }
                file.close();
                if (reader != null) {
                    reader.join();
                }
                assertThat(file.write(packet)).isEqualTo(-Errno.EBADF);
            }
        }
    }

    private static void readAll(MemoryTunFile file, AtomicLong read) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment into = arena.allocate(100);
            while (true) {
                int n = file.read(into);
                if (n == PACKET) {
                    read.incrementAndGet();
                } else if (n == -Errno.EBADF) {
                    return;
                } else {
                    assertThat(n).isIn(-Errno.EFAULT, -Errno.EBADFD);
                    Thread.onSpinWait();
                }
            }
        }
    }

    /// Detaches, attaches and asks.
    private void control(long end) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment request = arena.allocate(Ifreq.SIZE, 8);
            MemorySegment number = arena.allocate(4, 4);
            while (System.nanoTime() < end) {
                try (MemoryTunFile file = driver.open()) {
                    attach(file, arena);
                    for (int i = 0; i < 50; i++) {
                        InterfaceRequest.name(request, "");
                        InterfaceRequest.flags(
                                request, i % 2 == 0 ? TunIoctl.IFF_DETACH_QUEUE : TunIoctl.IFF_ATTACH_QUEUE);
                        assertThat(file.ioctl(TunIoctl.TUNSETQUEUE, request)).isIn(0, -Errno.EINVAL);
                        assertThat(file.ioctl(TunIoctl.TUNGETIFF, request)).isIn(0, -Errno.EBADFD);
                        assertThat(file.ioctl(TunIoctl.TUNGETSNDBUF, number)).isIn(0, -Errno.EBADFD);
                    }
                }
            }
        }
    }

    @Test
    void countsEveryPacketOnceHoweverManyThreadsSend() throws Exception {
        int threads = 4;
        int each = 20_000;
        try (Arena arena = Arena.ofShared();
                MemoryTunFile file = driver.open()) {
            assertThat(attach(file, arena)).isZero();
            TunTapDevice device = file.device();
            assertThat(device.up()).isZero();
            file.blocking(false);
            AtomicLong read = new AtomicLong();
            try (ExecutorService senders = Executors.newFixedThreadPool(threads)) {
                List<Future<?>> all = new ArrayList<>();
                for (int t = 0; t < threads; t++) {
                    boolean reads = t == 0;
                    all.add(senders.submit(() -> {
                        MemorySegment into = arena.allocate(100);
                        for (int i = 0; i < each; i++) {
                            PacketBuffer p = table.buffers().lend(PACKET);
                            p.protocol(0x0800);
                            p.put(PACKET);
                            device.send(p);
                            if (reads && file.read(into) == PACKET) {
                                read.incrementAndGet();
                            }
                        }
                    }));
                }
                for (Future<?> one : all) {
                    one.get();
                }
            }
            long waiting = file.queued();
            assertThat(device.statistics().get(Counter.TX_PACKETS)).isEqualTo(read.get());
            assertThat(device.statistics().get(Counter.TX_DROPPED))
                    .isEqualTo(device.statistics().get(Drop.FULL_RING))
                    .isEqualTo((long) threads * each - read.get() - waiting);
        }
        assertThat(table.buffers().lent()).isZero();
    }
}
