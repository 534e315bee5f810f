package adit.capture;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;

/// Writes a pcapng file of one section. For one thread, which waits for the file when the buffer is full; see
/// [CaptureFile] for packets that can't wait.
public final class PcapngWriter implements AutoCloseable {
    private static final int BUFFER = 1 << 18;
    private static final int DESCRIPTION_ROOM = 4 * PcapngBlocks.MAX_TEXT;

    private final WritableByteChannel channel;
    private final Arena arena = Arena.ofShared();
    private final MemorySegment buffer;
    private final int snapLength;
    private int filled;
    private int interfaces;
    private boolean closed;

    /// Starts a file.
    ///
    /// @param channel where it goes; closed with the writer
    /// @param application what writes it
    /// @param snapLength how many octets of a packet are kept at most, 1 to 262144
    public PcapngWriter(WritableByteChannel channel, String application, int snapLength) throws IOException {
        if (snapLength < 1 || snapLength > CaptureFile.MAX_SNAP_LENGTH) {
            throw new IllegalArgumentException("snap length " + snapLength);
        }
        this.channel = channel;
        this.snapLength = snapLength;
        this.buffer = arena.allocate(BUFFER + PcapngBlocks.packetRoom(snapLength, PcapngBlocks.MAX_TEXT));
        filled = PcapngBlocks.section(buffer, 0, application);
        flush();
    }

    /// Adds an interface and answers its number, from 0.
    public int addInterface(String name, LinkType type, String description) throws IOException {
        ensure(DESCRIPTION_ROOM);
        filled += PcapngBlocks.interfaceDescription(buffer, filled, type, snapLength, name, description);
        return interfaces++;
    }

    /// Adds a packet.
    ///
    /// @param interfaceId the interface's number
    /// @param nanos when, in nanoseconds since 1970
    /// @param direction which way it passed the interface
    /// @param s where its octets are
    /// @param at where they begin
    /// @param length how many there are; those beyond the snap length are left out
    /// @param comment something to say about it; empty for nothing
    public void packet(
            int interfaceId, long nanos, Direction direction, MemorySegment s, long at, int length, String comment)
            throws IOException {
        if (interfaceId < 0 || interfaceId >= interfaces) {
            throw new IllegalArgumentException("interface " + interfaceId + " of " + interfaces);
        }
        byte[] text = PcapngBlocks.text(comment);
        int captured = Math.min(length, snapLength);
        ensure(PcapngBlocks.packetRoom(captured, text.length));
        PcapngBlocks.packet(buffer, filled, interfaceId, nanos, captured, length);
        MemorySegment.copy(s, at, buffer, filled + PcapngBlocks.PACKET_HEADER, captured);
        filled += PcapngBlocks.finishPacket(buffer, filled, captured, direction, text);
    }

    /// Adds how many packets an interface had, and how many of them are not in the file.
    public void statistics(int interfaceId, long nanos, long received, long dropped) throws IOException {
        ensure(DESCRIPTION_ROOM);
        filled += PcapngBlocks.statistics(buffer, filled, interfaceId, nanos, received, dropped);
    }

    /// Adds a block that is already written.
    void block(MemorySegment s, long at, int length) throws IOException {
        ensure(length);
        MemorySegment.copy(s, at, buffer, filled, length);
        filled += length;
    }

    private void ensure(int room) throws IOException {
        if (buffer.byteSize() - filled < room) {
            flush();
        }
    }

    /// Gives what is buffered to the channel.
    public void flush() throws IOException {
        ByteBuffer octets = buffer.asSlice(0, filled).asByteBuffer();
        filled = 0;
        while (octets.hasRemaining()) {
            channel.write(octets);
        }
    }

    /// Flushes and closes the channel. A second close does nothing.
    @Override
    public void close() throws IOException {
        if (closed) {
            return;
        }
        closed = true;
        try (channel;
                arena) {
            flush();
        }
    }
}
