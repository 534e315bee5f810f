package adit.wire;

import java.lang.foreign.MemorySegment;

/// The chain of IPv6 extension headers in place: where the upper layer starts and what it is. RFC 8200 section
/// 4, the Authentication Header of RFC 4302.
///
/// ```
/// |  Next Header  |  Hdr Ext Len  |  hop-by-hop, routing, destination options: 8 octets and 8 for each Hdr Ext Len
/// |  Next Header  |   Reserved    |      Fragment Offset    |Res|M|  fragment: 8 octets, an identification follows
/// |  Next Header  |  Payload Len  |  authentication: 8 octets and 4 for each Payload Len
/// ```
///
/// [#walk] answers a long so that nothing is allocated; the other methods read that long. The walk ends at the
/// first header that is none of the above (ESP and "no next header" too), at a fragment that is not the first
/// one, because only data follows there, and after [#MAX_HEADERS] headers.
public final class Ipv6Chain {
    /// How many extension headers a walk goes through; a longer chain is a [WireFault#BAD_LENGTH]. The RFC
    /// allows seven that make sense.
    public static final int MAX_HEADERS = 16;
    /// The length of a fragment header, in octets.
    public static final int FRAGMENT_LENGTH = 8;

    private static final int NEXT_HEADER = 0;
    private static final int EXTENSION_LENGTH = 1;
    private static final int FRAGMENT_OFFSET = 2;
    private static final int FRAGMENT_IDENTIFICATION = 4;
    private static final int SEGMENTS_LEFT = 3;
    private static final int MIN_LENGTH = 8;

    // A walk: the code of the fault in bits 40 up, the three flags in bits 32 to 34, the protocol in bits 24 to 31,
    // the offset of the upper layer in bits 0 to 23.
    private static final long OFFSET_MASK = 0xff_ffff;
    private static final int PROTOCOL_SHIFT = 24;
    private static final long FRAGMENT = 1L << 32;
    private static final long NOT_FIRST = 1L << 33;
    private static final long SOURCE_ROUTED = 1L << 34;
    private static final int FAULT_SHIFT = 40;

    private static final int TRUNCATED = 1;
    private static final int TOO_LONG = 2;
    private static final int HOP_BY_HOP_NOT_FIRST = 3;

    private Ipv6Chain() {}

    /// Walks the chain of the packet at `at`, whose header [Ipv6#fault] let through.
    public static long walk(MemorySegment s, long at) {
        return walk(s, at, Ipv6.totalLength(s, at));
    }

    /// Walks the chain of a packet of which only `available` octets are at hand, the whole first header among
    /// them: one that an ICMP error quotes.
    public static long walk(MemorySegment s, long at, int available) {
        int protocol = Ipv6.nextHeader(s, at);
        int offset = Ipv6.HEADER_LENGTH;
        long flags = 0;
        for (int headers = 0; isExtension(protocol); headers++) {
            if (headers == MAX_HEADERS) {
                return walk(TOO_LONG, flags, protocol, offset);
            }
            if (protocol == IpProtocol.HOP_BY_HOP && headers > 0) {
                return walk(HOP_BY_HOP_NOT_FIRST, flags, protocol, offset);
            }
            if (available - offset < MIN_LENGTH || available - offset < length(s, at + offset, protocol)) {
                return walk(TRUNCATED, flags, protocol, offset);
            }
            long header = at + offset;
            offset += length(s, header, protocol);
            flags |= flags(s, header, protocol);
            protocol = Octets.u8(s, header + NEXT_HEADER);
            if ((flags & NOT_FIRST) != 0) {
                break;
            }
        }
        return walk(0, flags, protocol, offset);
    }

    private static long flags(MemorySegment s, long header, int protocol) {
        if (protocol == IpProtocol.ROUTING) {
            return Octets.u8(s, header + SEGMENTS_LEFT) != 0 ? SOURCE_ROUTED : 0;
        }
        if (protocol != IpProtocol.FRAGMENT) {
            return 0;
        }
        if (fragmentOffset(s, header) != 0) {
            return FRAGMENT | NOT_FIRST;
        }
        return moreFragments(s, header) ? FRAGMENT : 0;
    }

    private static long walk(int fault, long flags, int protocol, int offset) {
        return (long) fault << FAULT_SHIFT | flags | (long) protocol << PROTOCOL_SHIFT | offset;
    }

    /// What stopped the walk: [WireFault#NONE] when it came to the upper layer; [WireFault#BAD_FIELD] for a
    /// hop-by-hop header that is not the first. After a fault, [#protocol] and [#offset] tell of the header
    /// that stopped it.
    public static WireFault fault(long walk) {
        return switch ((int) (walk >>> FAULT_SHIFT)) {
            case 0 -> WireFault.NONE;
            case TRUNCATED -> WireFault.TRUNCATED;
            case TOO_LONG -> WireFault.BAD_LENGTH;
            default -> WireFault.BAD_FIELD;
        };
    }

