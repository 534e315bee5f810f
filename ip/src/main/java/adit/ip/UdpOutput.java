package adit.ip;

import adit.device.Device;
import adit.device.DeviceFeatures;
import adit.device.Errno;
import adit.packet.Offload;
import adit.packet.PacketBuffer;
import adit.wire.InternetChecksum;
import adit.wire.Ip4Address;
import adit.wire.Ip6Address;
import adit.wire.IpAddress;
import adit.wire.IpProtocol;
import adit.wire.Ipv4;
import adit.wire.Octets;
import adit.wire.Udp;

/// Sends the datagrams of one socket, or says why they go nowhere, with Linux's errors and in its order: the way,
/// whether it may go to everybody, the length.
final class UdpOutput {
    private final IpStack stack;
    private final Sockets sockets;
    private final UdpSocket socket;

    UdpOutput(IpStack stack, Sockets sockets, UdpSocket socket) {
        this.stack = stack;
        this.sockets = sockets;
        this.socket = socket;
    }

    /// Answers 0 or a negative errno; the packet is gone either way.
    int send(PacketBuffer p, UdpSocket.State s, Endpoint to) {
        return switch (to.address()) {
            case Ip4Address ip4 -> send4(p, s, ip4.bits(), to.port());
            case Ip6Address ip6 -> send6(p, s, ip6, to.port());
        };
    }

    /// Refuses what can't be sent to `where`, an address that is some host's.
    void requireWay(String call, UdpSocket.State s, IpAddress where) throws IpException {
        int refusal = switch (where) {
            case Ip4Address ip4 -> refusal4(s.source4(), ip4.bits());
            case Ip6Address ip6 -> refusal6(ip6);
        };
        if (refusal != 0) {
            throw new IpException(call, refusal, "no datagram goes to " + where);
        }
    }

    /// As an errno; 0 for what may be sent.
    private int refusal4(int source, int where) {
        Route route = stack.output4.routeFrom(source, where, socket.tos());
        int refusal = stack.output4.refusal(source, where, socket.tos());
        return refusal == 0 && route != null && isForbidden(route, where) ? Errno.EACCES : refusal;
    }

    private boolean isForbidden(Route route, int where) {
        return !socket.mayBroadcast() && (route.type == RouteType.BROADCAST || where == Ip4Output.BROADCAST);
    }

    private int refusal6(Ip6Address where) {
        return stack.output6.refusal(where, sockets.linkOf(socket, where));
    }

    private int send4(PacketBuffer p, UdpSocket.State s, int destination, int port) {
        int source = s.source4();
        int where = s.destination4(destination);
        Route route = stack.output4.routeFrom(source, where, socket.tos());
        if (route == null || isForbidden(route, where)) {
            return socket.refused(p, refusal4(source, where), IpDrop.OUT_NO_ROUTE);
        }
        if (source == 0) {
            source = stack.output4.sourceOf(route, stack.output4.hop(route, 0, where), where);
        }
        int length = p.length() + Udp.HEADER_LENGTH;
        int at = p.push(Udp.HEADER_LENGTH);
        Udp.emit(p.segment(), at, s.port(), port, length, 0);
        int pseudoHeader = InternetChecksum.pseudoHeader4(source, where, IpProtocol.UDP, length);
        NextHop hop = stack.output4.hop(route, source, where);
        boolean fits = Ipv4.MIN_HEADER_LENGTH + length <= stack.output4.mtu(route, hop, where);
        // Pieces of a packet have to have it finished.
        if (fits && leavesChecksum(route, hop)) {
            leaveChecksum(p, at, pseudoHeader);
        } else {
            Udp.fillChecksum(p.segment(), at, pseudoHeader);
        }
        UdpSocket.Fragmentation wanted = socket.fragmentation();
        boolean discover =
                wanted == UdpSocket.Fragmentation.DISCOVER || (fits && wanted == UdpSocket.Fragmentation.WANT);
        // Like Linux, a datagram that does not fit is refused only once that is known from the way or the device.
        int answer = stack.output4.send(
                p,
                route,
                new Ip4Output.Header(
                        source,
                        where,
                        IpProtocol.UDP,
                        socket.tos(),
                        socket.timeToLive(Ip4Input.isMulticast(where)),
                        discover));
        if (answer == 0) {
            stack.counters.count(IpCounter.UDP_OUT_DATAGRAMS);
        }
        return answer;
    }

    /// Whether the device that packets leave by can finish their checksums, or leave them open as well.
    private boolean leavesChecksum(Route route, NextHop hop) {
        Device device = route.type == RouteType.LOCAL ? stack.loopback() : hop.device();
        return device != null && (device.features() & DeviceFeatures.CHECKSUM) != 0;
    }

    /// The IPv4 header is yet to come, and what is said of the packet counts from there.
    private static void leaveChecksum(PacketBuffer p, int udp, int pseudoHeader) {
        Octets.put16(p.segment(), udp + (long) Udp.CHECKSUM, InternetChecksum.fold(pseudoHeader));
        Offload o = p.offload();
        o.checksum = Offload.Checksum.PARTIAL;
        o.checksumStart = Ipv4.MIN_HEADER_LENGTH;
        o.checksumOffset = Udp.CHECKSUM;
    }

    private int send6(PacketBuffer p, UdpSocket.State s, Ip6Address destination, int port) {
        Ip6Address where = UdpSocket.State.destination6(destination);
        IpInterface link = sockets.linkOf(socket, where);
        Route route = stack.output6.route(where, link);
        Ip6Address source = route == null
                ? null
                : s.source().isUnspecified() ? stack.output6.source(route, where) : (Ip6Address) s.source();
        if (source == null) {
            return socket.refused(p, refusal6(where), IpDrop.IP6_OUT_NO_ROUTE);
        }
        int length = p.length() + Udp.HEADER_LENGTH;
        Udp.emit(p.segment(), p.push(Udp.HEADER_LENGTH), s.port(), port, length, 0);
        Ip6Output.fillChecksum(p, source, where, IpProtocol.UDP, Udp.CHECKSUM);
        boolean discover = socket.fragmentation() == UdpSocket.Fragmentation.DISCOVER;
        int answer = stack.output6.send(
                p,
                route,
                new Ip6Output.Header(
                        source, where, IpProtocol.UDP, socket.tos(), socket.timeToLive(where.isMulticast()), discover));
        if (answer == 0) {
            stack.counters.count(IpCounter.UDP6_OUT_DATAGRAMS);
        }
        return answer;
    }
}
