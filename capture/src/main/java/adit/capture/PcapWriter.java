package adit.capture;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.WritableByteChannel;

/// Writes a pcap file with times in nanoseconds, little-endian: for programs that don't know pcapng. It has no
/// interfaces, directions and comments. For one thread.
public final class PcapWriter implements AutoCloseable {
    static final int MAGIC_NANOS = 0xa1b2_3c4d;
    static final int FILE_HEADER = 24;
    static final int RECORD_HEADER = 16;

    private static final int BUFFER = 1 << 18;

    private final WritableByteChannel channel;
    private final int snapLength;
    private final ByteBuffer buffer;
    private boolean closed;

    /// Starts a file.
    ///
    /// @param channel where it goes; closed with the writer
    /// @param type what all its packets begin with
    /// @param snapLength how many octets of a packet are kept at most, 1 to 262144
    public PcapWriter(WritableByteChannel channel, LinkType type, int snapLength) throws IOException {
        if (snapLength < 1 || snapLength > CaptureFile.MAX_SNAP_LENGTH) {
            throw new IllegalArgumentException("snap length " + snapLength);
        }
        this.channel = channel;
        this.snapLength = snapLength;
        this.buffer =
                ByteBuffer.allocateDirect(BUFFER + RECORD_HEADER + snapLength).order(ByteOrder.LITTLE_ENDIAN);
        buffer.putInt(MAGIC_NANOS).putShort((short) 2).putShort((short) 4);
        buffer.putInt(0).putInt(0).putInt(snapLength).putInt(type.number());
        flush();
    }

    /// Adds the `length` octets at `at` as a packet seen `nanos` nanoseconds after 1970.
    public void packet(long nanos, MemorySegment s, long at, int length) throws IOException {
        int captured = Math.min(length, snapLength);
        if (buffer.remaining() < RECORD_HEADER + captured) {
            flush();
        }
        buffer.putInt((int) Math.floorDiv(nanos, 1_000_000_000L));
        buffer.putInt((int) Math.floorMod(nanos, 1_000_000_000L));
        buffer.putInt(captured).putInt(length);
        MemorySegment.copy(s, at, MemorySegment.ofBuffer(buffer), 0, captured);
        buffer.position(buffer.position() + captured);
    }

    /// Gives what is buffered to the channel.
    public void flush() throws IOException {
        buffer.flip();
        while (buffer.hasRemaining()) {
            channel.write(buffer);
        }
        buffer.clear();
    }

    /// Flushes and closes the channel. A second close does nothing.
    @Override
    public void close() throws IOException {
        if (closed) {
            return;
        }
        closed = true;
        try (channel) {
            flush();
        }
    }
}
