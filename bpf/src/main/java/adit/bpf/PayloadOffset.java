package adit.bpf;

import adit.wire.EtherType;
import adit.wire.IpProtocol;
import adit.wire.Octets;
import java.lang.foreign.MemorySegment;

/// Where the payload of a packet starts, as Linux's flow dissector finds it (`skb_get_poff`): behind the
/// innermost transport header it knows.
///
/// It looks through VLAN, PPPoE, HSR and batman-adv, IPv6 extension headers, IP in IP and GRE, and stops at MPLS and
/// at fragments. It trusts lengths where Linux does, so damaged headers answer as they do there.
///
/// Each method steps over one header and hands over to the next; `headers` counts the steps, which are bounded.
final class PayloadOffset {
    private static final int UNKNOWN = 0;

    private static final int MAX_HEADERS = 15;
    private static final int RARP = 0x8035;
    private static final int PPP = 0x880b;
    private static final int PPP_IP = 0x0021;
    private static final int PPP_IPV6 = 0x0057;
    private static final int PPP_MPLS = 0x0281;
    private static final int PPP_MPLS_MULTICAST = 0x0283;

    private static final int PPPOE_SESSION = 0x8864;
    private static final int PPPOE_HEADER = 8;
    private static final int PPPOE_VERSION_AND_CODE = 0x1100;
    private static final int TIPC = 0x88ca;
    private static final int TIPC_HEADER = 16;
    private static final int TIME = 0x88f7;
    private static final int TIME_HEADER = 34;
    private static final int FIBRE_CHANNEL = 0x8906;
    private static final int FIBRE_CHANNEL_HEADER = 38;
    private static final int CONNECTIVITY = 0x8902;
    private static final int HSR = 0x892f;
    private static final int PRP = 0x88fb;
    private static final int HSR_HEADER = 6;
    private static final int BATMAN = 0x4305;
    private static final int BATMAN_HEADER = 24;
    private static final int BATMAN_UNICAST_15 = 0x400f;

    private static final int GRE_CHECKSUM = 0x8000;
    private static final int GRE_ROUTING = 0x4000;
    private static final int GRE_KEY = 0x2000;
    private static final int GRE_SEQUENCE = 0x1000;
    private static final int GRE_ACKNOWLEDGMENT = 0x0080;
    private static final int GRE_VERSION = 0x0007;

    private static final int IP4_HEADER = 20;
    private static final int IP4_FRAGMENT = 0x3fff;
    private static final int IP4_FRAGMENT_OFFSET = 0x1fff;
    private static final int IP6_HEADER = 40;
    private static final int IP6_FRAGMENT_HEADER = 8;
    private static final int IP6_FRAGMENT_OFFSET = 0xfff8;

    private static final int DCCP = 33;
    private static final int TCP_DATA_OFFSET = 12;

    private PayloadOffset() {}

    /// The offset from the packet's first octet, or 0 when Linux does not know. `network` is where the network
    /// header starts, `protocol` its EtherType, `vlan` the tag beside the octets.
    static int of(MemorySegment s, long at, int length, int network, int protocol, int vlan) {
        if (vlan == 0) {
            return network(s, at, length, network, protocol, 0, 0);
        }
        return isVlan(vlan >>> 16) ? network(s, at, length, network, protocol, 0, 1) : UNKNOWN;
    }

    private static boolean isVlan(int etherType) {
        return etherType == EtherType.VLAN || etherType == EtherType.SERVICE_VLAN;
    }

