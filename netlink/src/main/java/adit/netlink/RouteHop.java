package adit.netlink;

import adit.wire.IpAddress;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// One of several next hops of a route, within RTA_MULTIPATH: `struct rtnexthop` and attributes.
///
/// ```
/// 0        2       3      4       8
/// | length | flags | hops | index | attributes, padded to a multiple of four
/// ```
///
/// @param flags RTNH_F flags
/// @param weight its share of packets, 1 to 256; one less stands in the message
/// @param index the link's index, 0 for none
/// @param attributes RTA attributes
public record RouteHop(int flags, int weight, int index, AttributeTable attributes) {
    /// The octets of the fixed part.
    public static final int FIXED_LENGTH = 8;

    /// Reads next hops as far as they are whole.
    public static List<RouteHop> read(byte[] octets) {
        MemorySegment s = MemorySegment.ofArray(octets);
        List<RouteHop> hops = new ArrayList<>();
        long at = 0;
        for (long length = length(s, at); length > 0; length = length(s, at)) {
            hops.add(new RouteHop(
                    octets[(int) at + 2] & 0xff,
                    (octets[(int) at + 3] & 0xff) + 1,
                    HostOrder.i32(s, at + 4),
                    AttributeTable.read(new AttributeReader(s, at + FIXED_LENGTH, at + length))));
            at += Netlink.align(length);
        }
        return hops;
    }

    /// The neighbour, of any family; empty when destinations are on the link.
    public Optional<IpAddress> gateway() {
        if (attributes.has(Rtnetlink.RTA_GATEWAY)) {
            return Optional.of(Addresses.read(attributes.octets(Rtnetlink.RTA_GATEWAY)));
        }
        return attributes.has(Rtnetlink.RTA_VIA)
                ? Optional.of(Addresses.readVia(attributes.octets(Rtnetlink.RTA_VIA)))
                : Optional.empty();
    }

    /// Whether `octets` are next hops and nothing else, one at least.
    public static boolean areWhole(byte[] octets) {
        MemorySegment s = MemorySegment.ofArray(octets);
        long at = 0;
        for (long length = length(s, at); length > 0; length = length(s, at)) {
            at += Netlink.align(length);
        }
        return at > 0 && at >= octets.length;
    }

    /// How long the next hop is that stands there; 0 when none does.
    private static long length(MemorySegment s, long at) {
        if (s.byteSize() - at < FIXED_LENGTH) {
            return 0;
        }
        int length = HostOrder.u16(s, at);
        return length < FIXED_LENGTH || length > s.byteSize() - at ? 0 : length;
    }

    /// Appends a next hop, to the payload of RTA_MULTIPATH, whose attributes `said` writes.
    public static void write(MessageWriter w, int flags, int weight, int index, MessageWriter.Body said) {
        int hops = weight - 1;
        boolean littleEndian = ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN;
        // Its length stands in front of it, as an attribute's does; flags and hops are where that has its type.
        w.nested(littleEndian ? hops << Byte.SIZE | flags : flags << Byte.SIZE | hops, h -> {
            h.i32(index);
            said.writeTo(h);
        });
    }
}