    /// Whether a first fragment, of which `available` octets from its fragment header at `at` on are there, ends
    /// within the upper layer's header, which RFC 8200 section 4.5 wants to be in it. As Linux has it, that is not
    /// said of one that ends within an extension header, and nothing is asked of an upper layer other than TCP, UDP
    /// and ICMPv6 but an octet.
    public static boolean endsBeforeUpperLayer(MemorySegment s, long at, int available) {
        int protocol = IpProtocol.FRAGMENT;
        int offset = 0;
        while (isExtension(protocol)) {
            boolean fragment = protocol == IpProtocol.FRAGMENT;
            if (available - offset < (fragment ? FRAGMENT_IDENTIFICATION : FRAGMENT_OFFSET)) {
                return false;
            }
            long header = at + offset;
            if (fragment && fragmentOffset(s, header) != 0) {
                return false;
            }
            offset += length(s, header, protocol);
            protocol = Octets.u8(s, header + NEXT_HEADER);
        }
        int least = switch (protocol) {
            case IpProtocol.NO_NEXT_HEADER -> 0;
            case IpProtocol.TCP -> Tcp.MIN_HEADER_LENGTH;
            case IpProtocol.UDP -> Udp.HEADER_LENGTH;
            case IpProtocol.ICMP6 -> Icmp6.HEADER_LENGTH;
            default -> 1;
        };
        return least > 0 && offset + least > available;
    }

    /// The protocol number of the upper layer.
    public static int protocol(long walk) {
        return (int) (walk >>> PROTOCOL_SHIFT) & 0xff;
    }

    /// Where the upper layer starts, in octets from the IPv6 header's start. It may be the packet's very end.
    public static int offset(long walk) {
        return (int) (walk & OFFSET_MASK);
    }

    /// Whether the packet is a piece of a larger one. A fragment header that stands in a whole packet (an
    /// atomic fragment, RFC 6946) does not count.
    public static boolean isFragment(long walk) {
        return (walk & FRAGMENT) != 0;
    }

    /// Whether the packet is a piece but not the first, so that its upper-layer header stands in another
    /// packet, and [#protocol] is what the fragment header names: an extension header perhaps.
    public static boolean isLaterFragment(long walk) {
        return (walk & NOT_FIRST) != 0;
    }

    /// Whether a routing header still has hops to go, so that the packet's destination is not the final one.
    public static boolean isSourceRouted(long walk) {
        return (walk & SOURCE_ROUTED) != 0;
    }

    /// Whether `protocol` is an extension header that a walk goes through.
    public static boolean isExtension(int protocol) {
        return switch (protocol) {
            case IpProtocol.HOP_BY_HOP,
                    IpProtocol.ROUTING,
                    IpProtocol.FRAGMENT,
                    IpProtocol.AH,
                    IpProtocol.DESTINATION_OPTIONS -> true;
            default -> false;
        };
    }

    /// The length in octets of the extension header at `at`, which is of the kind `protocol`.
    public static int length(MemorySegment s, long at, int protocol) {
        return switch (protocol) {
            case IpProtocol.FRAGMENT -> FRAGMENT_LENGTH;
            case IpProtocol.AH -> (Octets.u8(s, at + EXTENSION_LENGTH) + 2) << 2;
            default -> (Octets.u8(s, at + EXTENSION_LENGTH) + 1) << 3;
        };
    }

    /// Of the fragment header at `at`: where its data stands in the whole, in octets.
    public static int fragmentOffset(MemorySegment s, long at) {
        return Octets.u16(s, at + FRAGMENT_OFFSET) & 0xfff8;
    }

    /// Of the fragment header at `at`: whether further fragments follow.
    public static boolean moreFragments(MemorySegment s, long at) {
        return (Octets.u16(s, at + FRAGMENT_OFFSET) & 1) != 0;
    }

    /// Of the fragment header at `at`: which packet it is a piece of.
    public static int fragmentIdentification(MemorySegment s, long at) {
        return Octets.i32(s, at + FRAGMENT_IDENTIFICATION);
    }

    /// Writes a fragment header; `fragmentOffset` is in octets and a multiple of eight.
    public static void emitFragment(
            MemorySegment s, long at, int nextHeader, int fragmentOffset, boolean moreFragments, int identification) {
        Octets.put8(s, at + NEXT_HEADER, nextHeader);
        Octets.put8(s, at + EXTENSION_LENGTH, 0);
        Octets.put16(s, at + FRAGMENT_OFFSET, fragmentOffset | (moreFragments ? 1 : 0));
        Octets.put32(s, at + FRAGMENT_IDENTIFICATION, identification);
    }
}
