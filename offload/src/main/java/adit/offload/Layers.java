package adit.offload;

import adit.wire.InternetChecksum;
import adit.wire.IpProtocol;
import adit.wire.Ipv4;
import adit.wire.Ipv6;
import adit.wire.Ipv6Chain;
import adit.wire.Octets;
import adit.wire.Tcp;
import adit.wire.Udp;
import adit.wire.WireFault;
import java.lang.foreign.MemorySegment;

/// Where the headers of an IP packet stand, looked at once. Reused from packet to packet.
///
/// Lengths of the IP header are *not* trusted to end the packet: a super-packet from a device may carry a total
/// length that its segments will replace. Everything is bounded by the buffer.
final class Layers {
    private static final int EXTENSION_UNIT = 8;

    /// 4, 6, or 0 when the octets are no IP packet whose transport can be found.
    int version;

    /// The transport protocol.
    int protocol;

    /// Where the transport header starts, in octets from the start of the IP header.
    int transport;

    /// Where the payload starts, in octets from the start of the IP header.
    int payload;

    /// Whether it is an IPv4 packet without options or an IPv6 packet without extension headers.
    boolean plain;

    /// Looks at the `length` octets of a packet at `at`. Answers false when it is not whole TCP or UDP over IP:
    /// a fragment, another protocol, a fault.
    boolean look(MemorySegment s, int at, int length) {
        version = 0;
        if (length < Ipv4.MIN_HEADER_LENGTH) {
            return false;
        }
        boolean found = switch (Ipv4.version(s, at)) {
            case 4 -> lookAt4(s, at, length);
            case 6 -> lookAt6(s, at, length);
            default -> false;
        };
        return found && lookAtTransport(s, at, length);
    }

    /// As [#look] for a packet that is to be cut, as Linux goes about it: it is IPv4 or IPv6 because somebody
    /// says so, and whether it is a fragment is not asked.
    boolean lookToCut(MemorySegment s, int at, int length, int as) {
        version = as;
        return (as == 4 ? lookToCut4(s, at, length) : lookToCut6(s, at, length)) && lookAtTransport(s, at, length);
    }

    private boolean lookToCut4(MemorySegment s, int at, int length) {
        if (length < Ipv4.MIN_HEADER_LENGTH) {
            return false;
        }
        transport = Ipv4.headerLength(s, at);
        protocol = Ipv4.protocol(s, at);
        return transport >= Ipv4.MIN_HEADER_LENGTH && transport <= length;
    }

    private boolean lookToCut6(MemorySegment s, int at, int length) {
        if (length < Ipv6.HEADER_LENGTH) {
            return false;
        }
        protocol = Ipv6.nextHeader(s, at);
        transport = Ipv6.HEADER_LENGTH;
        while (isRepeated(protocol) && length - transport >= EXTENSION_UNIT) {
            long header = at + (long) transport;
            int octets = Ipv6Chain.length(s, header, protocol);
            if (octets > length - transport) {
                break;
            }
            protocol = Octets.u8(s, header);
            transport += octets;
        }
        return true;
    }

    /// As [#lookToCut] for a packet whose payload is another IP packet, or GRE.
    boolean lookToUnwrap(MemorySegment s, int at, int length, int as) {
        version = as;
        if (as == 4 ? !lookToCut4(s, at, length) : !lookToCut6(s, at, length)) {
            return false;
        }
        payload = transport;
        return protocol == IpProtocol.IPIP || protocol == IpProtocol.IPV6 || protocol == IpProtocol.GRE;
    }

    private static boolean isRepeated(int protocol) {
        return protocol == IpProtocol.HOP_BY_HOP
                || protocol == IpProtocol.ROUTING
                || protocol == IpProtocol.DESTINATION_OPTIONS;
    }

    /// Of an IPv6 packet that was looked at, where a fragment header goes: behind the headers for every host on
    /// the way. Linux takes destination options that no routing header precedes for such.
    int unfragmentable(MemorySegment s, int at) {
        int next = Ipv6.nextHeader(s, at);
        int offset = Ipv6.HEADER_LENGTH;
        boolean routed = false;
        while (isRepeated(next) && offset < transport && !(routed && next == IpProtocol.DESTINATION_OPTIONS)) {
            routed |= next == IpProtocol.ROUTING;
            long header = at + (long) offset;
            offset += Ipv6Chain.length(s, header, next);
            next = Octets.u8(s, header);
        }
        return offset;
    }

    private boolean lookAt4(MemorySegment s, int at, int length) {
        int header = Ipv4.headerLength(s, at);
        if (header < Ipv4.MIN_HEADER_LENGTH || header > length || Ipv4.isFragment(s, at)) {
            return false;
        }
        version = 4;
        protocol = Ipv4.protocol(s, at);
        transport = header;
        plain = header == Ipv4.MIN_HEADER_LENGTH;
        return true;
    }

    private boolean lookAt6(MemorySegment s, int at, int length) {
        if (length < Ipv6.HEADER_LENGTH) {
            return false;
        }
        long walk = Ipv6Chain.walk(s, at, length);
        if (Ipv6Chain.fault(walk) != WireFault.NONE || Ipv6Chain.isFragment(walk)) {
            return false;
        }
        version = 6;
        protocol = Ipv6Chain.protocol(walk);
        transport = Ipv6Chain.offset(walk);
        plain = transport == Ipv6.HEADER_LENGTH;
        return true;
    }

    private boolean lookAtTransport(MemorySegment s, int at, int length) {
        int available = length - transport;
        switch (protocol) {
            case IpProtocol.TCP -> {
                if (Tcp.fault(s, at + (long) transport, available) != WireFault.NONE) {
                    return false;
                }
                payload = transport + Tcp.headerLength(s, at + (long) transport);
            }
            case IpProtocol.UDP -> {
                if (available < Udp.HEADER_LENGTH) {
                    return false;
                }
                payload = transport + Udp.HEADER_LENGTH;
            }
            default -> {
                return false;
            }
        }
        return true;
    }

    /// Writes the time to live or hop limit; the checksum is the caller's.
    void hopLimit(MemorySegment s, long at, int value) {
        if (version == 4) {
            Ipv4.timeToLive(s, at, value);
        } else {
            Ipv6.hopLimit(s, at, value);
        }
    }

    /// The sum of the pseudo-header for a transport of `length` octets, header included.
    int pseudoHeader(MemorySegment s, long at, int length) {
        return version == 4
                ? InternetChecksum.pseudoHeader4(Ipv4.source(s, at), Ipv4.destination(s, at), protocol, length)
                : InternetChecksum.pseudoHeader6(s, at + Ipv6.SOURCE, protocol, length);
    }
}
