package adit.capture;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/// Reads pcap files: either byte order, times in microseconds or nanoseconds.
final class PcapReader extends CaptureReader {
    private static final int MAGIC_MICROS = 0xa1b2_c3d4;
    private static final int FILE_HEADER = 24;
    private static final int RECORD_HEADER = 16;

    /// What the first four octets tell.
    ///
    /// @param order the byte order of all headers
    /// @param nanosPerUnit the unit of the fractions of a second
    record Format(ByteOrder order, int nanosPerUnit) {
        static Optional<Format> of(int magic) {
            return switch (magic) {
                case MAGIC_MICROS -> Optional.of(new Format(ByteOrder.BIG_ENDIAN, 1000));
                case PcapWriter.MAGIC_NANOS -> Optional.of(new Format(ByteOrder.BIG_ENDIAN, 1));
                case 0xd4c3_b2a1 -> Optional.of(new Format(ByteOrder.LITTLE_ENDIAN, 1000));
                case 0x4d3c_b2a1 -> Optional.of(new Format(ByteOrder.LITTLE_ENDIAN, 1));
                default -> Optional.empty();
            };
        }
    }

    private final Format format;
    private LinkType linkType;

    PcapReader(OctetSource source, Format format) {
        super(source);
        this.format = format;
    }

    @Override
    Optional<CapturedPacket> read() throws IOException {
        if (linkType == null) {
            ByteBuffer header = ByteBuffer.wrap(source.read(FILE_HEADER)).order(format.order);
            if (header.remaining() < FILE_HEADER) {
                return fail(source.offset(), "the file ends within its header");
            }
            int major = header.getShort(4);
            if (major != 2) {
                return fail(4, "version " + major + " of pcap is not known");
            }
            // The upper bits hold the length of a frame check sequence.
            linkType = new LinkType(header.getInt(20) & 0xffff);
        }
        long at = source.offset();
        ByteBuffer record = ByteBuffer.wrap(source.read(RECORD_HEADER)).order(format.order);
        if (record.remaining() == 0) {
            return Optional.empty();
        }
        if (record.remaining() < RECORD_HEADER) {
            return fail(at, "the file ends within the header of a packet");
        }
        long seconds = record.getInt() & 0xffff_ffffL;
        long fraction = record.getInt() & 0xffff_ffffL;
        long captured = record.getInt() & 0xffff_ffffL;
        long original = record.getInt() & 0xffff_ffffL;
        if (captured > MAX_LENGTH) {
            return fail(at, "a packet of " + captured + " octets is none");
        }
        byte[] octets = source.read((int) captured);
        if (octets.length < captured) {
            return fail(at, "the file ends within a packet: " + octets.length + " of " + captured + " octets");
        }
        return Optional.of(new CapturedPacket(
                countPacket(),
                "",
                linkType,
                OptionalLong.of(seconds * 1_000_000_000L + fraction * format.nanosPerUnit),
                Direction.UNKNOWN,
                MemorySegment.ofArray(octets),
                original,
                List.of()));
    }
}
