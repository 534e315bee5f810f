package adit.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import adit.device.DeviceTable;
import adit.device.Errno;
import adit.device.InterfaceRequest;
import adit.packet.PacketBuffer;
import adit.tun.Ifreq;
import adit.tun.IoVectors;
import adit.tun.PollEvents;
import adit.tun.ReadyFiles;
import adit.tun.TunChannel;
import adit.tun.TunDriver;
import adit.tun.TunFile;
import adit.tun.TunIoctl;
import adit.tun.TunOpener;
import adit.tun.TunPoller;
import adit.tun.TunSpec;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedByInterruptException;
import java.util.HexFormat;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// The same program on the driver in memory and on the kernel's: nothing but where it opens differs.
@Timeout(60)
class BothWorldsTest {
    /// An echo request from 10.99.0.2 to 10.99.0.1.
    private static final String REQUEST = "4500001c 00000000 40016619 0a630002 0a630001" + "0800 f7fd 0001 0001";

    private static final int TUN = TunIoctl.IFF_TUN | TunIoctl.IFF_NO_PI;

    enum World {
        MEMORY,
        KERNEL
    }

    /// A namespace in either world, in which a device has the address 10.99.0.1 and answers echo requests.
    private interface Host extends AutoCloseable {
        TunOpener opener();

        void up(String device) throws Exception;

        void delete(String device) throws Exception;

        @Override
        void close();
    }

    private record KernelHost(TestHost host) implements Host {
        @Override
        public TunOpener opener() {
            KernelTunDriver driver = new KernelTunDriver();
            return new TunOpener() {
                @Override
                public TunFile open() throws IOException {
                    try {
                        return host.netns.call(driver::open);
                    } catch (IOException e) {
                        throw e;
                    } catch (Exception e) {
                        throw new IOException(e);
                    }
                }

                @Override
                public TunPoller poller() throws IOException {
                    return driver.poller();
                }
            };
        }

        @Override
        public void up(String device) throws Exception {
            host.ip("address", "add", TestHost.DEVICE + "/24", "dev", device);
            host.ip("link", "set", device, "up");
        }

        @Override
        public void delete(String device) throws Exception {
            host.ip("link", "delete", device);
        }

        @Override
        public void close() {
            host.close();
        }
    }

    private static final class MemoryHost implements Host {
        private final DeviceTable table = new DeviceTable(DeviceTable.Environment.real(1));

        MemoryHost() {
            table.receiver((device, p) -> {
                if (p.length() < 28 || p.segment().get(ValueLayout.JAVA_BYTE, p.head() + 20L) != 8) {
                    p.release();
                    return;
                }
                answer(p);
                device.send(p);
            });
        }

        /// The reply to an echo request: addresses swapped, type 0, the checksum amended.
        private static void answer(PacketBuffer p) {
            MemorySegment s = p.segment();
            int at = p.head();
            int source = s.get(ValueLayout.JAVA_INT_UNALIGNED, at + 12L);
            s.set(ValueLayout.JAVA_INT_UNALIGNED, at + 12L, s.get(ValueLayout.JAVA_INT_UNALIGNED, at + 16L));
            s.set(ValueLayout.JAVA_INT_UNALIGNED, at + 16L, source);
            s.set(ValueLayout.JAVA_BYTE, at + 20L, (byte) 0);
            s.set(ValueLayout.JAVA_BYTE, at + 22L, (byte) (s.get(ValueLayout.JAVA_BYTE, at + 22L) + 8));
        }

        @Override
        public TunOpener opener() {
            return new TunDriver(table);
        }

        @Override
        public void up(String device) {
            assertThat(table.byName(device).up()).isZero();
        }

        @Override
        public void delete(String device) {
            assertThat(table.byName(device).delete()).isZero();
        }

        @Override
        public void close() {
            assertThat(table.buffers().lent()).isZero();
            table.buffers().close();
        }
    }

    private final Arena arena = Arena.ofShared();
    private Host host;

    private TunOpener start(World world) throws Exception {
        host = world == World.MEMORY ? new MemoryHost() : new KernelHost(TestHost.create());
        return host.opener();
    }

    @AfterEach
    void close() {
        if (host != null) {
            host.close();
        }
        arena.close();
    }

    private MemorySegment octets(String hex) {
        byte[] octets = HexFormat.of().parseHex(hex.replace(" ", ""));
        MemorySegment s = arena.allocate(octets.length);
        s.copyFrom(MemorySegment.ofArray(octets));
        return s;
    }

