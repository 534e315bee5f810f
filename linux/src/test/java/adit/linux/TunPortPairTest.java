package adit.linux;

import static org.assertj.core.api.Assertions.assertThat;

import adit.device.Errno;
import adit.linux.sys.Fcntl;
import adit.linux.sys.HostOrder;
import adit.linux.sys.Libc;
import adit.linux.sys.LibcSocket;
import adit.packet.Offload;
import adit.packet.PacketBatch;
import adit.packet.PacketBuffer;
import adit.packet.PacketPool;
import adit.packet.Refusal;
import adit.tun.TunSpec;
import adit.wire.EtherType;
import adit.wire.Octets;
import com.sun.management.ThreadMXBean;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.management.ManagementFactory;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// A port over one end of a socket pair that keeps packets apart, so that the other end sees the octets that a
/// driver would. Needs Linux and no privilege.
@Timeout(60)
class TunPortPairTest {
    private static final int AF_UNIX = 1;
    private static final int SOCK_SEQPACKET = 5;

    private final Arena arena = Arena.ofConfined();
    private final MemorySegment memory = arena.allocate(4096, 8).fill((byte) 0xa5);
    private final MemorySegment errno = Libc.errnoState();
    private final PacketPool pool = new PacketPool(64, 32, 2048);
    private final PacketBatch batch = new PacketBatch(32);
    private final List<String> fewer = new ArrayList<>();
    private Fd near;
    private Fd far;

    @BeforeEach
    void makePair() throws Exception {
        MemorySegment pair = arena.allocate(8, 4);
        int type = SOCK_SEQPACKET | Fcntl.O_CLOEXEC | Fcntl.O_NONBLOCK;
        LinuxException.check(LibcSocket.socketpair(errno, AF_UNIX, type, 0, pair), "socketpair", "");
        near = Fd.own(HostOrder.i32(pair, 0), "socketpair", "");
        far = Fd.own(HostOrder.i32(pair, 4), "socketpair", "");
    }

    @AfterEach
    void closePair() {
        near.close();
        far.close();
        arena.close();
        assertThat(pool.lent()).isZero();
        pool.close();
    }

    private TunPort port(Fd fd, TunFraming.Information information, int vnetHeaderLength) {
        TunFraming framing = new TunFraming(TunSpec.Kind.TUN, information, vnetHeaderLength);
        return new TunPort(fd, fd::close, null, framing, fewer::add, 3, pool);
    }

    private PacketBuffer packet(String hex) {
        byte[] octets = HexFormat.of().parseHex(hex);
        PacketBuffer p = pool.lend();
        MemorySegment.copy(MemorySegment.ofArray(octets), 0, p.segment(), p.put(octets.length), octets.length);
        return p;
    }

    /// What the other end gets, in hexadecimal.
    private String seen() throws Exception {
        int n = Libc.read(errno, far.holdOrThrow(), memory, 0, memory.byteSize());
        far.leave();
        return n < 0
                ? Errno.name(-n)
                : HexFormat.of().formatHex(memory.asSlice(0, n).toArray(ValueLayout.JAVA_BYTE));
    }

    private void show(String hex) throws Exception {
        byte[] octets = HexFormat.of().parseHex(hex);
        MemorySegment.copy(MemorySegment.ofArray(octets), 0, memory, 0, octets.length);
        assertThat(Libc.write(errno, far.holdOrThrow(), memory, 0, octets.length))
                .isEqualTo(octets.length);
        far.leave();
    }

    /// 16 bits in the host's order.
    private static String host(int value) {
        int there = ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN ? Integer.reverseBytes(value) >>> 16 : value;
        return "%04x".formatted(there);
    }

    @Test
    void writesEveryFieldOfTheFrameWhereTheDriverReadsIt() throws Exception {
        TunPort port = port(near, TunFraming.Information.PRESENT, 12);
        PacketBuffer p = packet("60aabbccddeeff00112233445566778899aabbccddeeff00");
        p.protocol(0x86dd);
        p.offload().checksum = Offload.Checksum.PARTIAL;
        p.offload().checksumStart = 0x0102;
        p.offload().checksumOffset = 0x0304;
        p.offload().segmentation = Offload.Segmentation.TCP6;
        p.offload().segmentSize = 0x0506;
        p.offload().headerLength = 0x0007;
        p.offload().congestionWindowReduced = true;
        batch.add(p);
        assertThat(port.send(batch)).isEqualTo(1);
        assertThat(seen())
                .isEqualTo("0000" + "86dd" + "01" + "84" + host(7) + host(0x0506) + host(0x0102) + host(0x0304) + "0000"
                        + "60aabbccddeeff00112233445566778899aabbccddeeff00");
    }

