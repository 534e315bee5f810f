package adit.wire;

import java.lang.foreign.MemorySegment;

/// A 32-bit hash of the flow a packet belongs to, the same in both directions: for choosing queues, UDP source
/// ports and paths.
///
/// It covers both addresses, the protocol, and the ports of TCP, UDP, UDP-Lite and SCTP or the identifier of an
/// echo. All fragments of a packet hash alike, because only the first one has ports: their hash leaves the
/// ports out. MPLS label stacks are looked through; what they carry is told from its first four bits, as
/// routers do (RFC 4928). VLAN tags are looked through too.
///
/// Two endpoints (address and port) are mixed each on its own and then added, which is the same both ways but,
/// unlike exclusive or of the addresses, tells 10.0.0.1 with 10.0.0.2 from 10.0.0.5 with 10.0.0.6.
public final class FlowHash {
    /// The answer for octets that have no flow: not IP, or damaged.
    public static final int NONE = 0;

    private static final int MAX_TAGS = 4;
    // Odd numbers with well spread bits: fractions of the golden ratio and of the square roots of 2 and 3.
    private static final long GOLDEN = 0x9e37_79b9_7f4a_7c15L;
    private static final long ROOT2 = 0x6a09_e667_f3bc_c909L;
    private static final long ROOT3 = 0xbb67_ae85_84ca_a73bL;

    private FlowHash() {}

    /// The hash of `length` octets at `at` that are what `etherType` says, or [#NONE]. Hashes compare only
    /// under one `seed`. [EtherType#TRANSPARENT_ETHERNET] stands for a whole Ethernet frame.
    public static int of(MemorySegment s, long at, int length, int etherType, long seed) {
        return switch (etherType) {
            case EtherType.IPV4 -> ip4(s, at, length, seed);
            case EtherType.IPV6 -> ip6(s, at, length, seed);
            case EtherType.MPLS, EtherType.MPLS_UPSTREAM -> mpls(s, at, length, seed);
            case EtherType.TRANSPARENT_ETHERNET -> frame(s, at, length, seed);
            default -> NONE;
        };
    }

    private static int ip4(MemorySegment s, long at, int length, long seed) {
        if (length < Ipv4.MIN_HEADER_LENGTH) {
            return NONE;
        }
        long first = Ipv4Words.first(s, at);
        int header = Ipv4Words.headerLength(first);
        int total = Ipv4Words.totalLength(first);
        if (Ipv4Words.version(first) != 4 || header < Ipv4.MIN_HEADER_LENGTH || header > total || total > length) {
            return NONE;
        }
        long second = Ipv4Words.second(s, at);
        int protocol = Ipv4Words.protocol(second);
        int ports = Ipv4Words.isFragment(first) ? 0 : ports(s, at + header, total - header, protocol);
        long source = Ipv4Words.source(second) & 0xffff_ffffL;
        long destination = Ipv4.destination(s, at) & 0xffff_ffffL;
        return join(endpoint(source, ports >>> 16, seed), endpoint(destination, ports & 0xffff, seed), protocol);
    }

    private static int ip6(MemorySegment s, long at, int length, long seed) {
        if (Ipv6.fault(s, at, length) != WireFault.NONE) {
            return NONE;
        }
        long walk = Ipv6Chain.walk(s, at);
        if (Ipv6Chain.fault(walk) != WireFault.NONE) {
            return NONE;
        }
        // A later fragment may hide the upper layer's protocol behind further extension headers.
        int protocol = Ipv6Chain.isFragment(walk) ? IpProtocol.FRAGMENT : Ipv6Chain.protocol(walk);
        int offset = Ipv6Chain.offset(walk);
        int ports = ports(s, at + offset, Ipv6.totalLength(s, at) - offset, protocol);
        long source = mix(Ipv6.sourceHigh(s, at) + ROOT2) + Ipv6.sourceLow(s, at);
        long destination = mix(Ipv6.destinationHigh(s, at) + ROOT2) + Ipv6.destinationLow(s, at);
        return join(endpoint(source, ports >>> 16, seed), endpoint(destination, ports & 0xffff, seed), protocol);
    }

