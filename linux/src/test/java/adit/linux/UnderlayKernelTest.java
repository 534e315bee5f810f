package adit.linux;

import static adit.linux.RoutedNet.LEFT;
import static adit.linux.RoutedNet.RIGHT;
import static adit.linux.RoutedNet.ROUTER;
import static org.assertj.core.api.Assertions.assertThat;

import adit.packet.Addressing;
import adit.packet.PacketBatch;
import adit.packet.PacketBuffer;
import adit.packet.Refusal;
import adit.underlay.Path;
import adit.wire.Ip4Address;
import adit.wire.IpProtocol;
import adit.wire.Ipv4;
import com.sun.management.ThreadMXBean;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// What an underlay puts on the wire for one packet, and what comes of it at the other host.
class UnderlayKernelTest extends UnderlayRig {
    @Test
    void putsEveryFieldOfADirectPacketOnTheWire() throws Exception {
        open(Carriage.DIRECT);
        try (Capture capture = net.captureAtRouter()) {
            for (int protocol : new int[] {IpProtocol.IPIP, IpProtocol.IPV6, IpProtocol.MPLS}) {
                PacketBuffer p = packet(Carriage.DIRECT, RIGHT, 8);
                p.addressing().protocol = protocol;
                p.addressing().tos = 0xb9;
                p.addressing().dontFragment = protocol != IpProtocol.IPV6;
                assertThat(send(p)).isEqualTo(Refusal.NONE);
                byte[] wire = capture.take(1, ofProtocol(protocol)).getFirst();
                String hex = HexFormat.of().formatHex(wire);
                // By RFC 791: version, IHL, tos, length; flags; TTL, protocol; addresses; payload 8, 15, ...
                assertThat(hex).startsWith("45b9001c");
                assertThat(hex.substring(12, 16)).isEqualTo(protocol == IpProtocol.IPV6 ? "0000" : "4000");
                assertThat(hex.substring(16, 20))
                        .isEqualTo("21" + HexFormat.of().toHexDigits((byte) protocol));
                assertThat(hex.substring(24)).isEqualTo("c0000201" + "c6336401" + "080f161d242b3239");
                assertThat(sumOfHeader(wire)).isEqualTo(0xffff);
                PacketBatch in = receive(right, 1);
                assertThat(octets(in.get(0))).isEqualTo(payload(8));
                assertThat(in.get(0).addressing().protocol).isEqualTo(protocol);
                assertThat(in.get(0).addressing().timeToLive).isEqualTo(32);
                assertThat(in.get(0).addressing().tos).isEqualTo(0xb9);
                assertThat(in.get(0).addressing().outerHeaderLength).isEqualTo(20);
                in.releaseAll();
            }
        }
    }

    @Test
    void numbersPacketsToEachRemoteInASequenceOfItsOwn() throws Exception {
        open(Carriage.DIRECT);
        try (Capture capture = net.captureAtRouter()) {
            for (int i = 0; i < 3; i++) {
                send(packet(Carriage.DIRECT, RIGHT, 20));
                send(packet(Carriage.DIRECT, ROUTER, 20));
            }
            List<byte[]> wire = capture.take(6, ofProtocol(IpProtocol.IPIP));
            for (int i = 2; i < 6; i++) {
                int before = Ipv4.identification(MemorySegment.ofArray(wire.get(i - 2)), 0);
                int after = Ipv4.identification(MemorySegment.ofArray(wire.get(i)), 0);
                assertThat((after - before) & 0xffff).isEqualTo(1);
            }
        }
        // What the router said about the protocol that it does not speak.
        receive(left, 3).releaseAll();
        receive(right, 3).releaseAll();
    }

    @Test
    void leavesTheSourceToTheKernelWhenItIsZero() throws Exception {
        open(Carriage.DIRECT);
        PacketBuffer p = packet(Carriage.DIRECT, RIGHT, 20);
        p.addressing().source = 0;
        assertThat(send(p)).isEqualTo(Refusal.NONE);
        PacketBatch in = receive(right, 1);
        assertThat(in.get(0).addressing().source).isEqualTo(LEFT);
        in.releaseAll();
    }

