package adit.wire;

import java.lang.foreign.MemorySegment;

/// The header of Generic UDP Encapsulation in place, behind a UDP header. draft-ietf-intarea-gue, with the
/// private flags that Linux defines.
///
/// ```
///  0                   1                   2                   3
/// | 0 |C|   Hlen  |  Proto/ctype  |             Flags           |P|
/// |R|            Private flags, present if P is set               |
/// |   Checksum start, if R is set |  Checksum offset, if R is set |
/// |       Further words, so that there are Hlen in all            |
/// ```
///
/// Version 1 has no header at all: an IPv4 or IPv6 packet starts at once, and its version field, 4 or 6, makes
/// the first two bits 01.
///
/// [#fault] accepts what the receiver of Linux 6 accepts, but for two cases: it also refuses protocol 0, which
/// that receiver loses, and remote checksum offload whose words lie outside the header, which that receiver
/// reads from the payload.
public final class Gue {
    /// The length of a header without options, in octets.
    public static final int MIN_HEADER_LENGTH = 4;
    /// The length of a header with private flags and remote checksum offload, in octets.
    public static final int REMOTE_CHECKSUM_HEADER_LENGTH = 12;
    /// The length of the longest header, in octets.
    public static final int MAX_HEADER_LENGTH = 128;
    /// The UDP port that IANA assigned.
    public static final int PORT = 6080;

    /// The flag that announces private flags, as it stands in [#flags].
    public static final int FLAG_PRIVATE = 0x0001;
    /// The private flag of remote checksum offload, as it stands in [#privateFlags].
    public static final int PRIVATE_FLAG_REMOTE_CHECKSUM = 0x8000_0000;

    private static final int VERSION_CONTROL_HLEN = 0;
    private static final int PROTO_CTYPE = 1;
    private static final int FLAGS = 2;
    private static final int PRIVATE_FLAGS = 4;
    private static final int CHECKSUM_START = 8;
    private static final int CHECKSUM_OFFSET = 10;

    private static final int CONTROL = 0x20;
    private static final int HLEN_MASK = 0x1f;
    private static final int WORD = 4;

    private Gue() {}

    /// Answers [WireFault#NONE] when every accessor is safe on the `available` octets of the UDP payload at
    /// `at`, and the payload is for an IP protocol: [#payloadOffset] and [#payloadProtocol] say where it is and
    /// what.
    ///
    /// [WireFault#BAD_VERSION] for versions 2 and 3, and for version 1 without IPv4 or IPv6;
    /// [WireFault#BAD_FIELD] for unknown flags, a control message or protocol 0; [WireFault#BAD_LENGTH] when
    /// the flags announce more words than there are or the checksum lies outside the payload.
    public static WireFault fault(MemorySegment s, long at, int available) {
        if (available < MIN_HEADER_LENGTH) {
            return WireFault.TRUNCATED;
        }
        return switch (version(s, at)) {
            case 0 -> faultOfVersion0(s, at, available);
            case 1 -> payloadProtocol(s, at) == 0 ? WireFault.BAD_VERSION : WireFault.NONE;
            default -> WireFault.BAD_VERSION;
        };
    }

    private static WireFault faultOfVersion0(MemorySegment s, long at, int available) {
        int header = headerLength(s, at);
        if (header > available) {
            return WireFault.TRUNCATED;
        }
        if ((flags(s, at) & ~FLAG_PRIVATE) != 0) {
            return WireFault.BAD_FIELD;
        }
        if (hasPrivateFlags(s, at)) {
            if (header < PRIVATE_FLAGS + WORD) {
                return WireFault.BAD_LENGTH;
            }
            if ((privateFlags(s, at) & ~PRIVATE_FLAG_REMOTE_CHECKSUM) != 0) {
                return WireFault.BAD_FIELD;
            }
            if (hasRemoteChecksum(s, at)) {
                if (header < REMOTE_CHECKSUM_HEADER_LENGTH) {
                    return WireFault.BAD_LENGTH;
                }
                int start = remoteChecksumStart(s, at);
                int field = remoteChecksumOffset(s, at);
                // Linux loses a checksum that stands in front of what it is the sum of, too.
                if (field < start || field + 2 > available - header) {
                    return WireFault.BAD_LENGTH;
                }
            }
        }
        return isControl(s, at) || protocolOrControlType(s, at) == 0 ? WireFault.BAD_FIELD : WireFault.NONE;
    }

