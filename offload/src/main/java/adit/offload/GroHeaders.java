package adit.offload;

import adit.packet.PacketBuffer;
import adit.wire.EtherType;
import adit.wire.InternetChecksum;
import adit.wire.IpProtocol;
import adit.wire.Ipv4;
import adit.wire.Ipv6;
import adit.wire.Ipv6Chain;
import adit.wire.Octets;
import java.lang.foreign.MemorySegment;

/// Where the headers of a packet stand that [Gro] looks at. Reused from packet to packet. All offsets are from
/// the packet's head.
final class GroHeaders {
    private static final int NO_OPTIONS = 0x45;
    private static final int RESERVED_FLAG = 0b100;
    private static final int EXTENSION_UNIT = 8;

    /// 4 or 6.
    int version;
    /// TCP or UDP.
    int protocol;
    /// Where the IP header starts.
    int link;
    /// Where the transport header starts.
    int transport;
    /// Whether the packet can neither join another nor be joined, and yet its flow is looked for: it is longer
    /// or shorter than its header says.
    boolean unfit;

    /// Answers false for what is neither TCP nor UDP, or such that its flow is not looked for.
    boolean look(PacketBuffer p, int linkLength, int etherType) {
        link = linkLength;
        int length = p.length() - link;
        return switch (etherType) {
            case EtherType.IPV4 -> look4(p.segment(), p.head() + link, length);
            case EtherType.IPV6 -> look6(p.segment(), p.head() + link, length);
            default -> false;
        };
    }

    private boolean look4(MemorySegment s, int at, int length) {
        if (length < Ipv4.MIN_HEADER_LENGTH
                || Octets.u8(s, at) != NO_OPTIONS
                || Ipv4.isFragment(s, at)
                || !Ipv4.checksumValid(s, at)) {
            return false;
        }
        version = 4;
        protocol = Ipv4.protocol(s, at);
        transport = link + Ipv4.MIN_HEADER_LENGTH;
        unfit = Ipv4.totalLength(s, at) != length || (Ipv4.flags(s, at) & RESERVED_FLAG) != 0;
        return isTransport();
    }

    private boolean look6(MemorySegment s, int at, int length) {
        if (length < Ipv6.HEADER_LENGTH) {
            return false;
        }
        version = 6;
        unfit = Ipv6.payloadLength(s, at) != length - Ipv6.HEADER_LENGTH;
        protocol = Ipv6.nextHeader(s, at);
        int offset = Ipv6.HEADER_LENGTH;
        while (isRepeated() && length - offset >= EXTENSION_UNIT) {
            long header = at + (long) offset;
            int octets = Ipv6Chain.length(s, header, protocol);
            if (octets > length - offset) {
                break;
            }
            protocol = Octets.u8(s, header);
            offset += octets;
        }
        transport = link + offset;
        return isTransport();
    }

    private boolean isRepeated() {
        return protocol == IpProtocol.HOP_BY_HOP
                || protocol == IpProtocol.ROUTING
                || protocol == IpProtocol.DESTINATION_OPTIONS;
    }

    private boolean isTransport() {
        return protocol == IpProtocol.TCP || protocol == IpProtocol.UDP;
    }

    /// The sum of the pseudo-header for a transport of `length` octets, header included.
    int pseudoHeader(PacketBuffer p, int length) {
        MemorySegment s = p.segment();
        long at = p.head() + (long) link;
        return version == 4
                ? InternetChecksum.pseudoHeader4(Ipv4.source(s, at), Ipv4.destination(s, at), protocol, length)
                : InternetChecksum.pseudoHeader6(s, at + Ipv6.SOURCE, protocol, length);
    }
}