    private static int mpls(MemorySegment s, long at, int length, long seed) {
        if (Mpls.fault(s, at, length) != WireFault.NONE) {
            return NONE;
        }
        int stack = Mpls.stackLength(s, at);
        int rest = length - stack;
        int version = rest > 0 ? Octets.u8(s, at + stack) >> 4 : 0;
        return switch (version) {
            case 4 -> ip4(s, at + stack, rest, seed);
            case 6 -> ip6(s, at + stack, rest, seed);
            default -> labels(s, at, stack, seed);
        };
    }

    private static int labels(MemorySegment s, long at, int stack, long seed) {
        long hash = seed;
        for (int offset = 0; offset < stack; offset += Mpls.ENTRY_LENGTH) {
            hash = mix(hash + GOLDEN + Mpls.label(s, at + offset));
        }
        return join(hash, 0, IpProtocol.MPLS);
    }

    private static int frame(MemorySegment s, long at, int length, long seed) {
        if (Ethernet.fault(s, at, length) != WireFault.NONE) {
            return NONE;
        }
        int etherType = Ethernet.etherType(s, at);
        int header = Ethernet.HEADER_LENGTH;
        for (int tags = 0; Vlan.isTag(etherType) && tags < MAX_TAGS; tags++) {
            if (Vlan.fault(s, at + header, length - header) != WireFault.NONE) {
                return NONE;
            }
            etherType = Vlan.etherType(s, at + header);
            header += Vlan.TAG_LENGTH;
        }
        // A frame in a frame stands behind a tunnel header; directly here the type means nothing.
        boolean known = etherType != EtherType.TRANSPARENT_ETHERNET;
        return known ? of(s, at + header, length - header, etherType, seed) : NONE;
    }

    // Both ports as one number, source first; an echo's identifier as both.
    private static int ports(MemorySegment s, long at, int length, int protocol) {
        return switch (protocol) {
            case IpProtocol.TCP, IpProtocol.UDP, IpProtocol.UDP_LITE, IpProtocol.SCTP ->
                length >= 4 ? Octets.i32(s, at) : 0;
            case IpProtocol.ICMP -> length >= Icmp4.HEADER_LENGTH && isEcho4(Icmp4.type(s, at)) ? twice(s, at) : 0;
            case IpProtocol.ICMP6 -> length >= Icmp6.HEADER_LENGTH && isEcho6(Icmp6.type(s, at)) ? twice(s, at) : 0;
            default -> 0;
        };
    }

    private static boolean isEcho4(int type) {
        return type == Icmp4.ECHO_REQUEST || type == Icmp4.ECHO_REPLY;
    }

    private static boolean isEcho6(int type) {
        return type == Icmp6.ECHO_REQUEST || type == Icmp6.ECHO_REPLY;
    }

    private static int twice(MemorySegment s, long at) {
        int identifier = Icmp4.identifier(s, at);
        return identifier << 16 | identifier;
    }

    private static long endpoint(long address, int port, long seed) {
        return mix(mix(address + seed) + port * ROOT3);
    }

    private static int join(long one, long other, int protocol) {
        long hash = mix(one + other + protocol * GOLDEN);
        int folded = (int) (hash ^ hash >>> 32);
        return folded == NONE ? 1 : folded;
    }

    // The finalizer of SplitMix64 (Steele, Lea, Flood 2014): each bit in changes each bit out with probability near
    // 1/2.
    private static long mix(long z) {
        long mixed = (z ^ z >>> 30) * 0xbf58_476d_1ce4_e5b9L;
        mixed = (mixed ^ mixed >>> 27) * 0x94d0_49bb_1331_11ebL;
        return mixed ^ mixed >>> 31;
    }
}