    private int setInterface(TunFile file, String name, int flags) {
        MemorySegment request = arena.allocate(Ifreq.SIZE, 8);
        InterfaceRequest.name(request, name);
        InterfaceRequest.flags(request, flags);
        return file.ioctl(TunIoctl.TUNSETIFF, request);
    }

    private static boolean isEchoReply(MemorySegment packet, int length) {
        return length == 28
                && packet.get(ValueLayout.JAVA_BYTE, 0) == 0x45
                && packet.get(ValueLayout.JAVA_BYTE, 9) == 1
                && packet.get(ValueLayout.JAVA_BYTE, 20) == 0;
    }

    @ParameterizedTest
    @EnumSource
    void answersAnEchoRequest(World world) throws Exception {
        TunOpener opener = start(world);
        try (TunFile file = opener.open()) {
            assertThat(file.write(octets(REQUEST))).isEqualTo(-Errno.EBADFD);
            assertThat(file.poll(PollEvents.IN)).isEqualTo(PollEvents.ERR);
            assertThat(file.fdinfo()).isEqualTo("iff:\t\n");
            assertThat(setInterface(file, "t0", TUN)).isZero();
            assertThat(file.fdinfo()).isEqualTo("iff:\tt0\n");
            assertThat(file.write(octets(REQUEST))).isEqualTo(-Errno.EIO);
            host.up("t0");
            assertThat(file.write(octets(REQUEST))).isEqualTo(28);
            MemorySegment into = arena.allocate(1500);
            int n;
            do {
                n = file.read(into);
            } while (!isEchoReply(into, n));
            assertThat(HexFormat.of().formatHex(into.asSlice(0, 28).toArray(ValueLayout.JAVA_BYTE)))
                    .contains("0a6300010a6300020000fffd00010001");
            file.blocking(false);
            assertThat(file.read(into)).isEqualTo(-Errno.EAGAIN);
            assertThat(file.read(MemorySegment.NULL, 0, 10)).isEqualTo(-Errno.EAGAIN);
            assertThat(file.write(MemorySegment.NULL, 0, 28)).isEqualTo(-Errno.EFAULT);
            assertThat(file.ioctl(TunIoctl.TUNGETIFF, 0)).isEqualTo(-Errno.EFAULT);
            assertThat(file.ioctl(0x54ff, 0)).isEqualTo(-Errno.EINVAL);
        }
    }

    @ParameterizedTest
    @EnumSource
    void gathersAndScatters(World world) throws Exception {
        TunOpener opener = start(world);
        try (TunFile file = opener.open()) {
            assertThat(setInterface(file, "t0", TunIoctl.IFF_TUN)).isZero();
            host.up("t0");
            MemorySegment request = octets(REQUEST);
            IoVectors from = new IoVectors(3)
                    .add(octets("0000080045"), 0, 5)
                    .add(request, 1, 6)
                    .add(MemorySegment.ofArray(request.asSlice(7).toArray(ValueLayout.JAVA_BYTE)), 0, 21);
            assertThat(file.write(from)).isEqualTo(32);
            // What was there before is forgotten: else it would be five places, of which there is room for three.
            from.clear();
            assertThat(from.count()).isZero();
            from.add(octets("00000800"), 0, 4).add(request, 0, 28);
            assertThat(file.write(from)).isEqualTo(32);
            MemorySegment into = arena.allocate(100);
            IoVectors parts = new IoVectors(3).add(into, 0, 3).add(into, 10, 11).add(into, 30, 50);
            int n;
            do {
                into.fill((byte) 0xa5);
                n = file.read(parts);
            } while (n != 32);
            assertThat(HexFormat.of().formatHex(into.asSlice(0, 62).toArray(ValueLayout.JAVA_BYTE)))
                    .startsWith("000008" + "a5".repeat(7) + "00" + "4500001c")
                    .endsWith("0a6300010a6300020000fffd00010001" + "a5".repeat(14));
        }
    }

    @ParameterizedTest
    @EnumSource
    void endsAWaitWhenTheDeviceIsDeleted(World world) throws Exception {
        TunOpener opener = start(world);
        try (TunFile file = opener.open()) {
            assertThat(setInterface(file, "t0", TUN)).isZero();
            int[] answer = new int[1];
            Thread reader = reading(() -> answer[0] = file.read(arena.allocate(100)));
            host.delete("t0");
            reader.join();
            // The kernel's file does not wait inside the driver here, and finds the device gone when it asks again.
            assertThat(answer[0]).isIn(-Errno.EFAULT, -Errno.EBADFD);
            assertThat(file.read(arena.allocate(100))).isEqualTo(-Errno.EBADFD);
            assertThat(setInterface(file, "t1", TUN)).isZero();
        }
    }

