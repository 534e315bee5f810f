package adit.capture;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/// The blocks of a pcapng file, written in place, little-endian. Lengths are in octets, times in nanoseconds
/// since 1970.
///
/// ```
/// | block type | total length | body ... | options: code, length, value, padding ... | total length |
/// ```
final class PcapngBlocks {
    static final int SECTION_HEADER = 0x0a0d_0d0a;
    static final int BYTE_ORDER_MAGIC = 0x1a2b_3c4d;
    static final int INTERFACE_DESCRIPTION = 1;
    static final int SIMPLE_PACKET = 3;
    static final int INTERFACE_STATISTICS = 5;
    static final int ENHANCED_PACKET = 6;

    static final int OPT_END = 0;
    static final int OPT_COMMENT = 1;
    static final int SHB_OS = 3;
    static final int SHB_USER_APPLICATION = 4;
    static final int IF_NAME = 2;
    static final int IF_DESCRIPTION = 3;
    static final int IF_TIME_RESOLUTION = 9;
    static final int IF_TIME_OFFSET = 14;
    static final int EPB_FLAGS = 2;
    static final int ISB_RECEIVED = 4;
    static final int ISB_DROPPED = 5;

    /// From the start of an enhanced packet block to the packet's octets.
    static final int PACKET_HEADER = 28;

    private static final ValueLayout.OfInt U32 = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfShort U16 = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong U64 = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final byte NANOSECONDS = 9;

    private PcapngBlocks() {}

    static int padded(int length) {
        return (length + 3) & ~3;
    }

    /// The room that an enhanced packet block takes at most.
    static int packetRoom(int capturedLength, int commentLength) {
        return PACKET_HEADER
                + padded(capturedLength)
                + 8
                + (commentLength == 0 ? 0 : 4 + padded(commentLength))
                + 4
                + 4;
    }

    /// Writes a section header and answers its length.
    static int section(MemorySegment s, long at, String application) {
        s.set(U32, at, SECTION_HEADER);
        s.set(U32, at + 8, BYTE_ORDER_MAGIC);
        s.set(U16, at + 12, (short) 1);
        s.set(U16, at + 14, (short) 0);
        s.set(U64, at + 16, -1L); // the section's length is not known beforehand
        long end = option(
                s, at + 24, SHB_OS, text(System.getProperty("os.name") + " " + System.getProperty("os.version")));
        end = option(s, end, SHB_USER_APPLICATION, text(application));
        return finish(s, at, option(s, end, OPT_END, new byte[0]));
    }

    /// Writes an interface description and answers its length.
    static int interfaceDescription(
            MemorySegment s, long at, LinkType type, int snapLength, String name, String description) {
        s.set(U32, at, INTERFACE_DESCRIPTION);
        s.set(U16, at + 8, (short) type.number());
        s.set(U16, at + 10, (short) 0);
        s.set(U32, at + 12, snapLength);
        long end = option(s, at + 16, IF_NAME, text(name));
        if (!description.isEmpty()) {
            end = option(s, end, IF_DESCRIPTION, text(description));
        }
        end = option(s, end, IF_TIME_RESOLUTION, new byte[] {NANOSECONDS});
        return finish(s, at, option(s, end, OPT_END, new byte[0]));
    }

    /// Writes what stands in front of a packet's octets. They go to [#PACKET_HEADER] behind `at`; then
    /// [#finishPacket].
    static void packet(MemorySegment s, long at, int interfaceId, long nanos, int capturedLength, int originalLength) {
        s.set(U32, at, ENHANCED_PACKET);
        s.set(U32, at + 8, interfaceId);
        s.set(U32, at + 12, (int) (nanos >>> 32));
        s.set(U32, at + 16, (int) nanos);
        s.set(U32, at + 20, capturedLength);
        s.set(U32, at + 24, originalLength);
    }

    /// Writes what stands behind a packet's octets and answers the block's length.
    ///
    /// @param comment in UTF-8; empty for none
    static int finishPacket(MemorySegment s, long at, int capturedLength, Direction direction, byte[] comment) {
        long end = pad(s, at + PACKET_HEADER, capturedLength);
        if (direction != Direction.UNKNOWN) {
            s.set(U16, end, (short) EPB_FLAGS);
            s.set(U16, end + 2, (short) 4);
            s.set(U32, end + 4, direction.ordinal());
            end += 8;
        }
        if (comment.length > 0) {
            end = option(s, end, OPT_COMMENT, comment);
        }
        if (end > at + PACKET_HEADER + padded(capturedLength)) {
            s.set(U32, end, OPT_END);
            end += 4;
        }
        return finish(s, at, end);
    }

    /// Writes what became of an interface's packets and answers the block's length.
    static int statistics(MemorySegment s, long at, int interfaceId, long nanos, long received, long dropped) {
        s.set(U32, at, INTERFACE_STATISTICS);
        s.set(U32, at + 8, interfaceId);
        s.set(U32, at + 12, (int) (nanos >>> 32));
        s.set(U32, at + 16, (int) nanos);
        long end = option(s, at + 20, ISB_RECEIVED, received);
        end = option(s, end, ISB_DROPPED, dropped);
        return finish(s, at, option(s, end, OPT_END, new byte[0]));
    }

    /// The time of an enhanced packet block.
    static long nanos(MemorySegment s, long at) {
        return (long) s.get(U32, at + 12) << 32 | (s.get(U32, at + 16) & 0xffff_ffffL);
    }

    private static long option(MemorySegment s, long at, int code, byte[] value) {
        s.set(U16, at, (short) code);
        s.set(U16, at + 2, (short) value.length);
        MemorySegment.copy(value, 0, s, ValueLayout.JAVA_BYTE, at + 4, value.length);
        return pad(s, at + 4, value.length);
    }

    private static long option(MemorySegment s, long at, int code, long value) {
        s.set(U16, at, (short) code);
        s.set(U16, at + 2, (short) 8);
        s.set(U64, at + 4, value);
        return at + 12;
    }

    /// Fills up to a multiple of four with zeros and answers where that ends.
    private static long pad(MemorySegment s, long at, int length) {
        for (int i = length; i < padded(length); i++) {
            s.set(ValueLayout.JAVA_BYTE, at + i, (byte) 0);
        }
        return at + padded(length);
    }

    private static int finish(MemorySegment s, long at, long end) {
        int length = (int) (end + 4 - at);
        s.set(U32, at + 4, length);
        s.set(U32, end, length);
        return length;
    }

    /// UTF-8 of at most 1000 octets, cut between characters.
    static byte[] text(String text) {
        byte[] octets = text.getBytes(StandardCharsets.UTF_8);
        if (octets.length <= MAX_TEXT) {
            return octets;
        }
        int end = MAX_TEXT;
        while ((octets[end] & 0xc0) == 0x80) {
            end--;
        }
        return java.util.Arrays.copyOf(octets, end);
    }

    static final int MAX_TEXT = 1000;
}
