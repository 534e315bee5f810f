package adit.capture;

import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;

/// Reads the packets of a pcap or pcapng file one after another.
///
/// A file may be cut off, or lie about any length. Then the packets before that place come out as always, and
/// [#fault] says what was wrong and where. No length in the file makes the reader allocate more than the file
/// has octets.
public abstract sealed class CaptureReader permits PcapReader, PcapngReader {
    /// Longer packets and blocks are taken for a lie.
    static final int MAX_LENGTH = 1 << 24;

    final OctetSource source;
    private String fault = "";
    private long packets;

    CaptureReader(OctetSource source) {
        this.source = source;
    }

    /// Starts to read `in`, which stays the caller's; nothing when its first octets are of neither format. Then
    /// those octets are gone from `in`, unless it supports marks.
    public static Optional<CaptureReader> open(InputStream in) throws IOException {
        if (in.markSupported()) {
            in.mark(4);
        }
        byte[] first = in.readNBytes(4);
        if (first.length == 4) {
            int magic = (first[0] & 0xff) << 24 | (first[1] & 0xff) << 16 | (first[2] & 0xff) << 8 | (first[3] & 0xff);
            OctetSource source = new OctetSource(in, first);
            if (magic == PcapngBlocks.SECTION_HEADER) {
                return Optional.of(new PcapngReader(source));
            }
            Optional<PcapReader.Format> format = PcapReader.Format.of(magic);
            if (format.isPresent()) {
                return Optional.of(new PcapReader(source, format.get()));
            }
        }
        if (in.markSupported()) {
            in.reset();
        }
        return Optional.empty();
    }

    /// The next packet; nothing at the end of the file, and from the first fault on.
    public final Optional<CapturedPacket> next() throws IOException {
        return fault.isEmpty() ? read() : Optional.empty();
    }

    /// What was wrong with the file, and at which octet; nothing when it was sound so far.
    public final Optional<String> fault() {
        return fault.isEmpty() ? Optional.empty() : Optional.of(fault);
    }

    abstract Optional<CapturedPacket> read() throws IOException;

    /// Notes what is wrong and ends the reading.
    final <T> Optional<T> fail(long offset, String what) {
        fault = what + ", at octet " + offset;
        return Optional.empty();
    }

    final long countPacket() {
        return ++packets;
    }
}
