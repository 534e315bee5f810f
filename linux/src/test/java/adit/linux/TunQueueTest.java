package adit.linux;

import static adit.linux.TunQueue.Readiness.GONE;
import static adit.linux.TunQueue.Readiness.READABLE;
import static adit.linux.TunQueue.Readiness.WRITABLE;
import static adit.tun.TunSpec.Option.MULTI_QUEUE;
import static adit.tun.TunSpec.Option.PACKET_INFORMATION;
import static adit.tun.TunSpec.Option.VNET_HEADER;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import adit.tun.TunOffload;
import adit.tun.TunSpec;
import adit.wire.InternetChecksum;
import adit.wire.IpProtocol;
import adit.wire.Ipv4;
import adit.wire.MacAddress;
import adit.wire.Octets;
import adit.wire.TunPi;
import adit.wire.Udp;
import adit.wire.VirtioNet;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.DatagramChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Reading, writing, waiting and closing against the running kernel. Lengths and errnos are those that Linux
/// 6.18 was seen to answer.
@Timeout(120)
class TunQueueTest {
    private static final Duration SOON = Duration.ofSeconds(10);

    private final Arena arena = Arena.ofShared();
    private final MemorySegment memory = arena.allocate(4096, 8).fill((byte) 0xa5);
    private TestHost host;

    @BeforeEach
    void makeHost() throws Exception {
        host = TestHost.create();
    }

    @AfterEach
    void removeHost() {
        if (host != null) {
            host.close();
        }
        arena.close();
    }

    private TunDevice upDevice(TunSpec spec) throws Exception {
        TunDevice tun = host.open(spec);
        host.up(tun);
        return tun;
    }

    private static void assertFails(String call, String errno, ThrowingCallable work) {
        assertThatThrownBy(work).isInstanceOfSatisfying(LinuxException.class, e -> {
            assertThat(e.call()).isEqualTo(call);
            assertThat(e.errnoName()).isEqualTo(errno);
        });
    }

    private void assertIsDatagram(long at, int length, String payload) {
        assertThat(Ipv4.totalLength(memory, at)).isEqualTo(length);
        assertThat(Ipv4.checksumValid(memory, at)).isTrue();
        assertThat(Ipv4.protocol(memory, at)).isEqualTo(IpProtocol.UDP);
        assertThat(Ipv4.source(memory, at)).isEqualTo(Packets.DEVICE);
        assertThat(Ipv4.destination(memory, at)).isEqualTo(Packets.BEHIND);
        assertThat(Udp.sourcePort(memory, at + 20)).isEqualTo(7000);
        assertThat(Packets.payload(memory, at, length)).isEqualTo(payload);
        assertThat(Octets.u8(memory, at + length)).isEqualTo(0xa5);
    }