    @Test
    void readsEveryFieldOfTheFrameWhereTheDriverWritesIt() throws Exception {
        TunPort port = port(near, TunFraming.Information.PRESENT, 10);
        show("0000" + "8847" + "01" + "81" + host(7) + host(0x0506) + host(0x0102) + host(0x0304) + "003e8140" + "45");
        show("0000" + "0800" + "02" + "05" + host(0) + host(9) + host(0) + host(0) + "46");
        assertThat(port.receive(batch)).isEqualTo(2);
        PacketBuffer first = batch.get(0);
        assertThat(first.protocol()).isEqualTo(EtherType.MPLS);
        assertThat(first.length()).isEqualTo(5);
        assertThat(first.queue()).isEqualTo(3);
        assertThat(Octets.i32(first.segment(), first.head())).isEqualTo(0x003e8140);
        assertThat(first.offload().checksum).isEqualTo(Offload.Checksum.PARTIAL);
        assertThat(first.offload().checksumStart).isEqualTo(0x0102);
        assertThat(first.offload().checksumOffset).isEqualTo(0x0304);
        assertThat(first.offload().segmentation).isEqualTo(Offload.Segmentation.TCP4);
        assertThat(first.offload().segmentSize).isEqualTo(0x0506);
        assertThat(first.offload().headerLength).isEqualTo(7);
        assertThat(first.offload().congestionWindowReduced).isTrue();
        PacketBuffer second = batch.get(1);
        assertThat(second.protocol()).isEqualTo(EtherType.IPV4);
        assertThat(second.offload().checksum).isEqualTo(Offload.Checksum.VALID);
        assertThat(second.offload().segmentation).isEqualTo(Offload.Segmentation.UDP);
        assertThat(second.offload().congestionWindowReduced).isFalse();
        batch.releaseAll();
    }

    @Test
    void takesTheProtocolFromTheVersionWhereNothingElseTellsIt() throws Exception {
        TunPort port = port(near, TunFraming.Information.ABSENT, 0);
        for (String hex : new String[] {"45", "60", "15"}) {
            show(hex);
        }
        assertThat(port.receive(batch)).isEqualTo(3);
        assertThat(batch.get(0).protocol()).isEqualTo(EtherType.IPV4);
        assertThat(batch.get(1).protocol()).isEqualTo(EtherType.IPV6);
        assertThat(batch.get(2).protocol()).isZero();
        batch.releaseAll();

        TunPort told = port(near, TunFraming.Information.PRESENT, 0);
        batch.add(packet("60"));
        assertThat(told.send(batch)).isEqualTo(1);
        assertThat(seen()).isEqualTo("0000" + "86dd" + "60");
    }

    @Test
    void countsWhatItCannotUnderstand() throws Exception {
        TunPort port = port(near, TunFraming.Information.ABSENT, 10);
        show("00" + "21" + "0000" + host(9) + "0000" + "0000" + "45");
        show("00000000000000000000");
        show("0000");
        show("00000000000000000000" + "45");
        assertThat(port.receive(batch)).isEqualTo(1);
        assertThat(port.count(TunDrop.UNKNOWN_OFFLOAD)).isEqualTo(1);
        assertThat(fewer).containsExactly("a super-packet of an unknown kind was read");
        assertThat(port.count(TunDrop.UNREADABLE)).isEqualTo(2);
        assertThat(port.count(TunDrop.TRUNCATED)).isZero();
        batch.releaseAll();
    }

