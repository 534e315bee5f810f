package adit.interop.rules;

import adit.interop.rules.TunnelBox.Route;
import adit.packet.PacketBatch;
import adit.packet.PacketBuffer;
import adit.packet.PacketPool;
import adit.packet.TunnelMetadata;
import adit.port.Port;
import adit.wire.Ip4Address;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;

/// A port whose far side is the test: it gives the packets that are to arrive and keeps the octets of those
/// sent.
final class ListPort implements Port {
    private static final int IPV4 = 0x0800;
    private static final int IPV6 = 0x86dd;
    private static final int MPLS = 0x8847;

    private final PacketPool pool;
    private final int mtu;
    private static final ValueLayout.OfInt BIG_ENDIAN_INT =
            ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

    private Route route = new Route.Plain();
    private final Queue<byte[]> arriving = new ArrayDeque<>();
    private final List<byte[]> sent = new ArrayList<>();

    ListPort(PacketPool pool, int mtu) {
        this.pool = pool;
        this.mtu = mtu;
    }

    /// Has the packets that arrive from now on come by this route.
    void route(Route route) {
        this.route = route;
    }

    void arrive(byte[] packet) {
        arriving.add(packet);
    }

    List<byte[]> takeSent() {
        List<byte[]> taken = List.copyOf(sent);
        sent.clear();
        return taken;
    }

    @Override
    public int receive(PacketBatch into) {
        int count = 0;
        while (into.room() > 0 && !arriving.isEmpty()) {
            byte[] octets = arriving.remove();
            PacketBuffer p = pool.lend();
            p.segment().fill((byte) 0xa5);
            MemorySegment.copy(octets, 0, p.segment(), ValueLayout.JAVA_BYTE, p.put(octets.length), octets.length);
            p.protocol(octets[0] >> 4 == 6 ? IPV6 : IPV4);
            pass(p);
            into.add(p);
            count++;
        }
        return count;
    }

    private void pass(PacketBuffer p) {
        switch (route) {
            case Route.Plain plain -> {}
            case Route.Via via -> p.nextHop(Ip4Address.parse(via.gateway()).bits());
            case Route.External md -> {
                TunnelMetadata m = p.metadata();
                m.direction = TunnelMetadata.Direction.TRANSMIT;
                m.source = Ip4Address.parse(TunnelBox.HERE).bits();
                m.destination = Ip4Address.parse(md.destination()).bits();
                m.tos = md.tos();
                m.timeToLive = md.ttl();
            }
            case Route.Labelled labelled -> {
                p.segment().set(BIG_ENDIAN_INT, p.push(4), labelled.entry());
                p.protocol(MPLS);
            }
        }
    }

    @Override
    public int send(PacketBatch batch) {
        int count = batch.size();
        for (int i = 0; i < count; i++) {
            PacketBuffer p = batch.get(i);
            sent.add(p.segment().asSlice(p.head(), p.length()).toArray(ValueLayout.JAVA_BYTE));
            p.release();
        }
        batch.clear();
        return count;
    }

    @Override
    public int mtu() {
        return mtu;
    }

    @Override
    public void close() {
        arriving.clear();
    }
}
