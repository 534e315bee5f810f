package adit.ipip;

import adit.device.DeviceTable;
import adit.ip.Ip4Carriage;
import adit.ip.IpInterface;
import adit.ip.IpStack;
import adit.ip.RouteType;
import adit.netns.Namespace;
import adit.packet.PacketBuffer;
import adit.tunnel.Drop;
import adit.tunnel.Ecn;
import adit.tunnel.InnerPacket;
import adit.wire.Gue;
import adit.wire.Icmp4;
import adit.wire.IpProtocol;
import adit.wire.Ipv4;
import adit.wire.Octets;
import adit.wire.Udp;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/// The tunnels that a namespace carries, wherever their devices are: where its IP layer brings what came by
/// tunnels, and what ICMP says of packets that went by them.
final class IpipNamespace {
    private final IpStack stack;
    private final DeviceTable table;
    private final Profile profile;
    private final TunnelIndex index;
    private final Ways ways;
    private final Ip4Carriage carriage;
    private final DropCounts strays = new DropCounts();
    private final LongAdder unexpectedCongestion = new LongAdder();
    private final Set<IpipDevice> devices = ConcurrentHashMap.newKeySet();

    IpipNamespace(Namespace namespace, Profile profile) {
        this.stack = namespace.ip();
        this.table = namespace.devices();
        this.profile = profile;
        this.index = new TunnelIndex(profile.lookup());
        this.carriage = stack.carriage();
        this.ways = new Ways(carriage);
        stack.handle4(
                IpProtocol.IPIP,
                (in, p, type) -> receive(in, p, type, IpProtocol.IPIP),
                (s, quote, _, type, code, link) -> hear(s, quote, type, code, link));
        stack.handle4(
                IpProtocol.MPLS,
                (in, p, type) -> receive(in, p, type, IpProtocol.MPLS),
                (s, quote, _, type, code, link) -> hear(s, quote, type, code, link));
        // IPv6 in IPv4 is sit's; here is no sit, but where the driver is, its protocol is known.
        stack.handle4(IpProtocol.IPV6, (in, p, type) -> receive(in, p, type, IpProtocol.IPV6), null);
        stack.handle4(IpProtocol.UDP, null, this::hearOverUdp);
    }

    IpStack stack() {
        return stack;
    }

    DeviceTable table() {
        return table;
    }

    Profile profile() {
        return profile;
    }

    TunnelIndex index() {
        return index;
    }

    Ways ways() {
        return ways;
    }

    Ip4Carriage carriage() {
        return carriage;
    }

    long now() {
        return table.coarseNow();
    }

    Map<Drop, Long> strays() {
        return strays.all();
    }

    long unexpectedCongestion() {
        return unexpectedCongestion.sum();
    }

    void noteUnexpectedCongestion() {
        unexpectedCongestion.increment();
    }

    // ---- Devices, under the control lock

    void makeFallback() {
        table.lock().lock();
        try {
            IpipDevice tunl0 =
                    new IpipDevice(this, Parameters.FALLBACK, 1500 - Ipv4.MIN_HEADER_LENGTH, IpipDevice.Limits.UNTOLD);
            // It is known for what it is before anybody hears of it.
            index.fallback(tunl0);
            if (table.register(tunl0, "tunl0", 0) == 0) {
                devices.add(tunl0);
                index.add(tunl0);
            } else {
                index.forgetFallback(tunl0);
            }
        } finally {
            table.lock().unlock();
        }
    }

    /// A device that has just been registered becomes a tunnel.
    void join(IpipDevice device, OptionalInt mtu) {
        devices.add(device);
        device.join(mtu);
    }

    void forget(IpipDevice device) {
        devices.remove(device);
    }

    /// Deletes all tunnels that this namespace carries, those whose devices have moved elsewhere too.
    void close() {
        table.lock().lock();
        try {
            for (IpipDevice device : List.copyOf(devices)) {
                device.table().unregister(device);
            }
            stack.handle4(IpProtocol.IPIP, null, null);
            stack.handle4(IpProtocol.MPLS, null, null);
            stack.handle4(IpProtocol.IPV6, null, null);
            stack.handle4(IpProtocol.UDP, null, null);
        } finally {
            table.lock().unlock();
        }
    }

