package adit.netlink;

import adit.wire.Octets;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/// The attributes of a message, to be looked up by type: for whoever shows all that a message says, where a
/// record of chosen fields would leave things out.
///
/// Of attributes with the same type the first counts. Asking for what is not there, or is too short, throws
/// [MalformedMessageException]; [#has] tells beforehand. Holds copies, so the message may go.
public final class AttributeTable {
    /// A table without attributes.
    public static final AttributeTable EMPTY = new AttributeTable(Map.of());

    private final Map<Integer, byte[]> payloads;

    private AttributeTable(Map<Integer, byte[]> payloads) {
        this.payloads = payloads;
    }

    /// Reads all that `a` still has in front of it.
    public static AttributeTable read(AttributeReader a) {
        Map<Integer, byte[]> payloads = new HashMap<>();
        while (a.next()) {
            payloads.putIfAbsent(a.type(), a.octets());
        }
        return new AttributeTable(payloads);
    }

    /// Whether there is an attribute of this type.
    public boolean has(int type) {
        return payloads.containsKey(type);
    }

    /// The payload's length in octets.
    public int length(int type) {
        return octets(type).length;
    }

    /// The payload's first octet, 0 to 255.
    public int u8(int type) {
        return Byte.toUnsignedInt(payload(type, 1).get(ValueLayout.JAVA_BYTE, 0));
    }

    /// The payload's first two octets in host order, 0 to 65535.
    public int u16(int type) {
        return HostOrder.u16(payload(type, 2), 0);
    }

    /// The payload's first four octets in host order.
    public int i32(int type) {
        return HostOrder.i32(payload(type, 4), 0);
    }

    /// Four octets in host order from the payload's octet `offset` on.
    public int i32(int type, int offset) {
        return HostOrder.i32(payload(type, offset + 4), offset);
    }

    /// The payload's first four octets in host order, 0 to 4294967295.
    public long u32(int type) {
        return Integer.toUnsignedLong(i32(type));
    }

    /// Eight octets in host order from the payload's octet `offset` on.
    public long i64(int type, int offset) {
        return HostOrder.i64(payload(type, offset + 8), offset);
    }

    /// The payload's first two octets in network order, 0 to 65535.
    public int be16(int type) {
        return Octets.u16(payload(type, 2), 0);
    }

    /// The payload's first four octets in network order.
    public int be32(int type) {
        return Octets.i32(payload(type, 4), 0);
    }

    /// The payload's first eight octets in network order.
    public long be64(int type) {
        return Octets.i64(payload(type, 8), 0);
    }

    /// The payload as text up to its first zero, with or without one.
    public String string(int type) {
        byte[] octets = octets(type);
        int zero = 0;
        while (zero < octets.length && octets[zero] != 0) {
            zero++;
        }
        return new String(octets, 0, zero, StandardCharsets.UTF_8);
    }

    /// The payload. Not to be changed.
    public byte[] octets(int type) {
        byte[] octets = payloads.get(type);
        if (octets == null) {
            throw new MalformedMessageException("attribute " + type + " is missing");
        }
        return octets;
    }

    /// The attributes within an attribute; none when there is no such attribute.
    public AttributeTable nested(int type) {
        return has(type) ? read(elements(type)) : EMPTY;
    }

    /// A reader of the attributes within an attribute, for lists, where types repeat.
    public AttributeReader elements(int type) {
        byte[] octets = octets(type);
        return new AttributeReader(MemorySegment.ofArray(octets), 0, octets.length);
    }

    private MemorySegment payload(int type, int needed) {
        byte[] octets = octets(type);
        if (octets.length < needed) {
            throw new MalformedMessageException(
                    "attribute " + type + " has " + octets.length + " octets, " + needed + " are needed");
        }
        return MemorySegment.ofArray(octets);
    }
}
