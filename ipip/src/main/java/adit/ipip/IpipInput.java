package adit.ipip;

import adit.device.Counter;
import adit.ip.IpInterface;
import adit.packet.Offload;
import adit.packet.PacketBuffer;
import adit.packet.PacketType;
import adit.packet.TunnelMetadata;
import adit.tunnel.Drop;
import adit.tunnel.Ecn;
import adit.tunnel.InnerPacket;
import adit.wire.EtherType;
import adit.wire.IpProtocol;
import adit.wire.Ipv4;

/// The way into a tunnel device, as Linux's `ip_tunnel_rcv` has it:
///
/// ```
/// outer packet -> does the tunnel carry it -> metadata or none -> outer headers off -> ECN
///              -> statistics -> nothing of the outer packet is left -> the device's own namespace
/// ```
///
/// For any threads; takes no lock and allocates nothing.
final class IpipInput {
    private final IpipDevice device;
    private final IpipNamespace lower;
    /// What the tunnel carries, 0 for everything; this and the next never change.
    private final int carried;

    private final boolean isExternal;

    IpipInput(IpipDevice device, Parameters parameters) {
        this.device = device;
        this.lower = device.lowerNamespace();
        this.carried = parameters.protocol();
        this.isExternal = parameters.isExternal();
    }

    /// Takes an outer packet that the lookup has found to be for this tunnel: `outer` octets of headers, and
    /// behind them an inner packet that `protocol` announces.
    void receive(IpInterface in, PacketBuffer p, int outer, int protocol) {
        if (!Parameters.carries(carried, protocol)) {
            device.lose(p, Drop.WRONG_MODE);
            return;
        }
        if (isMulticast(Ipv4.destination(p.segment(), p.head()))) {
            device.statistics().add(Counter.MULTICAST, 1);
        }
        int outerTos = Ipv4.tos(p.segment(), p.head());
        if (isExternal) {
            describe(p);
        } else {
            p.metadata().clear();
        }
        boolean isOverUdp = Ipv4.protocol(p.segment(), p.head()) == IpProtocol.UDP;
        p.pull(outer);
        uncover(p.offload(), outer, isOverUdp ? 1 : 0);
        if (protocol == IpProtocol.IPIP && !passCongestion(p, outerTos)) {
            device.lose(p, Drop.ECN);
            return;
        }
        device.statistics().received(p.length());
        p.protocol(protocol == IpProtocol.IPIP ? EtherType.IPV4 : EtherType.MPLS);
        p.packetType(PacketType.HOST);
        p.vlan(0);
        p.nextHop(0);
        p.flowHash(0);
        p.addressing().clear();
        if (!in.device().table().equals(device.table())) {
            p.mark(0);
        }
        device.handUp(p);
    }

    /// What is known of the outer checksums, so many, goes; an inner one that is open stays open, one that is
    /// known to be valid is that still, and a super-packet stays one.
    private static void uncover(Offload o, int outer, int checksums) {
        boolean open = o.checksum == Offload.Checksum.PARTIAL && o.checksumStart >= outer;
        int valid = o.checksum == Offload.Checksum.VALID ? o.validInside - checksums : -1;
        if (!open && o.segmentation == Offload.Segmentation.NONE) {
            o.clear();
        } else {
            uncoverSuper(o, outer);
        }
        if (!open) {
            o.checksum = valid >= 0 ? Offload.Checksum.VALID : Offload.Checksum.UNKNOWN;
            o.validInside = Math.max(0, valid);
        }
    }

    private static void uncoverSuper(Offload o, int outer) {
        o.shift(-outer);
        o.networkStart = 0;
        o.remoteChecksum = false;
        if (o.tunnel != Offload.Tunnel.NONE) {
            o.tunnel = Offload.Tunnel.NONE;
            o.sameIdentification = o.innerSameIdentification;
            o.innerSameIdentification = false;
        }
    }

    private static boolean isMulticast(int address) {
        return address >>> 28 == 0xe;
    }

    private boolean passCongestion(PacketBuffer p, int outerTos) {
        int innerTos = InnerPacket.tos(p, IpProtocol.IPIP, 0);
        int passed = lower.congestion(outerTos, innerTos);
        if ((passed & Ecn.UNEXPECTED) != 0) {
            lower.noteUnexpectedCongestion();
        }
        int ecn = passed & Ecn.MASK;
        if (ecn != (innerTos & Ecn.MASK)) {
            InnerPacket.ecn(p, IpProtocol.IPIP, ecn);
        }
        return (passed & Ecn.LOST) == 0;
    }

    private static void describe(PacketBuffer p) {
        TunnelMetadata m = p.metadata();
        m.clear();
        m.direction = TunnelMetadata.Direction.RECEIVED;
        m.source = Ipv4.source(p.segment(), p.head());
        m.destination = Ipv4.destination(p.segment(), p.head());
        m.tos = Ipv4.tos(p.segment(), p.head());
        m.timeToLive = Ipv4.timeToLive(p.segment(), p.head());
    }
}
