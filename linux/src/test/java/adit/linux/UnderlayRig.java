package adit.linux;

import static adit.linux.RoutedNet.LEFT;
import static org.assertj.core.api.Assertions.assertThat;

import adit.packet.Addressing;
import adit.packet.PacketBatch;
import adit.packet.PacketBuffer;
import adit.packet.PacketPool;
import adit.packet.Refusal;
import adit.underlay.Underlay;
import adit.wire.Ip4Address;
import adit.wire.IpProtocol;
import adit.wire.Octets;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;

/// Two underlays, each on a host of its own, with a router in between. What goes over the wire is seen by a packet
/// socket; what the paths are, by the real `ip`.
@Timeout(120)
abstract class UnderlayRig {
    static final int PORT = 5555;

    enum Carriage {
        DIRECT,
        UDP
    }

    final PacketPool senders = new PacketPool(256, 64, 9000);
    final PacketPool leftPool = new PacketPool(256, 64, 65_535);
    final PacketPool rightPool = new PacketPool(256, 64, 65_535);
    RoutedNet net;
    Underlay left;
    Underlay right;

    @BeforeEach
    void build() throws Exception {
        net = RoutedNet.create();
    }

    @AfterEach
    void takeDown() {
        if (left != null) {
            left.close();
        }
        if (right != null) {
            right.close();
        }
        if (net != null) {
            net.close();
        }
        for (PacketPool pool : List.of(senders, leftPool, rightPool)) {
            assertThat(pool.lent()).isZero();
            pool.close();
        }
    }

    void open(Carriage carriage) throws Exception {
        left = net.left.netns.call(() -> open(carriage, leftPool));
        right = net.right.netns.call(() -> open(carriage, rightPool));
    }

    static Underlay open(Carriage carriage, PacketPool pool) throws Exception {
        return switch (carriage) {
            case DIRECT ->
                RawUnderlay.open(
                        new RawSpec(Ip4Address.ANY, Set.of(IpProtocol.IPIP, IpProtocol.IPV6, IpProtocol.MPLS)), pool);
            case UDP ->
                UdpUnderlay.open(
                        new UdpSpec(
                                Ip4Address.ANY, PORT, UdpSpec.Checksum.OFF, UdpSpec.Offload.OFF, UdpSpec.Sharing.ALONE),
                        pool);
        };
    }

    /// A packet from left to `destination`.
    PacketBuffer packet(Carriage carriage, int destination, int length) {
        PacketBuffer p = senders.lend();
        p.segment().fill((byte) 0xa5);
        int at = p.put(length);
        for (int i = 0; i < length; i++) {
            Octets.put8(p.segment(), at + i, i * 7 + length);
        }
        Addressing a = p.addressing();
        a.protocol = carriage == Carriage.DIRECT ? IpProtocol.IPIP : IpProtocol.UDP;
        a.source = LEFT;
        a.destination = destination;
        a.sourcePort = carriage == Carriage.DIRECT ? 0 : PORT;
        a.destinationPort = carriage == Carriage.DIRECT ? 0 : PORT;
        a.tos = 0xb8;
        a.timeToLive = 33;
        a.dontFragment = true;
        return p;
    }

    int headers(Carriage carriage) {
        return carriage == Carriage.DIRECT ? 20 : 28;
    }

    static byte[] payload(int length) {
        byte[] octets = new byte[length];
        for (int i = 0; i < length; i++) {
            octets[i] = (byte) (i * 7 + length);
        }
        return octets;
    }

    static byte[] octets(PacketBuffer p) {
        return p.segment().asSlice(p.head(), p.length()).toArray(ValueLayout.JAVA_BYTE);
    }

    /// Sends one packet and answers why it was refused.
    Refusal send(PacketBuffer p) {
        return send(left, p);
    }

    static Refusal send(Underlay underlay, PacketBuffer p) {
        PacketBatch batch = new PacketBatch(1);
        batch.add(p);
        underlay.send(batch);
        Refusal refusal = batch.isEmpty() ? Refusal.NONE : batch.get(0).refusal();
        batch.releaseAll();
        return refusal;
    }

    static PacketBatch receive(Underlay underlay, int count) {
        PacketBatch batch = new PacketBatch(64);
        Await.until(() -> {
            underlay.receive(batch);
            return batch.size() >= count;
        });
        assertThat(batch.size()).isEqualTo(count);
        return batch;
    }

    static Predicate<byte[]> ofProtocol(int protocol) {
        return octets -> Octets.u8(MemorySegment.ofArray(octets), 9) == protocol;
    }

    static Predicate<byte[]> carried(Carriage carriage) {
        return ofProtocol(carriage == Carriage.DIRECT ? IpProtocol.IPIP : IpProtocol.UDP);
    }

    static int sumOfHeader(byte[] packet) {
        int sum = 0;
        for (int i = 0; i < 20; i += 2) {
            sum += (packet[i] & 0xff) << 8 | (packet[i + 1] & 0xff);
        }
        return (sum & 0xffff) + (sum >> 16);
    }
}