    @ParameterizedTest
    @EnumSource
    void endsAWaitByAClose(World world) throws Exception {
        TunOpener opener = start(world);
        TunFile file = opener.open();
        assertThat(setInterface(file, "t0", TUN)).isZero();
        int[] answer = new int[1];
        Thread reader = reading(() -> answer[0] = file.read(arena.allocate(100)));
        file.close();
        reader.join();
        assertThat(answer[0]).isEqualTo(-Errno.EBADF);
        assertThat(file.isOpen()).isFalse();
        assertThat(file.write(octets(REQUEST))).isEqualTo(-Errno.EBADF);
        assertThat(file.ioctl(TunIoctl.TUNSETPERSIST, 0)).isEqualTo(-Errno.EBADF);
        file.close();
    }

    @ParameterizedTest
    @EnumSource
    void endsAWaitByAnInterruptAndKeepsIt(World world) throws Exception {
        TunOpener opener = start(world);
        try (TunFile file = opener.open()) {
            assertThat(setInterface(file, "t0", TUN)).isZero();
            int[] answer = new int[1];
            boolean[] interrupted = new boolean[1];
            Thread reader = reading(() -> {
                answer[0] = file.read(arena.allocate(100));
                interrupted[0] = Thread.currentThread().isInterrupted();
            });
            reader.interrupt();
            reader.join();
            assertThat(answer[0]).isEqualTo(-Errno.EINTR);
            assertThat(interrupted[0]).isTrue();
            assertThat(file.isOpen()).isTrue();
        }
    }

    private static Thread reading(Runnable work) throws InterruptedException {
        CountDownLatch started = new CountDownLatch(1);
        Thread reader = Thread.ofPlatform().daemon().start(() -> {
            started.countDown();
            work.run();
        });
        started.await();
        // Long enough for it to wait, most times; all is right as well when it does not yet.
        Thread.sleep(50);
        return reader;
    }

    @ParameterizedTest
    @EnumSource
    void waitsForManyFilesAtOnce(World world) throws Exception {
        TunOpener opener = start(world);
        try (TunFile a = opener.open();
                TunFile b = opener.open();
                TunPoller poller = opener.poller()) {
            assertThat(setInterface(a, "t0", TUN)).isZero();
            assertThat(setInterface(b, "t1", TUN)).isZero();
            a.blocking(false);
            ReadyFiles ready = new ReadyFiles(4);
            assertThat(poller.add(a, PollEvents.IN, "first")).isZero();
            assertThat(poller.add(a, PollEvents.IN, "again")).isEqualTo(-Errno.EEXIST);
            assertThat(poller.change(b, PollEvents.IN)).isEqualTo(-Errno.ENOENT);
            assertThat(poller.add(b, PollEvents.IN, "second")).isZero();
            assertThat(poller.await(ready, 0)).isZero();
            host.up("t0");
            int before;
            do {
                before = a.read(arena.allocate(100));
            } while (before > 0);
            assertThat(a.write(octets(REQUEST))).isEqualTo(28);
            for (int i = 0; i < 2; i++) {
                assertThat(poller.await(ready, TimeUnit.SECONDS.toNanos(20))).isEqualTo(1);
                assertThat(ready.file(0)).isSameAs(a);
                assertThat(ready.attachment(0)).isEqualTo("first");
                assertThat(ready.events(0)).isEqualTo(PollEvents.IN);
            }
            assertThat(poller.change(a, PollEvents.IN | PollEvents.ONE_SHOT)).isZero();
            assertThat(poller.await(ready, TimeUnit.SECONDS.toNanos(20))).isEqualTo(1);
            assertThat(poller.await(ready, 0)).isZero();
            poller.wake();
            assertThat(poller.await(ready, -1)).isZero();
            assertThat(poller.remove(a)).isZero();
            assertThat(poller.remove(a)).isEqualTo(-Errno.ENOENT);
        }
    }