    @ParameterizedTest
    @EnumSource
    void putsUdpAndDirectPacketsOnTheWireAsAddressed(Carriage carriage) throws Exception {
        open(carriage);
        try (Capture capture = net.captureAtRouter()) {
            for (boolean dontFragment : new boolean[] {true, false, true}) {
                PacketBuffer p = packet(carriage, RIGHT, 100);
                p.addressing().tos = 0x1a;
                p.addressing().timeToLive = 7;
                p.addressing().dontFragment = dontFragment;
                assertThat(send(p)).isEqualTo(Refusal.NONE);
                byte[] wire = capture.take(1, carried(carriage)).getFirst();
                MemorySegment s = MemorySegment.ofArray(wire);
                assertThat(Ipv4.tos(s, 0)).isEqualTo(0x1a);
                assertThat(Ipv4.timeToLive(s, 0)).isEqualTo(7);
                assertThat(Ipv4.dontFragment(s, 0)).isEqualTo(dontFragment);
                assertThat(Ipv4.source(s, 0)).isEqualTo(LEFT);
                assertThat(Ipv4.totalLength(s, 0)).isEqualTo(headers(carriage) + 100);
                if (carriage == Carriage.UDP) {
                    // Ports, length, no checksum.
                    assertThat(HexFormat.of().formatHex(wire, 20, 28)).isEqualTo("15b315b3006c0000");
                }
                PacketBatch in = receive(right, 1);
                assertThat(octets(in.get(0))).isEqualTo(payload(100));
                Addressing a = in.get(0).addressing();
                assertThat(a.source).isEqualTo(LEFT);
                assertThat(a.destination).isEqualTo(RIGHT);
                assertThat(a.tos).isEqualTo(0x1a);
                assertThat(a.timeToLive).isEqualTo(6);
                in.releaseAll();
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void carriesBothWays(Carriage carriage) throws Exception {
        open(carriage);
        assertThat(send(packet(carriage, RIGHT, 1400))).isEqualTo(Refusal.NONE);
        receive(right, 1).releaseAll();
        PacketBuffer back = packet(carriage, LEFT, 1401);
        back.addressing().source = RIGHT;
        assertThat(send(right, back)).isEqualTo(Refusal.NONE);
        PacketBatch in = receive(left, 1);
        assertThat(octets(in.get(0))).isEqualTo(payload(1401));
        assertThat(in.get(0).addressing().source).isEqualTo(RIGHT);
        in.releaseAll();
    }

    @ParameterizedTest
    @EnumSource
    void saysThatTheQueueIsFull(Carriage carriage) throws Exception {
        if (carriage == Carriage.UDP) {
            open(carriage);
        } else {
            // By the socket also once the router's link address is known: what a ring has no room for it says later.
            RawSpec spec = new RawSpec(Ip4Address.ANY, Set.of(IpProtocol.IPIP), RawSpec.Ring.OFF);
            left = net.left.netns.call(() -> RawUnderlay.open(spec, leftPool));
            right = net.right.netns.call(() -> RawUnderlay.open(spec, rightPool));
        }
        // Before the kernel has that address all would wait for it, and none in the queue.
        assertThat(send(packet(carriage, RIGHT, 100))).isEqualTo(Refusal.NONE);
        receive(right, 1).releaseAll();
        net.left.run(
                "tc", "qdisc", "add", "dev", "l0", "root", "tbf", "rate", "8kbit", "burst", "1600", "limit", "4000");
        PacketBatch batch = new PacketBatch(64);
        while (batch.room() > 0) {
            batch.add(packet(carriage, RIGHT, 1000));
        }
        int sent = left.send(batch);
        assertThat(sent).isBetween(1, 10);
        assertThat(batch.size()).isEqualTo(64 - sent);
        for (int i = 0; i < batch.size(); i++) {
            assertThat(batch.get(i).refusal()).isEqualTo(Refusal.FULL);
            assertThat(octets(batch.get(i))).isEqualTo(payload(1000));
        }
        batch.releaseAll();
    }

    @ParameterizedTest
    @EnumSource
    void refusesEverythingOnceItIsClosed(Carriage carriage) throws Exception {
        open(carriage);
        left.close();
        left.close();
        assertThat(send(packet(carriage, RIGHT, 100))).isEqualTo(Refusal.DOWN);
        assertThat(left.receive(new PacketBatch(1))).isZero();
        assertThat(left.path(0, RIGHT)).isEqualTo(Path.NONE);
    }

    @ParameterizedTest
    @EnumSource
    void allocatesNothingPerPacket(Carriage carriage) throws Exception {
        open(carriage);
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        PacketBatch out = new PacketBatch(32);
        PacketBatch in = new PacketBatch(64);
        double least = Double.MAX_VALUE;
        // Until the compiler has done its work, boxes and slices are real. After that none may be left; a second's
        // question to the kernel is allowed for.
        for (int window = 0; window < 300 && least > 0.05; window++) {
            long arrived = 0;
            long before = threads.getCurrentThreadAllocatedBytes();
            for (int i = 0; i < 1000; i++) {
                fill(out, carriage);
                left.send(out);
                out.releaseAll();
                arrived += right.receive(in);
                in.releaseAll();
                left.receive(in);
                in.releaseAll();
            }
            double each = (threads.getCurrentThreadAllocatedBytes() - before) / 32_000.0;
            // Nothing arrives before the kernel has the neighbour's address.
            least = arrived > 10_000 ? Math.min(least, each) : least;
        }
        assertThat(least).as("octets a packet, once more than 10,000 arrived").isLessThan(0.05);
    }

    private void fill(PacketBatch out, Carriage carriage) {
        for (int i = 0; out.room() > 0; i++) {
            PacketBuffer p = senders.lend();
            p.put(512);
            Addressing a = p.addressing();
            a.protocol = carriage == Carriage.DIRECT ? IpProtocol.IPIP : IpProtocol.UDP;
            a.source = LEFT;
            a.destination = RIGHT;
            a.sourcePort = PORT;
            a.destinationPort = PORT;
            a.timeToLive = 64;
            // A steady flow: runs of packets with DF, then without.
            a.dontFragment = i < 16;
            if (left.path(a.source, a.destination).mtu() < 512) {
                throw new IllegalStateException("the path has become narrow");
            }
            out.add(p);
        }
    }
}
