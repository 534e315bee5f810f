package adit.ip;

import adit.packet.PacketBuffer;
import adit.wire.Icmp6;
import adit.wire.Ipv6;
import adit.wire.Octets;
import java.lang.foreign.MemorySegment;

/// The options of a hop-by-hop or destination options header. RFC 8200 section 4.2, with Linux's limits against
/// floods: eight options, and seven octets of padding in a row, all of them zero (RFC 4942 section 2.1.9.5).
final class Ip6Options {
    /// Which header they stand in.
    enum Kind {
        HOP_BY_HOP,
        DESTINATION
    }

    private static final int PAD1 = 0;
    private static final int PADN = 1;
    private static final int ROUTER_ALERT = 5;
    /// RFC 5570.
    private static final int CALIPSO = 7;
    /// In-situ OAM, RFC 9486.
    private static final int IOAM = 0x31;

    private static final int JUMBO = 0xc2;
    private static final int MOST_OPTIONS = 8;
    private static final int MOST_PADDING = 7;

    private Ip6Options() {}

    /// Whether the packet may go on with the options header that stands `offset` octets behind its start. Where
    /// the sender is to hear why not, it does.
    static boolean take(IpStack stack, IpInterface in, PacketBuffer p, int offset, Kind kind) {
        MemorySegment s = p.segment();
        int at = p.head();
        if (p.length() - offset < 8) {
            return false;
        }
        int end = offset + 8 * (Octets.u8(s, at + offset + 1) + 1);
        if (end > p.length()) {
            return false;
        }
        int padding = 0;
        int options = 0;
        int i = offset + 2;
        while (i < end) {
            int type = Octets.u8(s, at + i);
            if (type == PAD1) {
                if (++padding > MOST_PADDING) {
                    return false;
                }
                i++;
                continue;
            }
            int length = end - i < 2 ? Integer.MAX_VALUE : Octets.u8(s, at + i + 1) + 2;
            if (length > end - i) {
                return false;
            }
            if (type == PADN) {
                padding += length;
                if (padding > MOST_PADDING || !isZero(s, at + i + 2, length - 2)) {
                    return false;
                }
            } else {
                padding = 0;
                if (++options > MOST_OPTIONS || !option(stack, in, p, i, type, length, kind)) {
                    return false;
                }
            }
            i += length;
        }
        return true;
    }

    /// RFC 2675 section 3: a jumbogram is longer than 65535 octets and says 0 in the header. None is taken
    /// here.
    private static void refuseJumbo(IpStack stack, IpInterface in, PacketBuffer p, int offset, int length) {
        if (length != 6 || (offset & 3) != 2) {
            return;
        }
        boolean small = Octets.u32(p.segment(), p.head() + offset + 2) <= 0xffff;
        if (small || Ipv6.payloadLength(p.segment(), p.head()) != 0) {
            stack.icmp6.error(in, p, RouteType.LOCAL, Icmp6.PARAMETER_PROBLEM, 0, small ? offset + 2 : offset);
        }
    }

    private static boolean isZero(MemorySegment s, int at, int length) {
        for (int i = 0; i < length; i++) {
            if (Octets.u8(s, at + i) != 0) {
                return false;
            }
        }
        return true;
    }

    private static boolean option(
            IpStack stack, IpInterface in, PacketBuffer p, int offset, int type, int length, Kind kind) {
        if (kind == Kind.HOP_BY_HOP && type == ROUTER_ALERT) {
            return length == 4;
        }
        if (kind == Kind.HOP_BY_HOP && type == JUMBO) {
            refuseJumbo(stack, in, p, offset, length);
            return false;
        }
        if (kind == Kind.HOP_BY_HOP && type == CALIPSO) {
            // Linux looks for the label's domain of interpretation, of which there is none here.
            return false;
        }
        if (kind == Kind.HOP_BY_HOP && type == IOAM) {
            // Where it is well placed nobody here writes into it, as with Linux's `ioam6_enabled` off.
            return (offset & 3) == 0;
        }
        int action = type >> 6;
        if (action == 0) {
            return true;
        }
        boolean toGroup = Ip6Input.isMulticast(Ipv6.destinationHigh(p.segment(), p.head()));
        if (action == 2 || (action == 3 && !toGroup)) {
            stack.icmp6.error(in, p, RouteType.LOCAL, Icmp6.PARAMETER_PROBLEM, 2, offset);
        }
        return false;
    }
}