    @ParameterizedTest
    @EnumSource
    void isAChannelThatThrowsWhatWentWrong(World world) throws Exception {
        TunOpener opener = start(world);
        try (TunChannel channel = TunChannel.open(opener, TunSpec.tun("t0"))) {
            assertThatThrownBy(() -> channel.write(ByteBuffer.wrap(new byte[] {0x45})))
                    .hasMessageContaining("write t0: EIO")
                    .hasMessageContaining("down");
            host.up("t0");
            assertThat(channel.control().state().flags() & 0xf).isEqualTo(TunIoctl.IFF_TUN);
            ByteBuffer request = ByteBuffer.wrap(HexFormat.of().parseHex(REQUEST.replace(" ", "")));
            assertThat(channel.write(request)).isEqualTo(28);
            assertThat(request.hasRemaining()).isFalse();
            ByteBuffer direct = ByteBuffer.allocateDirect(100);
            do {
                direct.clear();
                channel.read(direct);
            } while (direct.position() != 28);
            channel.configureBlocking(false);
            assertThat(channel.read(direct)).isZero();
            assertThatThrownBy(() -> channel.control().vnetHeaderLength(9))
                    .hasMessageContaining("TUNSETVNETHDRSZ t0: EINVAL");
        }
    }

    @ParameterizedTest
    @EnumSource
    void isAChannelThatGathersAndScatters(World world) throws Exception {
        TunOpener opener = start(world);
        try (TunChannel channel = TunChannel.open(opener, TunSpec.tun("tun%d"))) {
            assertThat(channel.name()).isEqualTo("tun0");
            assertThat(channel.file().fdinfo()).isEqualTo("iff:\ttun0\n");
            host.up(channel.name());
            byte[] request = HexFormat.of().parseHex(REQUEST.replace(" ", ""));
            ByteBuffer header =
                    ByteBuffer.allocateDirect(20).put(request, 0, 20).flip();
            ByteBuffer message = ByteBuffer.wrap(request, 20, 8);
            assertThat(channel.write(new ByteBuffer[] {header, message})).isEqualTo(28);
            assertThat(header.hasRemaining()).isFalse();
            assertThat(message.hasRemaining()).isFalse();
            ByteBuffer[] parts = {ByteBuffer.allocate(20), ByteBuffer.allocateDirect(100)};
            do {
                parts[0].clear();
                parts[1].clear();
            } while (channel.read(parts) != 28);
            assertThat(parts[0].position()).isEqualTo(20);
            assertThat(HexFormat.of().formatHex(parts[0].array(), 12, 20)).isEqualTo("0a6300010a630002");
            assertThat(parts[1].position()).isEqualTo(8);
            assertThat(parts[1].getLong(0)).isEqualTo(0x0000_fffd_0001_0001L);
            assertThat(channel.isBlocking()).isTrue();
            channel.configureBlocking(false);
            assertThat(channel.isBlocking()).isFalse();
            assertThat(channel.file().read(arena.allocate(100))).isEqualTo(-Errno.EAGAIN);
            assertThat(channel.read(parts)).isZero();
        }
    }

    @ParameterizedTest
    @EnumSource
    void closesAsChannelsDo(World world) throws Exception {
        TunOpener opener = start(world);
        TunChannel closed = TunChannel.open(opener, TunSpec.tun("t0"));
        AtomicReference<Throwable> end = new AtomicReference<>();
        Thread reader = reading(() -> end.set(failureOf(closed)));
        closed.close();
        reader.join();
        assertThat(end.get()).isInstanceOf(AsynchronousCloseException.class);
        TunChannel interrupted = TunChannel.open(opener, TunSpec.tun("t0"));
        reader = reading(() -> end.set(failureOf(interrupted)));
        reader.interrupt();
        reader.join();
        assertThat(end.get()).isInstanceOf(ClosedByInterruptException.class);
        assertThat(interrupted.isOpen()).isFalse();
    }

    private static Throwable failureOf(TunChannel channel) {
        try {
            channel.read(ByteBuffer.allocate(100));
            return null;
        } catch (IOException e) {
            return e;
        }
    }

    @ParameterizedTest
    @EnumSource
    void tellsOfArrivals(World world) throws Exception {
        TunOpener opener = start(world);
        try (TunFile file = opener.open()) {
            assertThat(setInterface(file, "t0", TUN)).isZero();
            host.up("t0");
            CountDownLatch told = new CountDownLatch(1);
            file.onReadable(told::countDown);
            assertThat(file.write(octets(REQUEST))).isEqualTo(28);
            assertThat(told.await(20, TimeUnit.SECONDS)).isTrue();
            file.onReadable(null);
        }
    }
}
