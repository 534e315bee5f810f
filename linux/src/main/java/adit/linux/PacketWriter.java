package adit.linux;

import adit.packet.Addressing;
import adit.packet.PacketBatch;
import java.lang.foreign.MemorySegment;

/// Takes outer IPv4 packets one by one and sends them together.
///
/// ```java
/// writer.begin(batch);
/// if (!writer.hasRoom()) writer.transmit();       // and look again
/// header.emitIpv4(..., writer.headers(), writer.headersAt());
/// writer.add(i, addressing, 20, s, from, length);
/// ...
/// writer.transmit();
/// writer.end();
/// ```
///
/// What can't be sent is refused in the batch: the packet that it is of, or is a part of. For one thread.
interface PacketWriter {
    /// Room for headers at [#headersAt], in octets.
    int HEADERS_ROOM = 192;

    /// Begins with a batch, and answers whether it will take any of its packets.
    boolean begin(PacketBatch batch);

    /// Whether one more packet can be added.
    boolean hasRoom();

    /// Where the headers of the next packet are to be written.
    MemorySegment headers();

    /// From which octet on.
    long headersAt();

    /// Adds the packet whose first `front` octets were written at [#headersAt], and whose other `length` ones
    /// stand from `from` on in `s`; it is the one at `index` in the batch, or a part of it.
    void add(int index, Addressing a, int front, MemorySegment s, int from, int length);

    /// Sends what was added, or has it sent, and sees to it that there is room.
    void transmit();

    /// The same, and all has been sent when it answers.
    void finish();

    /// Ends what [#begin] began, if that answered true.
    void end();
}
