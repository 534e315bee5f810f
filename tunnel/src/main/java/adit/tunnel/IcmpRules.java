package adit.tunnel;

import adit.wire.Icmp4;
import adit.wire.Icmp6;
import adit.wire.IpProtocol;
import adit.wire.Ipv4;
import adit.wire.Ipv6;
import adit.wire.Ipv6Chain;
import adit.wire.WireFault;
import java.lang.foreign.MemorySegment;

/// About which packets an ICMP error may be sent, and how much of them it quotes. RFC 1122 section 3.2.2, RFC
/// 1812 section 4.3.2, RFC 4443 section 2.4.
final class IcmpRules {
    /// The longest ICMPv4 error, IP header included, in octets: what every host can take in one piece.
    static final int MAX_LENGTH_4 = 576;
    /// The longest ICMPv6 error, IP header included, in octets: what every link carries.
    static final int MAX_LENGTH_6 = Ipv6.MIN_MTU;
    /// The time to live of errors.
    static final int TIME_TO_LIVE = 64;

    /// The former type of service of an IPv4 error: that of the packet in question, without its precedence and
    /// the last bit, with the precedence of internetwork control (RFC 1812 section 4.3.2.5).
    private static final int SERVICE = 0x1e;

    private static final int INTERNETWORK_CONTROL = 0xc0;

    /// The first address of 224.0.0.0/4, behind which no single host is: multicast, reserved, broadcast.
    private static final int FIRST_GROUP = 0xe000_0000;

    /// Address mask reply, the last of a row of requests and replies that starts with the timestamp (RFC 950).
    private static final int LAST_QUERY = 18;

    private IcmpRules() {}

    /// The DSCP and ECN octet of an error about a packet with `tos`.
    static int tos(int tos) {
        return (tos & SERVICE) | INTERNETWORK_CONTROL;
    }

    /// Whether an error may be sent about the IPv4 packet of which `available` octets stand at `at`: it is
    /// sound, not a later fragment, from a single host to a single host, and not itself an ICMP error.
    static boolean allow4(MemorySegment s, long at, int available) {
        if (Ipv4.fault(s, at, available) != WireFault.NONE || Ipv4.fragmentOffset(s, at) != 0) {
            return false;
        }
        if (!isHost(Ipv4.source(s, at)) || !isBelowGroups(Ipv4.destination(s, at))) {
            return false;
        }
        if (Ipv4.protocol(s, at) != IpProtocol.ICMP) {
            return true;
        }
        int header = Ipv4.headerLength(s, at);
        return header < Ipv4.totalLength(s, at) && isQuery(Icmp4.type(s, at + header));
    }

    /// Whether an ICMPv4 message asks or answers. About any other, unknown ones too, there is no error: it
    /// might be one itself. Linux counts router discovery, 9 and 10, among those.
    private static boolean isQuery(int type) {
        return type == Icmp4.ECHO_REPLY
                || type == Icmp4.ECHO_REQUEST
                || (type >= Icmp4.TIMESTAMP_REQUEST && type <= LAST_QUERY);
    }

    private static boolean isHost(int address) {
        int network = address >>> 24;
        return network != 0 && network != 127 && isBelowGroups(address);
    }

    private static boolean isBelowGroups(int address) {
        return Integer.compareUnsigned(address, FIRST_GROUP) < 0;
    }

    /// The same for an IPv6 packet. RFC 4443 allows errors about multicast in two cases; none is sent here.
    static boolean allow6(MemorySegment s, long at, int available) {
        if (Ipv6.fault(s, at, available) != WireFault.NONE) {
            return false;
        }
        if ((Ipv6.sourceHigh(s, at) | Ipv6.sourceLow(s, at)) == 0
                || isMulticast(Ipv6.sourceHigh(s, at))
                || isMulticast(Ipv6.destinationHigh(s, at))) {
            return false;
        }
        long chain = Ipv6Chain.walk(s, at);
        if (Ipv6Chain.fault(chain) != WireFault.NONE || Ipv6Chain.isLaterFragment(chain)) {
            return false;
        }
        if (Ipv6Chain.protocol(chain) != IpProtocol.ICMP6) {
            return true;
        }
        int offset = Ipv6Chain.offset(chain);
        if (offset >= Ipv6.totalLength(s, at)) {
            return false;
        }
        int type = Icmp6.type(s, at + offset);
        return !Icmp6.isError(type) && type != Icmp6.REDIRECT;
    }

    private static boolean isMulticast(long high) {
        return high >>> 56 == 0xff;
    }
}