    // `carrier` is the IP protocol of the header before, 0 when there was none.
    private static int network(
            MemorySegment s, long at, int length, int place, int etherType, int carrier, int headers) {
        if (headers > MAX_HEADERS) {
            return end(s, at, length, place, carrier);
        }
        return switch (etherType) {
            case EtherType.IPV4 -> ip4(s, at, length, place, headers);
            case EtherType.IPV6 -> ip6(s, at, length, place, headers);
            case EtherType.VLAN, EtherType.SERVICE_VLAN ->
                has(length, place, 4)
                        ? network(s, at, length, place + 4, Octets.u16(s, at + place + 2), carrier, headers + 1)
                        : UNKNOWN;
            case EtherType.MPLS, EtherType.MPLS_UPSTREAM -> start(length, place + 4);
            case EtherType.ARP, RARP, CONNECTIVITY -> start(length, place);
            case PPPOE_SESSION -> pppoe(s, at, length, place, headers);
            case HSR, PRP ->
                has(length, place, HSR_HEADER)
                        ? network(
                                s, at, length, place + HSR_HEADER, Octets.u16(s, at + place + 4), carrier, headers + 1)
                        : UNKNOWN;
            case BATMAN ->
                has(length, place, BATMAN_HEADER) && Octets.u16(s, at + place) == BATMAN_UNICAST_15
                        ? network(
                                s,
                                at,
                                length,
                                place + BATMAN_HEADER,
                                Octets.u16(s, at + place + BATMAN_HEADER - 2),
                                carrier,
                                headers + 1)
                        : UNKNOWN;
            case TIPC -> has(length, place, TIPC_HEADER) ? start(length, place) : UNKNOWN;
            case TIME -> has(length, place, TIME_HEADER) ? start(length, place + TIME_HEADER) : UNKNOWN;
            case FIBRE_CHANNEL ->
                has(length, place, FIBRE_CHANNEL_HEADER) ? start(length, place + FIBRE_CHANNEL_HEADER) : UNKNOWN;
            default -> UNKNOWN;
        };
    }

    private static boolean has(int length, int place, int octets) {
        return place <= length - octets;
    }

    // RFC 2516, where the protocol's first octet is never left out; protocols are odd, their first octet even (RFC
    // 1661).
    private static int pppoe(MemorySegment s, long at, int length, int place, int headers) {
        if (!has(length, place, PPPOE_HEADER) || Octets.u16(s, at + place) != PPPOE_VERSION_AND_CODE) {
            return UNKNOWN;
        }
        int protocol = Octets.u16(s, at + place + 6);
        int next = place + PPPOE_HEADER;
        return switch (protocol) {
            case PPP_IP -> network(s, at, length, next, EtherType.IPV4, 0, headers + 1);
            case PPP_IPV6 -> network(s, at, length, next, EtherType.IPV6, 0, headers + 1);
            case PPP_MPLS, PPP_MPLS_MULTICAST -> network(s, at, length, next, EtherType.MPLS, 0, headers + 1);
            default -> (protocol & 0x0101) == 0x0001 ? start(length, next) : UNKNOWN;
        };
    }

    private static int ip4(MemorySegment s, long at, int length, int place, int headers) {
        int words = has(length, place, IP4_HEADER) ? Octets.u8(s, at + place) & 0xf : 0;
        if (words < 5) {
            return UNKNOWN;
        }
        int protocol = Octets.u8(s, at + place + 9);
        int fragment = Octets.u16(s, at + place + 6);
        int next = place + words * 4;
        if ((fragment & IP4_FRAGMENT) != 0) {
            return (fragment & IP4_FRAGMENT_OFFSET) != 0 ? start(length, next) : end(s, at, length, next, protocol);
        }
        return upper(s, at, length, next, protocol, EtherType.IPV4, headers);
    }

    private static int ip6(MemorySegment s, long at, int length, int place, int headers) {
        return has(length, place, IP6_HEADER)
                ? upper(s, at, length, place + IP6_HEADER, Octets.u8(s, at + place + 6), EtherType.IPV6, headers)
                : UNKNOWN;
    }

