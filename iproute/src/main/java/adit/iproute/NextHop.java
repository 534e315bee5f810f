package adit.iproute;

import adit.netlink.AttributeReader;
import adit.netlink.AttributeTable;
import adit.netlink.MalformedMessageException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;

/// One of several next hops of a route: `struct rtnexthop` and attributes.
///
/// ```
/// 0        2       3      4       8
/// | length | flags | hops | index | attributes, padded to a multiple of four
/// ```
///
/// @param flags RTNH_F flags
/// @param hops the weight less one
/// @param index the link's index
/// @param attributes RTA attributes
record NextHop(int flags, int hops, int index, AttributeTable attributes) {
    /// The octets of the fixed part.
    static final int FIXED_LENGTH = 8;

    private static final ValueLayout.OfShort U16 = ValueLayout.JAVA_SHORT_UNALIGNED;
    private static final ValueLayout.OfInt I32 = ValueLayout.JAVA_INT_UNALIGNED;

    static List<NextHop> read(byte[] octets) {
        MemorySegment s = MemorySegment.ofArray(octets);
        List<NextHop> hops = new ArrayList<>();
        long at = 0;
        while (s.byteSize() - at >= FIXED_LENGTH) {
            int length = Short.toUnsignedInt(s.get(U16, at));
            if (length < FIXED_LENGTH || length > s.byteSize() - at) {
                throw new MalformedMessageException("a next hop claims " + length + " octets");
            }
            hops.add(new NextHop(
                    octets[(int) at + 2] & 0xff,
                    octets[(int) at + 3] & 0xff,
                    s.get(I32, at + 4),
                    AttributeTable.read(new AttributeReader(s, at + FIXED_LENGTH, at + length))));
            at += (length + 3) & ~3;
        }
        return hops;
    }
}
