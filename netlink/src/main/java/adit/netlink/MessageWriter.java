package adit.netlink;

import adit.wire.Octets;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;

/// Writes messages one behind the other into a given segment.
///
/// A message that does not fit throws [IllegalStateException] and takes itself back, so that a server can send
/// what it has and begin again with an empty segment. Padding is written as zero.
public final class MessageWriter {
    private static final int MAX_ATTRIBUTE = 0xffff;

    private final MemorySegment segment;
    private long start;
    private long at;

    /// A writer at the start of `segment`.
    public MessageWriter(MemorySegment segment) {
        this.segment = segment;
    }

    /// Appends a message. `flags` are NLM_F flags; `sequence` and `port` join an answer with its request.
    public MessageWriter message(int type, int flags, int sequence, int port, Body body) {
        start = at;
        try {
            claim(MessageReader.HEADER_LENGTH);
            HostOrder.put16(segment, start + 4, type);
            HostOrder.put16(segment, start + 6, flags);
            HostOrder.put32(segment, start + 8, sequence);
            HostOrder.put32(segment, start + 12, port);
            body.writeTo(this);
            HostOrder.put32(segment, start, Math.toIntExact(at - start));
            pad();
        } catch (Throwable t) {
            at = start;
            throw t;
        }
        return this;
    }

    /// Octets written so far.
    public long length() {
        return at;
    }

    /// Forgets what was written.
    public void clear() {
        at = 0;
    }

    /// Appends an octet, of a fixed part or within an attribute's payload.
    public MessageWriter u8(int value) {
        Octets.put8(segment, claim(1), value);
        return this;
    }

    /// Appends two octets in host order.
    public MessageWriter u16(int value) {
        HostOrder.put16(segment, claim(2), value);
        return this;
    }

    /// Appends four octets in host order.
    public MessageWriter i32(int value) {
        HostOrder.put32(segment, claim(4), value);
        return this;
    }

    /// Appends octets as they are.
    public MessageWriter octets(byte[] octets) {
        long to = claim(octets.length);
        MemorySegment.copy(octets, 0, segment, ValueLayout.JAVA_BYTE, to, octets.length);
        return this;
    }

    /// Appends zeros up to a multiple of four.
    MessageWriter pad() {
        while (at != Netlink.align(at)) {
            u8(0);
        }
        return this;
    }

    /// Appends an attribute without payload: that it is there is what it says.
    public MessageWriter flag(int type) {
        return nested(type, _ -> {});
    }

    /// Appends an attribute of one octet.
    public MessageWriter u8(int type, int value) {
        return nested(type, w -> w.u8(value));
    }

    /// Appends an attribute of two octets in host order.
    public MessageWriter u16(int type, int value) {
        return nested(type, w -> w.u16(value));
    }

    /// Appends an attribute of four octets in host order.
    public MessageWriter i32(int type, int value) {
        return nested(type, w -> w.i32(value));
    }

    /// Appends an attribute of eight octets in host order.
    public MessageWriter i64(int type, long value) {
        return nested(type, w -> HostOrder.put64(segment, w.claim(8), value));
    }

    /// Appends an attribute of two octets in network order.
    public MessageWriter be16(int type, int value) {
        return nested(type, w -> Octets.put16(segment, w.claim(2), value));
    }

    /// Appends an attribute of four octets in network order.
    public MessageWriter be32(int type, int value) {
        return nested(type, w -> Octets.put32(segment, w.claim(4), value));
    }

    /// Appends an attribute of octets as they are.
    public MessageWriter octets(int type, byte[] octets) {
        return nested(type, w -> w.octets(octets));
    }

    /// Appends an attribute of text with a zero at its end.
    public MessageWriter string(int type, String text) {
        return nested(type, w -> w.octets(text.getBytes(StandardCharsets.UTF_8)).u8(0));
    }

    /// Appends an attribute whose payload `content` writes. `type` is written as it is given, flags included.
    public MessageWriter nested(int type, Body content) {
        long header = claim(AttributeReader.HEADER_LENGTH);
        HostOrder.put16(segment, header + 2, type);
        content.writeTo(this);
        long length = at - header;
        if (length > MAX_ATTRIBUTE) {
            throw new IllegalStateException("attribute " + type + " would have " + length + " octets");
        }
        HostOrder.put16(segment, header, (int) length);
        return pad();
    }

    private long claim(int octets) {
        if (octets > segment.byteSize() - at) {
            throw new IllegalStateException("no room for another message within " + segment.byteSize() + " octets");
        }
        long here = at;
        at += octets;
        return here;
    }

    /// Something that writes the octets behind a header.
    @FunctionalInterface
    public interface Body {
        /// Appends the octets.
        void writeTo(MessageWriter w);
    }
}