    private static String receive(DatagramChannel socket) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(2000);
        socket.socket().setSoTimeout(5000);
        int n = socket.read(buffer);
        return new String(buffer.array(), 0, n, StandardCharsets.UTF_8);
    }

    // ---- Framing

    @Test
    void movesBarePackets() throws Exception {
        try (TunDevice tun = upDevice(TunSpec.tun("tun0"));
                DatagramChannel socket = host.socket(7000)) {
            TunQueue queue = tun.queue(0);
            assertThat(queue.tryRead(memory)).isZero();
            host.send(7001, "ignored");
            assertThat(queue.read(memory)).isEqualTo(28 + 7);

            memory.fill((byte) 0xa5);
            socket.write(ByteBuffer.wrap("out".getBytes(StandardCharsets.UTF_8)));
            assertThat(queue.read(memory)).isEqualTo(28 + 3);
            assertIsDatagram(0, 28 + 3, "out");

            int length = Packets.answer(memory, 100, 7000, "back");
            assertThat(queue.write(memory.asSlice(100, length))).isEqualTo(28 + 4);
            assertThat(receive(socket)).isEqualTo("back");
        }
    }

    @Test
    void movesPacketsBehindPacketInformation() throws Exception {
        try (TunDevice tun = upDevice(TunSpec.tun("tun0").with(PACKET_INFORMATION));
                DatagramChannel socket = host.socket(7000)) {
            TunQueue queue = tun.queue(0);
            int total = 4 + 28 + 3;
            socket.write(ByteBuffer.wrap("out".getBytes(StandardCharsets.UTF_8)));
            assertThat(queue.read(memory)).isEqualTo(total);
            assertThat(Octets.i32(memory, 0)).isEqualTo(0x0000_0800);
            assertIsDatagram(4, 28 + 3, "out");

            TunPi.emit(memory, 96, 0, 0x0800);
            int length = Packets.answer(memory, 100, 7000, "back");
            assertThat(queue.write(memory.asSlice(96, 4 + length))).isEqualTo(4 + length);
            assertThat(receive(socket)).isEqualTo("back");

            // The driver says when it cut a packet.
            for (int room : new int[] {total - 1, 4}) {
                socket.write(ByteBuffer.wrap("out".getBytes(StandardCharsets.UTF_8)));
                assertThat(queue.read(memory.asSlice(0, room))).isEqualTo(room);
                assertThat(TunPi.isStripped(memory, 0)).isTrue();
            }
            socket.write(ByteBuffer.wrap("out".getBytes(StandardCharsets.UTF_8)));
            assertThat(queue.read(memory.asSlice(0, total))).isEqualTo(total);
            assertThat(TunPi.isStripped(memory, 0)).isFalse();

            socket.write(ByteBuffer.wrap("lost".getBytes(StandardCharsets.UTF_8)));
            assertFails("read", "EINVAL", () -> queue.read(memory.asSlice(0, 3)));
            assertThat(queue.tryRead(memory)).isZero();
            assertFails("write", "EINVAL", () -> queue.write(memory.asSlice(0, 3)));
            assertThat(queue.write(memory.asSlice(0, 4))).isEqualTo(4);
        }
    }

    @Test
    void movesPacketsBehindVirtioHeaders() throws Exception {
        try (TunDevice tun = upDevice(TunSpec.tun("tun0").with(VNET_HEADER));
                DatagramChannel socket = host.socket(7000)) {
            TunQueue queue = tun.queue(0);
            ByteOrder order = ByteOrder.nativeOrder();
            assertThat(tun.enableOffload()).contains(TunOffload.CHECKSUM);
            socket.write(ByteBuffer.wrap("out".getBytes(StandardCharsets.UTF_8)));
            assertThat(queue.read(memory)).isEqualTo(10 + 28 + 3);
            assertIsDatagram(10, 28 + 3, "out");
            assertThat(VirtioNet.flags(memory, 0)).isEqualTo(VirtioNet.FLAG_NEEDS_CHECKSUM);
            assertThat(VirtioNet.gsoType(memory, 0)).isEqualTo(VirtioNet.GSO_NONE);
            assertThat(VirtioNet.checksumStart(memory, 0, order)).isEqualTo(20);
            assertThat(VirtioNet.checksumOffset(memory, 0, order)).isEqualTo(6);

            // An unfinished checksum is accepted as it stands; the plain one of the field would be wrong.
            int length = Packets.answer(memory, 100, 7000, "back");
            int pseudo = InternetChecksum.pseudoHeader4(Packets.BEHIND, Packets.DEVICE, IpProtocol.UDP, length - 20);
            Octets.put16(memory, 100 + 26, pseudo);
            VirtioNet.emit(memory, 90, 10, order, VirtioNet.FLAG_NEEDS_CHECKSUM, 0, 0, 0, 20, 6);
            assertThat(queue.write(memory.asSlice(90, 10 + length))).isEqualTo(10 + length);
            assertThat(receive(socket)).isEqualTo("back");

            socket.write(ByteBuffer.wrap("x".getBytes(StandardCharsets.UTF_8)));
            assertThat(queue.read(memory.asSlice(0, 10))).isEqualTo(10);
            socket.write(ByteBuffer.wrap("x".getBytes(StandardCharsets.UTF_8)));
            assertFails("read", "EINVAL", () -> queue.read(memory.asSlice(0, 9)));
            assertThat(queue.tryRead(memory)).isZero();

            assertFails("write", "EINVAL", () -> queue.write(memory.asSlice(90, 9)));
            VirtioNet.emit(memory, 90, 10, order, VirtioNet.FLAG_NEEDS_CHECKSUM, 0, 0, 0, length - 7, 6);
            assertFails("write", "EINVAL", () -> queue.write(memory.asSlice(90, 10 + length)));
            VirtioNet.emit(memory, 90, 10, order, 0, 2, 20, 100, 0, 0);
            assertFails("write", "EINVAL", () -> queue.write(memory.asSlice(90, 10 + length)));
            VirtioNet.emit(memory, 90, 10, order, 0, 0, length + 1, 0, 0, 0);
            assertFails("write", "EINVAL", () -> queue.write(memory.asSlice(90, 10 + length)));
        }
    }

    @Test
    void movesEthernetFrames() throws Exception {
        try (TunDevice tap = upDevice(TunSpec.tap("tap0"));
                DatagramChannel socket = host.socket(7000)) {
            TunQueue queue = tap.queue(0);
            socket.write(ByteBuffer.wrap("who".getBytes(StandardCharsets.UTF_8)));
            // The stack asks for the neighbour first: RFC 826, broadcast, from the device, for BEHIND.
            assertThat(queue.read(memory)).isEqualTo(14 + 28);
            assertThat(Octets.u16(memory, 12)).isEqualTo(0x0806);
            assertThat(Octets.i32(memory, 14 + 24)).isEqualTo(Packets.BEHIND);
            assertThat(tap.control().hardwareAddress().address()).isEqualTo(MacAddress.read(memory, 6));
            assertFails("write", "EINVAL", () -> queue.write(memory.asSlice(0, 13)));
            assertThat(queue.write(memory.asSlice(0, 14))).isEqualTo(14);
        }
    }

    @Test
    void writesAsTheDriverTakesIt() throws Exception {
        try (TunDevice tun = host.open(TunSpec.tun("tun0"));
                Arena large = Arena.ofConfined()) {
            TunQueue queue = tun.queue(0);
            int length = Packets.answer(memory, 0, 7000, "x");
            assertFails("write", "EIO", () -> queue.write(memory.asSlice(0, length)));
            Octets.put8(memory, 200, 0x15);
            assertFails("write", "EINVAL", () -> queue.write(memory.asSlice(200, 1)));
            host.up(tun);
            assertFails("write", "EINVAL", () -> queue.write(memory.asSlice(200, 1)));
            assertFails("write", "EINVAL", () -> queue.write(memory.asSlice(0, 0)));
            assertThat(queue.write(List.of())).isZero();
            assertThat(queue.write(memory.asSlice(0, 1))).isEqualTo(1);
            MemorySegment huge = large.allocate(200_000);
            Octets.put8(huge, 0, 0x45);
            assertThat(queue.write(huge)).isEqualTo(200_000);
            assertThat(queue.tryWrite(memory.asSlice(0, length))).isEqualTo(length);
        }
    }

    // ---- Kinds of memory

    @Test
    void scattersAndGathers() throws Exception {
        try (TunDevice tun = upDevice(TunSpec.tun("tun0"));
                DatagramChannel socket = host.socket(7000)) {
            TunQueue queue = tun.queue(0);
            socket.write(ByteBuffer.wrap("scattered".getBytes(StandardCharsets.UTF_8)));
            List<MemorySegment> parts = List.of(memory.asSlice(0, 20), memory.asSlice(20, 8), memory.asSlice(28, 100));
            assertThat(queue.read(parts)).isEqualTo(28 + 9);
            assertIsDatagram(0, 28 + 9, "scattered");
            assertThat(queue.tryRead(parts)).isZero();

            int length = Packets.answer(memory, 200, 7000, "gathered");
            MemorySegment.copy(memory, 220, memory, 300, length - 20);
            assertThat(queue.write(List.of(memory.asSlice(200, 20), memory.asSlice(300, length - 20))))
                    .isEqualTo(length);
            assertThat(receive(socket)).isEqualTo("gathered");
        }
    }

    @Test
    void takesHeapAndDirectBuffers() throws Exception {
        try (TunDevice tun = upDevice(TunSpec.tun("tun0"));
                DatagramChannel socket = host.socket(7000)) {
            TunQueue queue = tun.queue(0);
            for (ByteBuffer buffer : List.of(ByteBuffer.allocate(100), ByteBuffer.allocateDirect(100))) {
                socket.write(ByteBuffer.wrap("out".getBytes(StandardCharsets.UTF_8)));
                buffer.position(10);
                assertThat(queue.read(buffer)).isEqualTo(28 + 3);
                assertThat(buffer.position()).isEqualTo(10 + 28 + 3);
                MemorySegment.copy(MemorySegment.ofBuffer(buffer.flip()), 10, memory, 0, 31);
                Octets.put8(memory, 31, 0xa5);
                assertIsDatagram(0, 28 + 3, "out");

                int length = Packets.answer(memory, 0, 7000, "back");
                buffer.clear().position(5);
                buffer.put(memory.asSlice(0, length).asByteBuffer()).flip().position(5);
                assertThat(queue.write(buffer)).isEqualTo(length);
                assertThat(buffer.hasRemaining()).isFalse();
                assertThat(receive(socket)).isEqualTo("back");
                buffer.clear();
                assertThat(queue.tryRead(MemorySegment.ofBuffer(buffer))).isZero();
            }
            assertThatThrownBy(() -> queue.read(ByteBuffer.allocateDirect(9).asReadOnlyBuffer()))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    // ---- Waiting

    private int readers;

    @Test
    void tellsWhatItIsReadyFor() throws Exception {
        try (TunDevice tun = host.open(TunSpec.tun("tun0"))) {
            TunQueue queue = tun.queue(0);
            var both = EnumSet.of(READABLE, WRITABLE);
            assertThat(queue.poll(both, Duration.ZERO)).isEmpty();
            host.up(tun);
            assertThat(queue.poll(both, SOON)).containsExactly(WRITABLE);
            long start = System.nanoTime();
            assertThat(queue.poll(EnumSet.of(READABLE), Duration.ofMillis(30))).isEmpty();
            assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(30_000_000);
            host.send(7000, "x");
            assertThat(queue.poll(both, SOON)).containsExactly(READABLE, WRITABLE);
            assertThat(queue.read(memory)).isEqualTo(29);
            host.ip("link", "delete", "tun0");
            assertThat(queue.poll(both, SOON)).contains(GONE);
        }
    }

    @Test
    void waitsForAPacketThatComesLater() throws Exception {
        try (TunDevice tun = upDevice(TunSpec.tun("tun0"))) {
            CompletableFuture<Integer> read = reading(tun.queue(0));
            assertThat(read).isNotDone();
            host.send(7000, "later");
            assertThat(read.get(10, TimeUnit.SECONDS)).isEqualTo(28 + 5);
        }
    }

    /// A read on a thread of its own, which waits by now.
    private CompletableFuture<Integer> reading(TunQueue queue) throws Exception {
        String name = "reader " + ++readers;
        CompletableFuture<Integer> result = new CompletableFuture<>();
        Thread.ofPlatform().name(name).daemon().start(() -> {
            try {
                result.complete(queue.read(memory));
            } catch (Throwable t) {
                result.completeExceptionally(t);
            }
        });
        Sleeper.await(name);
        return result;
    }

    // ---- Closing

    /// What a reader met, and when.
    private record End(Throwable how, long nanos) {}

    @Test
    void wakesABlockedReaderWhenItCloses() throws Exception {
        int rounds = 1000;
        long[] nanosToWake = new long[rounds];
        int asleep = 0;
        // Attaching to a device that stays is quicker than making one.
        try (TunDevice made = host.open(TunSpec.tun("tun0"))) {
            made.control().persistent(true);
        }
        for (int i = 0; i < rounds; i++) {
            TunDevice tun = host.open(TunSpec.tun("tun0"));
            AtomicReference<End> end = new AtomicReference<>();
            Thread reader = Thread.ofPlatform().name("round " + i).daemon().start(() -> {
                try {
                    tun.queue(0).read(memory);
                    end.set(new End(null, System.nanoTime()));
                } catch (Throwable t) {
                    end.set(new End(t, System.nanoTime()));
                }
            });
            // From before the reader's first call to deep in its sleep.
            if (i % 4 == 3) {
                Sleeper.await("round " + i);
            }
            long pause = i % 4 * 1_000_000L;
            long start = System.nanoTime();
            while (System.nanoTime() - start < pause) {
                Thread.onSpinWait();
            }
            long closing = System.nanoTime();
            tun.close();
            reader.join(30_000);
            assertThat(end.get()).as("round %d", i).isNotNull();
            assertThat(end.get().how()).isInstanceOf(ClosedChannelException.class);
            asleep += end.get().how() instanceof AsynchronousCloseException ? 1 : 0;
            nanosToWake[i] = end.get().nanos() - closing;
            assertThat(tun.queue(0).isOpen()).isFalse();
        }
        assertThat(asleep).isGreaterThanOrEqualTo(rounds / 4);
        // It is woken, and does not look now and then whether it should be. However busy the machine is, one in ten
        // threads runs at once.
        Arrays.sort(nanosToWake);
        assertThat(nanosToWake[rounds / 10]).isLessThan(20_000_000);
    }

    @Test
    void isGoneWithItsDeviceWhenTheCloseReturns() throws Exception {
        TunDevice tun = host.open(TunSpec.tun("tun0"));
        CompletableFuture<Integer> reader = reading(tun.queue(0));
        tun.close();
        assertThat(host.ip("-brief", "link")).doesNotContain("tun0");
        assertThatThrownBy(() -> reader.get(10, TimeUnit.SECONDS)).hasCauseInstanceOf(AsynchronousCloseException.class);
    }

    @Test
    void wakesAllThatWaitOnAnyQueue() throws Exception {
        TunDevice tun = host.open(TunSpec.tun("tun0").with(MULTI_QUEUE), 2);
        List<CompletableFuture<Integer>> readers =
                List.of(reading(tun.queue(0)), reading(tun.queue(0)), reading(tun.queue(1)));
        tun.close();
        tun.close();
        for (CompletableFuture<Integer> reader : readers) {
            assertThatThrownBy(() -> reader.get(10, TimeUnit.SECONDS))
                    .hasCauseInstanceOf(AsynchronousCloseException.class);
        }
        assertThatThrownBy(() -> tun.queue(0).read(memory)).isExactlyInstanceOf(ClosedChannelException.class);
        assertThatThrownBy(() -> tun.queue(0).tryRead(memory)).isExactlyInstanceOf(ClosedChannelException.class);
        assertThatThrownBy(() -> tun.queue(0).write(memory)).isExactlyInstanceOf(ClosedChannelException.class);
        assertThatThrownBy(() -> tun.queue(0).poll(EnumSet.of(READABLE), SOON))
                .isExactlyInstanceOf(ClosedChannelException.class);
        assertThatThrownBy(() -> tun.control().state()).isExactlyInstanceOf(ClosedChannelException.class);
        assertThatThrownBy(tun::openQueue).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void closesWhenAWaitingThreadIsInterrupted() throws Exception {
        try (TunDevice tun = host.open(TunSpec.tun("tun0"))) {
            AtomicReference<Throwable> end = new AtomicReference<>();
            Thread reader = Thread.ofPlatform().name("interrupted").start(() -> {
                try {
                    tun.queue(0).read(memory);
                } catch (Throwable t) {
                    end.set(t);
                }
            });
            Sleeper.await("interrupted");
            reader.interrupt();
            reader.join(10_000);
            assertThat(end.get()).isInstanceOf(ClosedByInterruptException.class);
            assertThat(tun.queue(0).isOpen()).isFalse();
        }
    }

    // ---- The device goes away

    @Test
    void failsWhenTheDeviceIsDeletedUnderneath() throws Exception {
        try (TunDevice tun = upDevice(TunSpec.tun("tun0"))) {
            CompletableFuture<Integer> reader = reading(tun.queue(0));
            host.ip("link", "delete", "tun0");
            assertThatThrownBy(() -> reader.get(10, TimeUnit.SECONDS))
                    .cause()
                    .isInstanceOfSatisfying(LinuxException.class, e -> {
                        assertThat(e.errnoName()).isIn("EBADFD", "EFAULT");
                        assertThat(e.hint()).isEqualTo("the device was deleted; open it anew");
                    });
            assertFails("read", "EBADFD", () -> tun.queue(0).read(memory));
            assertFails("write", "EBADFD", () -> tun.queue(0).write(memory));
            assertThat(tun.isGone()).isTrue();
        }
    }

    @Test
    void servesEachFlowByOneQueueInService() throws Exception {
        try (TunDevice tun = host.open(TunSpec.tun("tun0").with(MULTI_QUEUE), 2)) {
            host.up(tun);
            for (int port = 8000; port < 8064; port++) {
                host.send(port, "x");
            }
            int first = drain(tun.queue(0));
            int second = drain(tun.queue(1));
            assertThat(first + second).isEqualTo(64);
            assertThat(List.of(first, second)).allMatch(n -> n > 0);

            tun.queue(1).control().detachQueue();
            for (int port = 8000; port < 8064; port++) {
                host.send(port, "x");
            }
            assertThat(drain(tun.queue(1))).isZero();
            assertThat(tun.queue(1).poll(EnumSet.allOf(TunQueue.Readiness.class), Duration.ZERO))
                    .containsExactly(WRITABLE);
            assertThat(drain(tun.queue(0))).isEqualTo(64);
        }
    }

    private int drain(TunQueue queue) throws IOException {
        int packets = 0;
        while (queue.tryRead(memory) > 0) {
            packets++;
        }
        return packets;
    }

    @Test
    void needsMultiQueueForASecondQueue() {
        assertThatThrownBy(() -> TunDevice.open(TunSpec.tun("t"), 2)).isInstanceOf(IllegalArgumentException.class);
    }
}
