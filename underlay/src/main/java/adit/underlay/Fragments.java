package adit.underlay;

import adit.packet.PacketBatch;
import adit.packet.PacketBuffer;
import adit.packet.PacketPool;
import adit.wire.Ipv4;
import java.lang.foreign.MemorySegment;

/// Splits an IPv4 packet that is larger than its path allows. RFC 791 section 3.2.
///
/// Each fragment but the last carries the largest multiple of eight octets that fits. The header of the whole must
/// have no options, as [OuterHeader] writes it, and must not carry DF. The whole may itself be a fragment.
public final class Fragments {
    private static final int HEADER = Ipv4.MIN_HEADER_LENGTH;

    private Fragments() {}

    /// Payload octets of each fragment but the last on a path of `mtu` octets; 0 when none fits.
    public static int payloadLength(int mtu) {
        return Math.max(0, (mtu - HEADER) & ~7);
    }

    /// How many fragments a payload of `payloadLength` octets makes on a path of `mtu` octets.
    public static int count(int payloadLength, int mtu) {
        if (HEADER + payloadLength <= mtu) {
            return 1;
        }
        int each = payloadLength(mtu);
        // The last fragment may be longer than the others by what the rounding took.
        return 1 + (payloadLength - (mtu - HEADER) + each - 1) / each;
    }

    /// Writes at `to` in `target` the header of the fragment that carries `length` payload octets, from the octet
    /// `offset` on, of the packet whose header stands at `whole` in `s`. The two headers may be the same octets.
    public static void emitHeader(MemorySegment s, long whole, int offset, int length, MemorySegment target, long to) {
        boolean last = HEADER + offset + length == Ipv4.totalLength(s, whole);
        int flags = last ? Ipv4.flags(s, whole) : Ipv4.flags(s, whole) | Ipv4.MORE_FRAGMENTS;
        Ipv4.emit(
                target,
                to,
                Ipv4.tos(s, whole),
                HEADER + length,
                Ipv4.identification(s, whole),
                flags,
                Ipv4.fragmentOffset(s, whole) + offset,
                Ipv4.timeToLive(s, whole),
                Ipv4.protocol(s, whole),
                Ipv4.source(s, whole),
                Ipv4.destination(s, whole));
    }

    /// Appends to `into`, in order, the fragments of the IPv4 packet `whole` for a path of `mtu` octets. The first
    /// reuses `whole`, the others come from `pool` and carry what travels beside the octets of the first. Answers
    /// false, and changes nothing, when pool or batch have no room for all of them or when not even eight octets of
    /// payload fit; `whole` then stays the caller's.
    public static boolean split(PacketBuffer whole, int mtu, PacketPool pool, PacketBatch into) {
        int total = Ipv4.totalLength(whole.segment(), whole.head());
        int each = payloadLength(mtu);
        if (total > mtu && each == 0) {
            return false;
        }
        int count = count(total - HEADER, mtu);
        if (into.room() < count || pool.capacity() - pool.lent() < count - 1) {
            return false;
        }
        into.add(whole);
        if (count == 1) {
            return true;
        }
        MemorySegment s = whole.segment();
        int head = whole.head();
        for (int i = 1; i < count; i++) {
            int offset = i * each;
            int length = i == count - 1 ? total - HEADER - offset : each;
            PacketBuffer p = pool.lend();
            into.add(p);
            p.describeAs(whole);
            MemorySegment.copy(s, head + HEADER + offset, p.segment(), p.put(length), length);
            emitHeader(s, head, offset, length, p.segment(), p.push(HEADER));
        }
        whole.trim(HEADER + each);
        emitHeader(s, head, 0, each, s, head);
        return true;
    }
}
