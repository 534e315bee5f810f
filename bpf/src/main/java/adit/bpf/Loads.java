package adit.bpf;

import adit.wire.Octets;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;

/// What a program can load, in Linux's way: places relative to a header, and the extensions. Shared by the
/// interpreter and by compiled programs, which call it from their bytecode.
final class Loads {
    /// No such octets: the program ends with the answer 0.
    static final long NONE = -1;

    // SKF_NET_OFF and SKF_LL_OFF: offsets from here on count from the network and from the link header.
    private static final int NETWORK = -0x100000;
    private static final int LINK = -0x200000;
    private static final int NOWHERE = Integer.MIN_VALUE;

    private static final int ATTRIBUTE_HEADER = 4;
    private static final int ATTRIBUTE_TYPE_MASK = 0x3fff;

    private Loads() {}

    /// The octet at `offset`, or [#NONE].
    static <P> long load8(MemorySegment s, long at, int length, int offset, P packet, Ancillary<? super P> ancillary) {
        int place = offset >= 0 ? offset : place(offset, packet, ancillary);
        return place == NOWHERE || place > length - 1 ? NONE : Octets.u8(s, at + place);
    }

    /// The two octets at `offset`, or [#NONE].
    static <P> long load16(MemorySegment s, long at, int length, int offset, P packet, Ancillary<? super P> ancillary) {
        int place = offset >= 0 ? offset : place(offset, packet, ancillary);
        return place == NOWHERE || place > length - 2 ? NONE : Octets.u16(s, at + place);
    }

    /// The four octets at `offset`, or [#NONE].
    static <P> long load32(MemorySegment s, long at, int length, int offset, P packet, Ancillary<? super P> ancillary) {
        int place = offset >= 0 ? offset : place(offset, packet, ancillary);
        return place == NOWHERE || place > length - 4 ? NONE : Octets.u32(s, at + place);
    }

    private static <P> int place(int offset, P packet, Ancillary<? super P> ancillary) {
        if (offset >= NETWORK) {
            return offset - NETWORK + ancillary.networkOffset(packet);
        }
        if (offset >= LINK) {
            int header = ancillary.linkOffset(packet);
            return header == Ancillary.NO_HEADER ? NOWHERE : offset - LINK + header;
        }
        return NOWHERE;
    }

    /// What A becomes by `extension`. Not for a question about an interface when there is none.
    static <P> int extension(
            Extension extension,
            MemorySegment s,
            long at,
            int length,
            int a,
            int x,
            P packet,
            Ancillary<? super P> ancillary) {
        return switch (extension) {
            case PROTOCOL -> ancillary.protocol(packet) & 0xffff;
            case PACKET_TYPE -> ancillary.packetType(packet) & 7;
            case INTERFACE_INDEX -> ancillary.interfaceIndex(packet);
            case ATTRIBUTE -> attribute(s, at, length, a, x);
            case NESTED_ATTRIBUTE -> nestedAttribute(s, at, length, a, x);
            case MARK -> ancillary.mark(packet);
            case QUEUE -> ancillary.queue(packet) & 0xffff;
            case HARDWARE_TYPE -> ancillary.hardwareType(packet) & 0xffff;
            case FLOW_HASH -> ancillary.flowHash(packet);
            case CPU -> ancillary.cpu(packet);
            case XOR_X -> a ^ x;
            case VLAN_TAG -> ancillary.vlan(packet) & 0xffff;
            case VLAN_PRESENT -> ancillary.vlan(packet) != 0 ? 1 : 0;
            case PAYLOAD_OFFSET -> payloadOffset(s, at, length, packet, ancillary);
            case RANDOM -> ancillary.random(packet);
            case VLAN_PROTOCOL -> ancillary.vlan(packet) >>> 16;
        };
    }

    private static <P> int payloadOffset(
            MemorySegment s, long at, int length, P packet, Ancillary<? super P> ancillary) {
        int protocol = ancillary.protocol(packet) & 0xffff;
        int vlan = ancillary.vlan(packet);
        return PayloadOffset.of(s, at, length, ancillary.networkOffset(packet), protocol, vlan);
    }

    // Netlink attributes: length and type in the host's order, each padded to four octets.
    private static int attribute(MemorySegment s, long at, int length, int start, int type) {
        return startsOutside(length, start) ? 0 : find(s, at, start, length - start, type);
    }

    private static int nestedAttribute(MemorySegment s, long at, int length, int start, int type) {
        if (startsOutside(length, start)) {
            return 0;
        }
        int outer = Octets.u16(s, at + start, ByteOrder.nativeOrder());
        return outer > length - start ? 0 : find(s, at, start + ATTRIBUTE_HEADER, outer - ATTRIBUTE_HEADER, type);
    }

    private static boolean startsOutside(int length, int start) {
        return length < ATTRIBUTE_HEADER || Integer.compareUnsigned(start, length - ATTRIBUTE_HEADER) > 0;
    }

    private static int find(MemorySegment s, long at, int start, int length, int type) {
        int place = start;
        int rest = length;
        while (rest >= ATTRIBUTE_HEADER) {
            int octets = Octets.u16(s, at + place, ByteOrder.nativeOrder());
            if (octets < ATTRIBUTE_HEADER || octets > rest) {
                return 0;
            }
            if ((Octets.u16(s, at + place + 2, ByteOrder.nativeOrder()) & ATTRIBUTE_TYPE_MASK) == type) {
                return place;
            }
            int padded = (octets + 3) & ~3;
            place += padded;
            rest -= padded;
        }
        return 0;
    }
}
