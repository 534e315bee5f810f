package adit.netlink;

import adit.wire.Octets;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// Walks the attributes of a message or of another attribute.
///
/// ```
/// 0        2      4
/// | length | type | payload, padded to a multiple of four
/// ```
///
/// The length counts the header and not the padding. Never looks behind the given end, whatever the lengths claim; a
/// lie, and a payload too short for what is read from it, throw [MalformedMessageException]. A payload may be longer
/// than what is read: kernels append fields.
public final class AttributeReader {
    /// The length of an attribute's header, in octets.
    static final int HEADER_LENGTH = 4;

    private final MemorySegment segment;
    private final long end;
    private long next;
    private long at;
    private int length;

    /// A reader of the attributes that stand in `segment` from `at` up to `end`, in front of the first of them.
    public AttributeReader(MemorySegment segment, long at, long end) {
        this.segment = segment;
        this.next = at;
        this.end = end;
    }

    /// Steps to the next attribute; false behind the last.
    public boolean next() {
        if (next >= end) {
            return false;
        }
        if (end - next < HEADER_LENGTH) {
            throw new MalformedMessageException((end - next) + " octets are left, too few for an attribute");
        }
        int claimed = HostOrder.u16(segment, next);
        if (claimed < HEADER_LENGTH || claimed > end - next) {
            throw new MalformedMessageException("an attribute claims " + claimed + " of " + (end - next) + " octets");
        }
        at = next + HEADER_LENGTH;
        length = claimed - HEADER_LENGTH;
        next += Netlink.align(claimed);
        return true;
    }

    /// The type as it stands there, flags included.
    public int rawType() {
        return HostOrder.u16(segment, at - 2);
    }

    /// The type without its flags.
    public int type() {
        return rawType() & Netlink.NLA_TYPE_MASK;
    }

    /// The payload's length in octets.
    public int length() {
        return length;
    }

    /// The payload's first octet, 0 to 255.
    public int u8() {
        return Byte.toUnsignedInt(segment.get(ValueLayout.JAVA_BYTE, payload(1)));
    }

    /// The payload's first two octets in host order, 0 to 65535.
    public int u16() {
        return HostOrder.u16(segment, payload(2));
    }

    /// The payload's first four octets in host order.
    public int i32() {
        return HostOrder.i32(segment, payload(4));
    }

    /// Four octets in host order from the payload's octet `offset` on.
    public int i32(int offset) {
        return HostOrder.i32(segment, payload(offset + Integer.BYTES) + offset);
    }

    /// The payload's first two octets in network order, 0 to 65535.
    public int be16() {
        return Octets.u16(segment, payload(2));
    }

    /// The payload's first four octets in network order.
    public int be32() {
        return Octets.i32(segment, payload(4));
    }

    /// The payload's first six octets in network order, as an Ethernet address.
    public long be48() {
        return Octets.u48(segment, payload(6));
    }

    /// The payload as text up to its first zero, with or without one.
    public String string() {
        byte[] octets = octets();
        int zero = 0;
        while (zero < octets.length && octets[zero] != 0) {
            zero++;
        }
        return new String(Arrays.copyOf(octets, zero), StandardCharsets.UTF_8);
    }

    /// A copy of the payload.
    public byte[] octets() {
        return segment.asSlice(at, length).toArray(ValueLayout.JAVA_BYTE);
    }

    /// A reader of the attributes within the payload.
    public AttributeReader nested() {
        return nested(0);
    }

    /// A reader of the attributes within the payload behind a fixed part of `fixed` octets.
    public AttributeReader nested(int fixed) {
        return new AttributeReader(segment, payload(fixed) + fixed, at + length);
    }

    private long payload(int needed) {
        if (length < needed) {
            throw new MalformedMessageException(
                    "attribute " + type() + " has " + length + " octets, " + needed + " are needed");
        }
        return at;
    }
}