    @Test
    void finishesChecksumsThatItCannotDescribe() throws Exception {
        TunPort port = port(near, TunFraming.Information.ABSENT, 0);
        // 1234 + 0001 = 1235, complement edca; and a sum of ffff, whose complement 0000 would mean "none" in UDP.
        PacketBuffer first = packet("4500" + "1234" + "0001");
        first.offload().checksum = Offload.Checksum.PARTIAL;
        first.offload().checksumStart = 2;
        first.offload().checksumOffset = 2;
        PacketBuffer second = packet("4500" + "fffe" + "0001");
        second.offload().copyFrom(first.offload());
        batch.add(first);
        batch.add(second);
        assertThat(port.send(batch)).isEqualTo(2);
        assertThat(seen()).isEqualTo("4500" + "1234" + "edca");
        assertThat(seen()).isEqualTo("4500" + "fffe" + "ffff");
    }

    @Test
    void refusesTheRestOfABatchWhenTheOtherSideIsFull() throws Exception {
        TunPort port = port(near, TunFraming.Information.ABSENT, 0);
        int sent = 0;
        int turns = 0;
        while (batch.isEmpty() && turns++ < 1000) {
            for (int i = 0; i < 8; i++) {
                batch.add(packet("45%06x".formatted(sent + i)));
            }
            sent += port.send(batch);
        }
        assertThat(batch.isEmpty()).isFalse();
        for (int i = 0; i < batch.size(); i++) {
            PacketBuffer p = batch.get(i);
            assertThat(p.refusal()).isEqualTo(Refusal.FULL);
            assertThat(Octets.i32(p.segment(), p.head())).isEqualTo(0x4500_0000 + sent + i);
        }
        assertThat(port.isGone()).isFalse();
        assertThat(seen()).isEqualTo("45000000");
        assertThat(port.send(batch)).isPositive();
        batch.releaseAll();
    }

    @Test
    void whilePacketsAreRareHandsOnTheFirstBeforeItAsksForASecond() throws Exception {
        TunPort port = port(near, TunFraming.Information.ABSENT, 0);
        for (int i = 0; i < 5; i++) {
            show("45%02x".formatted(i));
            assertThat(port.receive(batch)).as("packet %d alone", i).isEqualTo(1);
            batch.releaseAll();
        }
        List<Integer> found = new ArrayList<>();
        for (int i = 0; i < 24; i++) {
            show("45%02x".formatted(i));
        }
        for (int n = port.receive(batch); n != 0; n = port.receive(batch)) {
            found.add(n);
        }
        assertThat(batch.size()).isEqualTo(24);
        for (int i = 0; i < 24; i++) {
            assertThat(Octets.u16(batch.get(i).segment(), batch.get(i).head())).isEqualTo(0x4500 + i);
        }
        assertThat(found.stream().filter(n -> n == 1).count())
                .as("calls that asked for one, of %s", found)
                .isEqualTo(3);
        assertThat(found.getLast()).as("then all that there are").isGreaterThan(8);
        batch.releaseAll();
    }

    @Test
    void allocatesNothingForAPacket() throws Exception {
        TunPort here = port(near, TunFraming.Information.PRESENT, 10);
        TunPort there = port(far, TunFraming.Information.PRESENT, 10);
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long self = Thread.currentThread().threadId();
        long allocated;
        // Compilers need some time to see that nothing escapes, seconds where others compute; what counts is the steady
        // state.
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(40);
        do {
            long before = threads.getThreadAllocatedBytes(self);
            bounce(here, there, 5_000);
            allocated = threads.getThreadAllocatedBytes(self) - before;
        } while (allocated != 0 && System.nanoTime() - end < 0);
        assertThat(allocated).isZero();
    }

    /// Sends `turns` times 4 packets from one port to the other.
    private void bounce(TunPort from, TunPort to, int turns) {
        for (int i = 0; i < turns; i++) {
            for (int k = 0; k < 4; k++) {
                PacketBuffer p = pool.lend();
                Octets.put8(p.segment(), p.put(100), 0x45);
                p.offload().checksum = Offload.Checksum.PARTIAL;
                p.offload().checksumStart = 20;
                p.offload().checksumOffset = 6;
                batch.add(p);
            }
            if (from.send(batch) != 4 || to.receive(batch) != 4 || to.receive(batch) != 0) {
                throw new AssertionError("turn " + i);
            }
            batch.releaseAll();
        }
    }
}
