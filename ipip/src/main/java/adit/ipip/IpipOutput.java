package adit.ipip;

import adit.ip.Ip4Carriage;
import adit.ip.RouteType;
import adit.packet.Addressing;
import adit.packet.PacketBuffer;
import adit.tunnel.Drop;
import adit.tunnel.InnerPacket;
import adit.tunnel.OuterRules;
import adit.tunnel.RememberedErrors;
import adit.tunnel.Steering;
import adit.underlay.Path;
import adit.wire.Icmp4;
import adit.wire.IpProtocol;
import adit.wire.Ipv4;

/// The way out of a tunnel device:
///
/// ```
/// inner packet -> OuterRules (destination, way, DF, path MTU, ECN, TTL) -> OuterHeaders (FOU, GUE)
///              -> Ip4Carriage (outer header, IP output)
/// ```
///
/// For any threads; takes no lock, and allocates only when it has to look for the way anew.
final class IpipOutput implements OuterRules.Surroundings {
    private final IpipDevice device;
    private final IpipNamespace lower;
    /// The way of the last packet, for tunnels whose packets all take one.
    private volatile Ways.Known way;
    /// Null until the first ICMP error.
    private volatile RememberedErrors errors;

    IpipOutput(IpipDevice device) {
        this.device = device;
        this.lower = device.lowerNamespace();
    }

    // ---- Errors

    /// Hears of an ICMP error that counts.
    void hear(long nowNanos) {
        remembered().note(nowNanos);
    }

    private synchronized RememberedErrors remembered() {
        if (errors == null) {
            errors = new RememberedErrors();
        }
        return errors;
    }

    /// ICMP errors that no inner sender has been told of yet.
    int errorCount() {
        RememberedErrors present = errors;
        return present == null ? 0 : present.count();
    }

    // ---- Packets

    /// Sends an inner packet, which is gone afterwards.
    void send(PacketBuffer p, Setting now) {
        int protocol = InnerPacket.protocol(p.protocol());
        if (!Parameters.carries(now.protocol(), protocol)) {
            device.lose(p, Drop.NOT_CARRIED);
            return;
        }
        if (p.length() < InnerPacket.minimumLength(protocol)) {
            device.lose(p, Drop.INNER_TRUNCATED);
            return;
        }
        Drop reason = now.rules().steer(p, protocol, Ip4Carriage.largest(p), lower.now(), this);
        if (reason != null) {
            device.lose(p, reason);
            return;
        }
        Addressing a = p.addressing();
        // The rules have just asked for this way, so that it stands if it is still the last.
        Ways.Known known = now.hasOneWay() ? way : null;
        if (known == null || !known.answers(a.source, a.destination, a.tos, a.link)) {
            known = to(now, a.source, a.destination, a.tos, a.link);
        }
        if (known == null) {
            device.lose(p, Drop.NO_PATH);
            return;
        }
        int needed = now.overhead() + known.way().linkHeader();
        PacketBuffer roomy = lower.withHeadroom(p, needed);
        if (roomy == null) {
            device.lose(p, Drop.NO_HEADROOM);
            return;
        }
        device.grow(needed);
        int octets = roomy.length();
        int count = Ip4Carriage.count(roomy);
        reason = now.headers().push(roomy, protocol, known.way().source());
        if (reason != null) {
            device.lose(roomy, reason);
            return;
        }
        if (now.mark() != 0) {
            roomy.mark(now.mark());
        }
        if (lower.carriage().send(roomy, known.way(), count) == 0) {
            device.statistics().transmitted(octets);
        } else {
            // The packet is gone, and its length has been found to be the reason.
            device.count(Drop.TOO_BIG_OUTSIDE);
        }
    }

    private Ways.Known to(Setting now, int source, int destination, int tos, int link) {
        if (!now.hasOneWay()) {
            return lower.ways().to(source, destination, tos, link);
        }
        Ways.Known known = way;
        if (!lower.ways().stands(known, source, destination, tos, link)) {
            known = lower.ways().find(source, destination, tos, link);
            way = known;
        }
        return known;
    }

    // ---- What the rules ask of this place

    @Override
    public Path path(int source, int destination, int tos) {
        Setting now = device.setting();
        int link = now.rules().steering() == Steering.EXTERNAL ? 0 : now.rules().link();
        Ways.Known known = to(now, source, destination, tos, link);
        return known == null ? Path.NONE : known.path();
    }

    @Override
    public int nextHop(int destination) {
        return 0;
    }

    @Override
    public int overlayMtu() {
        return device.mtu();
    }

    @Override
    public int device() {
        return lower.table().equals(device.table()) ? device.index() : 0;
    }

    @Override
    public boolean takeError(long nowNanos) {
        RememberedErrors present = errors;
        return present != null && present.take(nowNanos);
    }

    @Override
    public void tooBig(PacketBuffer p, int protocol, int mtu) {
        device.upper().pathMtu4(Ipv4.destination(p.segment(), p.head()), mtu);
        tell(p, Icmp4.FRAGMENTATION_NEEDED, mtu);
    }

    @Override
    public void unreachable(PacketBuffer p, int protocol, long nowNanos) {
        if (protocol == IpProtocol.IPIP) {
            tell(p, Icmp4.HOST_UNREACHABLE, 0);
        }
    }

    private void tell(PacketBuffer p, int code, int restOfHeader) {
        device.upper().tell4(null, p, RouteType.UNICAST, Icmp4.DESTINATION_UNREACHABLE, code, restOfHeader);
    }
}