    // ---- Packets

    /// `p`, or its copy in a buffer with more room in front; null, and `p` stays the caller's, when there is
    /// none.
    PacketBuffer withHeadroom(PacketBuffer p, int octets) {
        if (p.headroom() >= octets) {
            return p;
        }
        PacketBuffer q = table.buffers().lend(p.length());
        if (q == null) {
            return null;
        }
        if (q.headroom() < octets || q.tailroom() < p.length()) {
            q.release();
            return null;
        }
        int length = p.length();
        MemorySegment.copy(p.segment(), p.head(), q.segment(), q.put(length), length);
        q.describeAs(p);
        p.release();
        return q;
    }

    private void receive(IpInterface in, PacketBuffer p, RouteType type, int protocol) {
        decapsulate(in, p, type, Ipv4.headerLength(p.segment(), p.head()), protocol);
    }

    /// Takes an outer packet, `outer` octets of headers and behind them what `protocol` announces.
    void decapsulate(IpInterface in, PacketBuffer p, RouteType type, int outer, int protocol) {
        if (protocol != IpProtocol.IPIP && protocol != IpProtocol.MPLS && protocol != IpProtocol.IPV6) {
            refuse(in, p, type, Icmp4.PROTOCOL_UNREACHABLE, Drop.UNKNOWN_PROTOCOL);
            return;
        }
        if (p.length() - outer < InnerPacket.minimumLength(protocol)) {
            stray(p, Drop.TRUNCATED);
            return;
        }
        int remote = Ipv4.source(p.segment(), p.head());
        int local = Ipv4.destination(p.segment(), p.head());
        // No device carries IPv6, so none can be there for its packets.
        IpipDevice device =
                protocol == IpProtocol.IPV6 ? null : index.lookup(in.device().index(), remote, local);
        if (device == null) {
            refuse(in, p, type, Icmp4.PORT_UNREACHABLE, Drop.NO_TUNNEL);
        } else {
            device.input().receive(in, p, outer, protocol);
        }
    }

    void refuse(IpInterface in, PacketBuffer p, RouteType type, int code, Drop reason) {
        stack.tell4(in, p, type, Icmp4.DESTINATION_UNREACHABLE, code, 0);
        stray(p, reason);
    }

    void stray(PacketBuffer p, Drop reason) {
        strays.count(reason, null);
        p.release();
    }

    /// What becomes of an inner packet's congestion field: [Ecn#decapsulate] as this Linux does it.
    int congestion(int outerTos, int innerTos) {
        boolean mild = (outerTos & Ecn.MASK) == Ecn.ECT1 && (innerTos & Ecn.MASK) == Ecn.ECT0;
        return mild && !profile.passesEct1() ? Ecn.ECT0 : Ecn.decapsulate(outerTos, innerTos);
    }

    // ---- ICMP errors

    private boolean hear(MemorySegment s, int quote, int type, int code, int link) {
        IpipDevice device = index.lookup(link, Ipv4.destination(s, quote), Ipv4.source(s, quote));
        if (device != null) {
            device.hear(type, code);
        }
        return device != null;
    }

    /// What stands behind the quoted UDP header tells whether it was one of ours: a GUE header, or IPv4 at
    /// once.
    private boolean hearOverUdp(MemorySegment s, int quote, int available, int type, int code, int link) {
        int payload = Ipv4.headerLength(s, quote) + Udp.HEADER_LENGTH;
        if (available < payload + Gue.MIN_HEADER_LENGTH) {
            return false;
        }
        int at = quote + payload;
        int protocol = switch (Gue.version(s, at)) {
            case 0 -> Gue.isControl(s, at) ? 0 : Gue.protocolOrControlType(s, at);
            case 1 -> Octets.u8(s, at) >> 4 == 4 ? IpProtocol.IPIP : 0;
            default -> 0;
        };
        return (protocol == IpProtocol.IPIP || protocol == IpProtocol.MPLS) && hear(s, quote, type, code, link);
    }
}