    /// The version, 0 to 3.
    public static int version(MemorySegment s, long at) {
        return Octets.u8(s, at + VERSION_CONTROL_HLEN) >> 6;
    }

    /// Of version 0: whether this is a control message and not a packet.
    public static boolean isControl(MemorySegment s, long at) {
        return (Octets.u8(s, at + VERSION_CONTROL_HLEN) & CONTROL) != 0;
    }

    /// Of version 0: the header's length in octets, 4 and four times the Hlen field.
    public static int headerLength(MemorySegment s, long at) {
        return MIN_HEADER_LENGTH + (Octets.u8(s, at + VERSION_CONTROL_HLEN) & HLEN_MASK) * WORD;
    }

    /// Of version 0: the IP protocol number of the payload, or the type of a control message.
    public static int protocolOrControlType(MemorySegment s, long at) {
        return Octets.u8(s, at + PROTO_CTYPE);
    }

    /// Of version 0: the flags, of which only [#FLAG_PRIVATE] is known.
    public static int flags(MemorySegment s, long at) {
        return Octets.u16(s, at + FLAGS);
    }

    /// Of version 0: whether private flags follow.
    public static boolean hasPrivateFlags(MemorySegment s, long at) {
        return (flags(s, at) & FLAG_PRIVATE) != 0;
    }

    /// Of a header with private flags: these, of which only [#PRIVATE_FLAG_REMOTE_CHECKSUM] is known.
    public static int privateFlags(MemorySegment s, long at) {
        return Octets.i32(s, at + PRIVATE_FLAGS);
    }

    /// Whether the receiver must complete a checksum of the payload. False for version 1.
    public static boolean hasRemoteChecksum(MemorySegment s, long at) {
        return version(s, at) == 0
                && hasPrivateFlags(s, at)
                && (privateFlags(s, at) & PRIVATE_FLAG_REMOTE_CHECKSUM) != 0;
    }

    /// Of a header with remote checksum offload: where summing starts, in octets from the payload's start.
    public static int remoteChecksumStart(MemorySegment s, long at) {
        return Octets.u16(s, at + CHECKSUM_START);
    }

    /// Of a header with remote checksum offload: where the checksum field stands, in octets from the payload's
    /// start (not from the start of the sum, as in a virtio-net header).
    public static int remoteChecksumOffset(MemorySegment s, long at) {
        return Octets.u16(s, at + CHECKSUM_OFFSET);
    }

    /// Where the payload starts, in octets from `at`; 0 for version 1.
    public static int payloadOffset(MemorySegment s, long at) {
        return version(s, at) == 0 ? headerLength(s, at) : 0;
    }

    /// The IP protocol number of the payload. For version 1 that is [IpProtocol#IPIP] or [IpProtocol#IPV6] by
    /// the packet's own version field, and 0 when it is neither 4 nor 6.
    public static int payloadProtocol(MemorySegment s, long at) {
        if (version(s, at) == 0) {
            return protocolOrControlType(s, at);
        }
        return switch (Octets.u8(s, at) >> 4) {
            case 4 -> IpProtocol.IPIP;
            case 6 -> IpProtocol.IPV6;
            default -> 0;
        };
    }

    /// Writes a header of version 0 without options, [#MIN_HEADER_LENGTH] octets.
    public static void emit(MemorySegment s, long at, int protocol) {
        Octets.put8(s, at + VERSION_CONTROL_HLEN, 0);
        Octets.put8(s, at + PROTO_CTYPE, protocol);
        Octets.put16(s, at + FLAGS, 0);
    }

    /// Writes a header of version 0 with remote checksum offload, [#REMOTE_CHECKSUM_HEADER_LENGTH] octets.
    /// `start` and `offset` are in octets from the payload's start; the checksum field must hold the sum of the
    /// pseudo-header.
    public static void emitRemoteChecksum(MemorySegment s, long at, int protocol, int start, int offset) {
        Octets.put8(s, at + VERSION_CONTROL_HLEN, (REMOTE_CHECKSUM_HEADER_LENGTH - MIN_HEADER_LENGTH) / WORD);
        Octets.put8(s, at + PROTO_CTYPE, protocol);
        Octets.put16(s, at + FLAGS, FLAG_PRIVATE);
        Octets.put32(s, at + PRIVATE_FLAGS, PRIVATE_FLAG_REMOTE_CHECKSUM);
        Octets.put16(s, at + CHECKSUM_START, start);
        Octets.put16(s, at + CHECKSUM_OFFSET, offset);
    }
}