    private static int upper(MemorySegment s, long at, int length, int place, int protocol, int family, int headers) {
        if (headers > MAX_HEADERS) {
            return end(s, at, length, place, protocol);
        }
        boolean extended = family == EtherType.IPV6;
        return switch (protocol) {
            case IpProtocol.HOP_BY_HOP, IpProtocol.ROUTING, IpProtocol.DESTINATION_OPTIONS -> {
                if (!extended) {
                    yield end(s, at, length, place, protocol);
                }
                if (!has(length, place, 2)) {
                    yield UNKNOWN;
                }
                int next = place + ((Octets.u8(s, at + place + 1) + 1) << 3);
                yield upper(s, at, length, next, Octets.u8(s, at + place), family, headers + 1);
            }
            case IpProtocol.FRAGMENT -> extended ? fragment6(s, at, length, place) : start(length, place);
            case IpProtocol.GRE -> gre(s, at, length, place, headers);
            case IpProtocol.IPIP -> network(s, at, length, place, EtherType.IPV4, protocol, headers + 1);
            case IpProtocol.IPV6 -> network(s, at, length, place, EtherType.IPV6, protocol, headers + 1);
            case IpProtocol.MPLS -> network(s, at, length, place, EtherType.MPLS, protocol, headers + 1);
            default -> end(s, at, length, place, protocol);
        };
    }

    private static int fragment6(MemorySegment s, long at, int length, int place) {
        if (!has(length, place, IP6_FRAGMENT_HEADER)) {
            return UNKNOWN;
        }
        int next = place + IP6_FRAGMENT_HEADER;
        return (Octets.u16(s, at + place + 2) & IP6_FRAGMENT_OFFSET) != 0
                ? start(length, next)
                : end(s, at, length, next, Octets.u8(s, at + place));
    }

    // RFC 2784 with the key and sequence number of RFC 2890; version 1 is that of PPTP, RFC 2637.
    private static int gre(MemorySegment s, long at, int length, int place, int headers) {
        if (!has(length, place, 4)) {
            return UNKNOWN;
        }
        int flags = Octets.u16(s, at + place);
        int etherType = Octets.u16(s, at + place + 2);
        int version = flags & GRE_VERSION;
        boolean pptp = version == 1 && etherType == PPP && (flags & GRE_KEY) != 0;
        if ((flags & GRE_ROUTING) != 0 || (version != 0 && !pptp)) {
            return start(length, place);
        }
        int next = place + 4 + ((flags & GRE_CHECKSUM) != 0 ? 4 : 0);
        if ((flags & GRE_KEY) != 0) {
            if (!has(length, next, 4)) {
                return UNKNOWN;
            }
            next += 4;
        }
        next += (flags & GRE_SEQUENCE) != 0 ? 4 : 0;
        if (pptp) {
            return ppp(s, at, length, next + ((flags & GRE_ACKNOWLEDGMENT) != 0 ? 4 : 0), headers);
        }
        if (etherType == EtherType.TRANSPARENT_ETHERNET) {
            if (!has(length, next, 14)) {
                return UNKNOWN;
            }
            etherType = Octets.u16(s, at + next + 12);
            next += 14;
        }
        return network(s, at, length, next, etherType, IpProtocol.GRE, headers + 1);
    }

    private static int ppp(MemorySegment s, long at, int length, int place, int headers) {
        if (!has(length, place, 4)) {
            return UNKNOWN;
        }
        int etherType = switch (Octets.u16(s, at + place + 2)) {
            case PPP_IP -> EtherType.IPV4;
            case PPP_IPV6 -> EtherType.IPV6;
            default -> PPP;
        };
        return network(s, at, length, place + 4, etherType, IpProtocol.GRE, headers + 1);
    }

    private static int start(int length, int place) {
        return Math.min(place & 0xffff, length);
    }

    private static int end(MemorySegment s, long at, int length, int place, int protocol) {
        int start = start(length, place);
        return switch (protocol) {
            case IpProtocol.TCP -> {
                boolean there = has(length, start, TCP_DATA_OFFSET + 1);
                yield there ? start + Math.max(20, (Octets.u8(s, at + start + TCP_DATA_OFFSET) & 0xf0) >> 2) : start;
            }
            case IpProtocol.UDP, IpProtocol.UDP_LITE, IpProtocol.ICMP, IpProtocol.ICMP6, IpProtocol.IGMP -> start + 8;
            case DCCP, IpProtocol.SCTP -> start + 12;
            default -> start;
        };
    }
}
