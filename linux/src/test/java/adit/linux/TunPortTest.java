package adit.linux;

import static adit.tun.TunSpec.Option.MULTI_QUEUE;
import static adit.tun.TunSpec.Option.PACKET_INFORMATION;
import static adit.tun.TunSpec.Option.VNET_HEADER;
import static org.assertj.core.api.Assertions.assertThat;

import adit.linux.sys.Fcntl;
import adit.linux.sys.HostOrder;
import adit.linux.sys.Libc;
import adit.linux.sys.LibcSocket;
import adit.packet.Offload;
import adit.packet.PacketBatch;
import adit.packet.PacketBuffer;
import adit.packet.PacketPool;
import adit.packet.Refusal;
import adit.tun.TunOffload;
import adit.tun.TunSpec;
import adit.wire.EtherType;
import adit.wire.InternetChecksum;
import adit.wire.IpProtocol;
import adit.wire.Octets;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// A port over a real device.
@Timeout(60)
class TunPortTest {
    private static final int AF_PACKET = 17;
    private static final int SOCK_DGRAM = 2;
    private static final int SOCKADDR_LL_SIZE = 20;

    private final PacketPool pool = new PacketPool(64, 64, 2048);
    private final PacketBatch batch = new PacketBatch(32);
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
        assertThat(pool.lent()).isZero();
        pool.close();
    }

    private PacketBuffer answer(String payload) {
        PacketBuffer p = pool.lend();
        p.put(Packets.answer(p.segment(), p.head(), 7000, payload));
        p.protocol(EtherType.IPV4);
        return p;
    }

    private static String payload(PacketBuffer p) {
        return Packets.payload(p.segment(), p.head(), p.length());
    }

    private static void write(DatagramChannel socket, String payload) throws Exception {
        socket.write(ByteBuffer.wrap(payload.getBytes(StandardCharsets.UTF_8)));
    }

    private static String read(DatagramChannel socket) throws Exception {
        ByteBuffer buffer = ByteBuffer.allocate(2000);
        int n = socket.read(buffer);
        return new String(buffer.array(), 0, n, StandardCharsets.UTF_8);
    }

    @Test
    void movesBurstsBothWays() throws Exception {
        try (TunDevice tun = host.open(TunSpec.tun("tun0"))) {
            host.up(tun);
            TunPort port = new TunPort(tun.queue(0), pool);
            try (DatagramChannel socket = host.socket(7000)) {
                assertThat(port.receive(batch)).isZero();
                for (int i = 0; i < 40; i++) {
                    write(socket, "out" + i);
                }
                assertThat(port.receive(batch)).isEqualTo(32);
                assertThat(port.receive(batch)).isZero();
                for (int i = 0; i < 32; i++) {
                    assertThat(payload(batch.get(i))).isEqualTo("out" + i);
                    assertThat(batch.get(i).protocol()).isEqualTo(EtherType.IPV4);
                    assertThat(batch.get(i).headroom()).isEqualTo(64);
                    assertThat(batch.get(i).queue()).isZero();
                }
                batch.releaseAll();
                assertThat(port.receive(batch)).isEqualTo(8);
                batch.releaseAll();

                for (int i = 0; i < 5; i++) {
                    batch.add(answer("back" + i));
                }
                assertThat(port.send(batch)).isEqualTo(5);
                assertThat(batch.isEmpty()).isTrue();
                for (int i = 0; i < 5; i++) {
                    assertThat(read(socket)).isEqualTo("back" + i);
                }
            }
        }
    }

    @Test
    void saysByWhichQueueAPacketCame() throws Exception {
        try (TunDevice tun = host.open(TunSpec.tun("tun0").with(MULTI_QUEUE), 2)) {
            host.up(tun);
            TunPort second = new TunPort(tun.queue(1), pool);
            tun.queue(0).control().detachQueue();
            host.send(7000, "x");
            assertThat(second.receive(batch)).isEqualTo(1);
            assertThat(batch.get(0).queue()).isEqualTo(1);
            batch.releaseAll();
        }
    }

    /// The oracle is a packet socket, which names the protocol that the stack sees.
    @Test
    void carriesMplsBothWaysBehindPacketInformation() throws Exception {
        try (TunDevice tun = host.open(TunSpec.tun("tun0").with(PACKET_INFORMATION));
                Arena arena = Arena.ofConfined()) {
            host.up(tun);
            TunPort port = new TunPort(tun.queue(0), pool);
            MemorySegment errno = Libc.errnoState();
            MemorySegment memory = arena.allocate(64, 8).fill((byte) 0xa5);
            MemorySegment address = arena.allocate(SOCKADDR_LL_SIZE, 8);
            HostOrder.put16(address, 0, AF_PACKET);
            Octets.put16(address, 2, EtherType.MPLS);
            HostOrder.put32(address, 4, tun.index());
            int network = HostOrder.u16(address, 2);
            try (Fd socket = host.netns.call(() -> Fd.own(
                    LibcSocket.socket(Libc.errnoState(), AF_PACKET, SOCK_DGRAM | Fcntl.O_CLOEXEC, network),
                    "socket",
                    "AF_PACKET"))) {
                int held = socket.holdOrThrow();
                assertThat(LibcSocket.bind(errno, held, address, SOCKADDR_LL_SIZE))
                        .isZero();
                int label = 1000 << 12 | 1 << 8 | 64;
                Octets.put32(memory, 0, label);
                assertThat(LibcSocket.sendto(errno, held, memory, 24, 0, address, SOCKADDR_LL_SIZE))
                        .isEqualTo(24);
                assertThat(port.receive(batch)).isEqualTo(1);
                PacketBuffer out = batch.get(0);
                assertThat(out.protocol()).isEqualTo(EtherType.MPLS);
                assertThat(out.length()).isEqualTo(24);
                assertThat(Octets.i32(out.segment(), out.head())).isEqualTo(label);
                batch.releaseAll();

                PacketBuffer in = answer("below");
                Octets.put32(in.segment(), in.push(4), label);
                in.protocol(EtherType.MPLS);
                int length = in.length();
                batch.add(in);
                assertThat(port.send(batch)).isEqualTo(1);
                // It is bound to MPLS, so it gets nothing else; its own outgoing packet is not among it.
                assertThat(LibcSocket.recvfrom(errno, held, memory, 64, 0, MemorySegment.NULL, MemorySegment.NULL))
                        .isEqualTo(length);
                assertThat(Octets.i32(memory, 0)).isEqualTo(label);
                assertThat(Packets.payload(memory, 4, length - 4)).isEqualTo("below");
                socket.leave();
            }
        }
    }

    @Test
    void refusesWhatBareFilesCannotCarry() throws Exception {
        try (TunDevice tun = host.open(TunSpec.tun("tun0"))) {
            host.up(tun);
            TunPort port = new TunPort(tun.queue(0), pool);
            try (DatagramChannel socket = host.socket(7000)) {
                PacketBuffer mpls = answer("label");
                mpls.push(4);
                // A label whose first four bits would pass for IPv4.
                Octets.put32(mpls.segment(), mpls.head(), 0x4500_0140);
                mpls.protocol(EtherType.MPLS);
                PacketBuffer large = answer("large");
                large.offload().segmentation = Offload.Segmentation.UDP;
                large.offload().segmentSize = 100;
                PacketBuffer nonsense = pool.lend();
                Octets.put8(nonsense.segment(), nonsense.put(20), 0x15);
                PacketBuffer outside = answer("outside");
                outside.offload().checksum = Offload.Checksum.PARTIAL;
                outside.offload().checksumStart = outside.length() - 1;
                PacketBuffer partial = unfinished("partial");
                for (PacketBuffer p : List.of(mpls, large, answer("good"), nonsense, outside, partial)) {
                    batch.add(p);
                }
                assertThat(port.send(batch)).isEqualTo(2);
                assertThat(List.of(batch.get(0), batch.get(1), batch.get(2), batch.get(3)))
                        .containsExactly(mpls, large, nonsense, outside);
                assertThat(mpls.refusal()).isEqualTo(Refusal.MALFORMED);
                assertThat(large.refusal()).isEqualTo(Refusal.TOO_BIG);
                assertThat(nonsense.refusal()).isEqualTo(Refusal.MALFORMED);
                assertThat(outside.refusal()).isEqualTo(Refusal.MALFORMED);
                batch.releaseAll();
                assertThat(read(socket)).isEqualTo("good");
                assertThat(read(socket)).isEqualTo("partial");
            }
        }
    }

    /// A datagram whose checksum field holds the sum of the pseudo-header only.
    private PacketBuffer unfinished(String payload) {
        PacketBuffer p = answer(payload);
        int pseudo = InternetChecksum.pseudoHeader4(Packets.BEHIND, Packets.DEVICE, IpProtocol.UDP, p.length() - 20);
        Octets.put16(p.segment(), p.head() + 26, pseudo);
        p.offload().checksum = Offload.Checksum.PARTIAL;
        p.offload().checksumStart = 20;
        p.offload().checksumOffset = 6;
        return p;
    }

    @Test
    void movesUnfinishedChecksumsBothWays() throws Exception {
        try (TunDevice tun = host.open(TunSpec.tun("tun0").with(VNET_HEADER))) {
            host.up(tun);
            assertThat(tun.enableOffload()).contains(TunOffload.CHECKSUM);
            TunPort port = new TunPort(tun.queue(0), pool);
            try (DatagramChannel socket = host.socket(7000)) {
                write(socket, "out");
                assertThat(port.receive(batch)).isEqualTo(1);
                PacketBuffer out = batch.get(0);
                assertThat(payload(out)).isEqualTo("out");
                assertThat(out.offload().checksum).isEqualTo(Offload.Checksum.PARTIAL);
                assertThat(out.offload().checksumStart).isEqualTo(20);
                assertThat(out.offload().checksumOffset).isEqualTo(6);
                assertThat(out.offload().segmentation).isEqualTo(Offload.Segmentation.NONE);
                batch.releaseAll();

                batch.add(unfinished("back"));
                PacketBuffer valid = answer("valid");
                valid.offload().checksum = Offload.Checksum.VALID;
                batch.add(valid);
                assertThat(port.send(batch)).isEqualTo(2);
                assertThat(read(socket)).isEqualTo("back");
                assertThat(read(socket)).isEqualTo("valid");
            }
        }
    }

    @Test
    void countsPacketsThatAreLargerThanABuffer() throws Exception {
        try (TunDevice tun = host.open(TunSpec.tun("tun0"));
                PacketPool small = new PacketPool(8, 0, 100)) {
            host.up(tun);
            TunPort port = new TunPort(tun.queue(0), small);
            for (int length : new int[] {72, 73, 10}) {
                host.send(7000, "x".repeat(length));
            }
            assertThat(port.receive(batch)).isEqualTo(2);
            assertThat(batch.get(0).length()).isEqualTo(100);
            assertThat(batch.get(1).length()).isEqualTo(38);
            assertThat(port.count(TunDrop.TRUNCATED)).isEqualTo(1);
            batch.releaseAll();
            assertThat(small.lent()).isZero();
        }
    }

    @Test
    void leavesPacketsToTheKernelWhenThePoolIsEmpty() throws Exception {
        try (TunDevice tun = host.open(TunSpec.tun("tun0"));
                PacketPool two = new PacketPool(2, 0, 2000)) {
            host.up(tun);
            TunPort port = new TunPort(tun.queue(0), two);
            for (int i = 0; i < 3; i++) {
                host.send(7000, "x" + i);
            }
            assertThat(port.receive(batch)).isEqualTo(2);
            assertThat(port.starved()).isEqualTo(1);
            batch.releaseAll();
            assertThat(port.receive(batch)).isEqualTo(1);
            assertThat(payload(batch.get(0))).isEqualTo("x2");
            batch.releaseAll();
        }
    }

    @Test
    void refusesWhileTheDeviceIsDownAndRecovers() throws Exception {
        try (TunDevice tun = host.open(TunSpec.tun("tun0"))) {
            TunPort port = new TunPort(tun.queue(0), pool);
            batch.add(answer("one"));
            batch.add(answer("two"));
            assertThat(port.send(batch)).isZero();
            assertThat(List.of(batch.get(0).refusal(), batch.get(1).refusal()))
                    .containsExactly(Refusal.DOWN, Refusal.DOWN);
            assertThat(port.receive(batch)).isZero();
            assertThat(port.isGone()).isFalse();
            host.up(tun);
            try (DatagramChannel socket = host.socket(7000)) {
                assertThat(port.send(batch)).isEqualTo(2);
                assertThat(read(socket)).isEqualTo("one");
                host.ip("link", "set", "tun0", "down");
                batch.add(answer("three"));
                assertThat(port.send(batch)).isZero();
                host.ip("link", "set", "tun0", "up");
                assertThat(port.send(batch)).isEqualTo(1);
                assertThat(read(socket)).isEqualTo("two");
                assertThat(read(socket)).isEqualTo("three");
            }
        }
    }

    @Test
    void endsQuietlyWhenTheDeviceIsDeleted() throws Exception {
        try (TunDevice tun = host.open(TunSpec.tun("tun0"))) {
            host.up(tun);
            TunPort port = new TunPort(tun.queue(0), pool);
            host.ip("link", "delete", "tun0");
            for (int i = 0; i < 3; i++) {
                assertThat(port.receive(batch)).isZero();
                assertThat(port.isGone()).isTrue();
            }
            batch.add(answer("late"));
            assertThat(port.send(batch)).isZero();
            assertThat(batch.get(0).refusal()).isEqualTo(Refusal.DOWN);
            batch.releaseAll();
            port.close();
            port.close();
        }
    }

    @Test
    void learnsFromSendingThatTheDeviceIsDeleted() throws Exception {
        try (TunDevice tun = host.open(TunSpec.tun("tun0"))) {
            host.up(tun);
            TunPort port = new TunPort(tun.queue(0), pool);
            host.ip("link", "delete", "tun0");
            batch.add(answer("one"));
            batch.add(answer("two"));
            assertThat(port.send(batch)).isZero();
            assertThat(port.isGone()).isTrue();
            assertThat(batch.size()).isEqualTo(2);
            batch.releaseAll();
        }
    }

    @Test
    void refusesEverythingOnceItIsClosed() throws Exception {
        try (TunDevice tun = host.open(TunSpec.tun("tun0"))) {
            TunPort port = new TunPort(tun.queue(0), pool);
            port.close();
            assertThat(port.receive(batch)).isZero();
            batch.add(answer("late"));
            assertThat(port.send(batch)).isZero();
            assertThat(batch.get(0).refusal()).isEqualTo(Refusal.DOWN);
            batch.releaseAll();
        }
    }

    @Test
    void keepsItsMtuCurrent() throws Exception {
        try (TunDevice tun = host.open(TunSpec.tun("tun0"));
                TunDevice tap = host.open(TunSpec.tap("tap0"))) {
            TunPort port = new TunPort(tun.queue(0), pool);
            TunPort frames = new TunPort(tap.queue(0), pool);
            assertThat(port.mtu()).isEqualTo(1500);
            assertThat(frames.mtu()).isEqualTo(1514);
            host.ip("link", "set", "tun0", "mtu", "1280", "name", "renamed");
            host.ip("link", "set", "tap0", "mtu", "9000");
            port.receive(batch);
            frames.receive(batch);
            assertThat(port.mtu()).isEqualTo(1280);
            assertThat(frames.mtu()).isEqualTo(9014);
            assertThat(tun.name()).isEqualTo("renamed");
        }
    }

    @Test
    void handsFramesOfATapOverAsEthernet() throws Exception {
        try (TunDevice tap = host.open(TunSpec.tap("tap0"))) {
            host.up(tap);
            TunPort port = new TunPort(tap.queue(0), pool);
            host.send(7000, "x");
            assertThat(port.receive(batch)).isEqualTo(1);
            assertThat(batch.get(0).protocol()).isEqualTo(EtherType.TRANSPARENT_ETHERNET);
            assertThat(Octets.u16(batch.get(0).segment(), batch.get(0).head() + 12))
                    .isEqualTo(EtherType.ARP);
            batch.releaseAll();
        }
    }
}
