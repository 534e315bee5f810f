package adit.capture;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;

/// A stream whose offset is known, and whose first octets were looked at already.
final class OctetSource {
    private final InputStream in;
    private final byte[] first;
    private long offset;

    OctetSource(InputStream in, byte[] first) {
        this.in = in;
        this.first = first;
    }

    /// The next `length` octets, or all that are left when they are fewer. Memory grows with what is there, not
    /// with what was asked for.
    byte[] read(int length) throws IOException {
        byte[] octets;
        if (offset < first.length) {
            int from = (int) offset;
            byte[] head = Arrays.copyOfRange(first, from, Math.min(first.length, from + length));
            byte[] tail = in.readNBytes(length - head.length);
            octets = Arrays.copyOf(head, head.length + tail.length);
            System.arraycopy(tail, 0, octets, head.length, tail.length);
        } else {
            octets = in.readNBytes(length);
        }
        offset += octets.length;
        return octets;
    }

    /// How many octets were read.
    long offset() {
        return offset;
    }
}
