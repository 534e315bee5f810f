package adit.linux;

import static adit.linux.RoutedNet.LEFT;
import static adit.linux.RoutedNet.RIGHT;
import static org.assertj.core.api.Assertions.assertThat;

import adit.packet.Addressing;
import adit.packet.PacketBatch;
import adit.packet.PacketBuffer;
import adit.packet.PacketPool;
import adit.packet.Refusal;
import adit.wire.Ip4Address;
import adit.wire.IpProtocol;
import adit.wire.Octets;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;

/// Raw underlays of two hosts with a router in between, of which the left one sends by a packet ring.
@Timeout(180)
abstract class RingRig {
    final PacketPool senders = new PacketPool(256, 64, 65_535);
    final PacketPool pool = new PacketPool(256, 64, 65_535);
    RoutedNet net;
    RawUnderlay left;
    RawUnderlay right;

    private final Set<Integer> leftProtocols;
    private final Set<Integer> rightProtocols;

    /// With sockets for these protocols at the two hosts.
    RingRig(Set<Integer> leftProtocols, Set<Integer> rightProtocols) {
        this.leftProtocols = leftProtocols;
        this.rightProtocols = rightProtocols;
    }

    @BeforeEach
    void build() throws Exception {
        net = RoutedNet.create();
        left = net.left.netns.call(() -> RawUnderlay.open(new RawSpec(Ip4Address.ANY, leftProtocols), pool));
        right = net.right.netns.call(() -> RawUnderlay.open(new RawSpec(Ip4Address.ANY, rightProtocols), pool));
    }

    @AfterEach
    void takeDown() {
        if (net != null) {
            left.close();
            right.close();
            net.close();
        }
        for (PacketPool each : List.of(senders, pool)) {
            assertThat(each.lent()).isZero();
            each.close();
        }
    }

    PacketBuffer address(PacketBuffer p, int protocol, int destination) {
        Addressing a = p.addressing();
        a.protocol = protocol;
        a.source = LEFT;
        a.destination = destination;
        a.tos = 0xb8;
        a.timeToLive = 33;
        a.dontFragment = true;
        return p;
    }

    PacketBuffer packet(int destination, int length) {
        PacketBuffer p = senders.lend();
        p.segment().fill((byte) 0xa5);
        int at = p.put(length);
        for (int i = 0; i < length; i++) {
            Octets.put8(p.segment(), at + i, i * 7 + length);
        }
        return address(p, IpProtocol.IPIP, destination);
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

    static Refusal send(RawUnderlay underlay, PacketBuffer... packets) {
        PacketBatch batch = new PacketBatch(packets.length);
        for (PacketBuffer p : packets) {
            batch.add(p);
        }
        underlay.send(batch);
        Refusal refusal = batch.isEmpty() ? Refusal.NONE : batch.get(0).refusal();
        batch.releaseAll();
        return refusal;
    }

    /// Sends small packets until one goes as is wanted; the neighbour must be found first, and changes are
    /// heard a little later.
    void awaitObstacle(RingObstacle wanted) {
        Await.until(() -> {
            send(left, packet(RIGHT, 20));
            return left.obstacle() == wanted;
        });
        drain();
    }

    /// Passes over what has arrived at the right, and what is still under way.
    void drain() {
        PacketBatch in = new PacketBatch(64);
        assertThat(send(left, packet(RIGHT, 77))).isEqualTo(Refusal.NONE);
        Await.until(() -> {
            right.receive(in);
            boolean last = false;
            for (int i = 0; i < in.size(); i++) {
                last |= in.get(i).length() == 77;
            }
            in.releaseAll();
            return last;
        });
    }

    /// The payloads of the next `count` packets at the right; fails when more come.
    List<byte[]> arrivals(int count) {
        List<byte[]> all = new ArrayList<>();
        PacketBatch in = new PacketBatch(64);
        Await.until(() -> {
            right.receive(in);
            for (int i = 0; i < in.size(); i++) {
                if (in.get(i).addressing().protocol != IpProtocol.ICMP) {
                    all.add(octets(in.get(i)));
                }
            }
            in.releaseAll();
            return all.size() >= count;
        });
        assertThat(all).hasSize(count);
        return all;
    }

    void assertArrives(int length) {
        assertThat(send(left, packet(RIGHT, length))).isEqualTo(Refusal.NONE);
        assertThat(arrivals(1).getFirst()).isEqualTo(payload(length));
    }
}
