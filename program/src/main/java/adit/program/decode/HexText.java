package adit.program.decode;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.util.Optional;
import java.util.function.Consumer;

/// Reads packets out of text: what `xxd`, `hexdump -C`, `od -tx1`, `tcpdump -x` and `-X`, and Wireshark print,
/// and plain hexadecimal digits. A packet ends at an empty line, at a line of words and where offsets begin
/// again at 0.
///
/// A packet with a fault is left out, and said where. Nothing that is read makes it grow beyond [#MAX_PACKET]
/// and [#MAX_LINE].
public final class HexText {
    /// The longest packet, in octets: more than any IP packet and its link layer.
    public static final int MAX_PACKET = 1 << 18;
    /// The longest line, in characters: a packet in plain digits, with something between them.
    public static final int MAX_LINE = 1 << 20;

    private static final int UNKNOWN = 0;

    private final InputStream in;
    private final Consumer<String> faults;
    private final ByteArrayOutputStream packet = new ByteArrayOutputStream();
    private int line;
    private int firstLine;
    private HexLine pending;
    private byte[] last = new byte[0];
    private boolean repeating;
    private boolean hasOffsets;
    private int radix = UNKNOWN;
    private boolean spoiled;
    private boolean ended;

    /// A packet.
    ///
    /// @param line the line that it begins in, from 1
    /// @param octets the whole of it
    public record Packet(int line, MemorySegment octets) {}

    /// Reads `in`; `faults` is told of each fault as `line:column: what`.
    public HexText(InputStream in, Consumer<String> faults) {
        this.in = in;
        this.faults = faults;
    }

    /// The next packet; nothing at the end of the text.
    public Optional<Packet> next() throws IOException {
        while (!ended) {
            HexLine read = pending == null ? readLine() : pending;
            pending = null;
            if (!take(read)) {
                Optional<Packet> whole = finish();
                if (whole.isPresent()) {
                    return whole;
                }
            }
        }
        return Optional.empty();
    }

    /// Adds a line to the packet; false when the packet ends before it.
    private boolean take(HexLine read) {
        switch (read) {
            case HexLine.Comment _ -> {
                return true;
            }
            case HexLine.Blank _, HexLine.Remark _ -> {
                return false;
            }
            case HexLine.Repeat _ -> {
                repeating = true;
                return true;
            }
            case HexLine.Fault fault -> {
                fail(fault.column(), fault.what());
                return true;
            }
            case HexLine.Lone lone -> {
                return (hasOffsets && position(lone.digits()) == packet.size()) || take(lone.otherwise());
            }
            case HexLine.Octets octets -> {
                return take(octets);
            }
        }
    }

    private boolean take(HexLine.Octets read) {
        byte[] octets = read.toArray();
        boolean hasOffset = !read.offset().isEmpty();
        boolean begun = packet.size() > 0 || spoiled;
        if (begun && hasOffset && position(read.offset()) == 0) {
            pending = read;
            return false;
        }
        if (spoiled) {
            return true;
        }
        if (!begun) {
            firstLine = line;
        }
        if (hasOffset) {
            hasOffsets = true;
            long position = position(read.offset());
            repeatUpTo(position);
            if (position != packet.size()) {
                fail(1, "offset " + read.offset() + ", but there are " + packet.size() + " octets before it");
                return true;
            }
        }
        if (packet.size() + octets.length > MAX_PACKET) {
            fail(1, "a packet of more than " + MAX_PACKET + " octets");
            return true;
        }
        packet.writeBytes(octets);
        last = octets;
        return true;
    }

    /// What an offset says: hexadecimal, or octal or decimal as od has it. The first offset that tells, decides
    /// for the packet.
    private long position(String offset) {
        if (radix == UNKNOWN) {
            int size = packet.size();
            boolean telling = size > 0 && !repeating;
            for (int candidate : new int[] {16, 8, 10}) {
                if (telling && value(offset, candidate) == size) {
                    radix = candidate;
                    return size;
                }
            }
            // hexdump and xxd have 8 digits, od has 7 and means octal.
            return value(offset, offset.length() == 7 ? 8 : 16);
        }
        return value(offset, radix);
    }

    /// -1 when these are no digits of the radix.
    private static long value(String digits, int radix) {
        try {
            return Long.parseLong(digits, radix);
        } catch (NumberFormatException e) {
            return -1;
        }
    }

    private void repeatUpTo(long position) {
        while (repeating && last.length > 0 && packet.size() < Math.min(position, MAX_PACKET)) {
            packet.writeBytes(last);
        }
        repeating = false;
    }

    private void fail(int column, String what) {
        faults.accept(line + ":" + column + ": " + what);
        spoiled = true;
    }

    private Optional<Packet> finish() {
        Optional<Packet> whole = packet.size() == 0 || spoiled
                ? Optional.empty()
                : Optional.of(new Packet(firstLine, MemorySegment.ofArray(packet.toByteArray())));
        packet.reset();
        spoiled = false;
        repeating = false;
        hasOffsets = false;
        radix = UNKNOWN;
        last = new byte[0];
        return whole;
    }

    /// The next line, without its end. The end of the text counts as an empty line.
    private HexLine readLine() throws IOException {
        line++;
        StringBuilder text = new StringBuilder();
        int c = in.read();
        while (c >= 0 && c != '\n') {
            if (text.length() == MAX_LINE) {
                fail(1, "a line of more than " + MAX_LINE + " characters");
                ended = true;
                return new HexLine.Blank();
            }
            // One character an octet: only ASCII means anything here.
            text.append((char) c);
            c = in.read();
        }
        if (c < 0) {
            ended = text.isEmpty();
        }
        if (!text.isEmpty() && text.charAt(text.length() - 1) == '\r') {
            text.setLength(text.length() - 1);
        }
        return HexLine.of(text.toString());
    }
}
