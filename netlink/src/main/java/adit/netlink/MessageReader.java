package adit.netlink;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// Walks the messages of one datagram.
///
/// ```
/// 0        4      6       8          12        16
/// | length | type | flags | sequence | port id | body, padded to a multiple of four
/// ```
///
/// Never looks behind the given end, whatever the lengths claim; a lie throws [MalformedMessageException].
public final class MessageReader {
    /// The length of the header, in octets.
    static final int HEADER_LENGTH = 16;

    private final MemorySegment segment;
    private final long end;
    private long next;
    private long at;
    private long messageEnd;

    /// A reader of the messages that stand in `segment` from `at` up to `end`, in front of the first of them.
    public MessageReader(MemorySegment segment, long at, long end) {
        this.segment = segment.asReadOnly();
        this.next = at;
        this.end = end;
    }

    /// Steps to the next message; false behind the last.
    public boolean next() {
        if (next >= end) {
            return false;
        }
        if (end - next < HEADER_LENGTH) {
            throw new MalformedMessageException((end - next) + " octets are left, too few for a message header");
        }
        long length = Integer.toUnsignedLong(HostOrder.i32(segment, next));
        if (length < HEADER_LENGTH || length > end - next) {
            throw new MalformedMessageException("a message claims " + length + " of " + (end - next) + " octets");
        }
        at = next;
        messageEnd = at + length;
        next = at + Netlink.align(length);
        return true;
    }

    /// What kind of message it is: an NLMSG or RTM constant, or the number of a generic family.
    public int type() {
        return HostOrder.u16(segment, at + 4);
    }

    /// The NLM_F flags.
    public int flags() {
        return HostOrder.u16(segment, at + 6);
    }

    /// Whether all the bits of `flag` are set.
    public boolean has(int flag) {
        return (flags() & flag) == flag;
    }

    /// The number that joins an answer with its request.
    public int sequence() {
        return HostOrder.i32(segment, at + 8);
    }

    /// The address of the socket that asked; 0 in what the kernel says of its own.
    public int port() {
        return HostOrder.i32(segment, at + 12);
    }

    /// The message's length with its header, in octets.
    public int length() {
        return (int) (messageEnd - at);
    }

    /// The octet `offset` of the body, 0 to 255.
    public int u8(int offset) {
        return Byte.toUnsignedInt(segment.get(ValueLayout.JAVA_BYTE, body(offset, 1)));
    }

    /// Two octets of the body.
    public int u16(int offset) {
        return HostOrder.u16(segment, body(offset, 2));
    }

    /// Four octets of the body.
    public int i32(int offset) {
        return HostOrder.i32(segment, body(offset, 4));
    }

    /// A copy of the whole message, header included.
    public byte[] octets() {
        return segment.asSlice(at, messageEnd - at).toArray(ValueLayout.JAVA_BYTE);
    }

    /// The attributes that follow a fixed part of `fixed` octets.
    public AttributeReader attributes(int fixed) {
        return new AttributeReader(segment, Math.min(body(0, fixed) + Netlink.align(fixed), messageEnd), messageEnd);
    }

    private long body(int offset, int length) {
        long body = at + HEADER_LENGTH;
        if (messageEnd - body < offset + length) {
            throw new MalformedMessageException("message of type " + type() + " has " + (messageEnd - body)
                    + " octets behind its header, " + (offset + length) + " are needed");
        }
        return body + offset;
    }
}
