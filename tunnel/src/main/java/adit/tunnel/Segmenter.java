package adit.tunnel;

import adit.packet.PacketBatch;
import adit.packet.PacketBuffer;

/// Cuts a super-packet into packets that the network can carry.
@FunctionalInterface
public interface Segmenter {
    /// Nobody segments.
    Segmenter NONE = (packet, into) -> false;

    /// The room in the batch that a segmenter is given. More segments than that are refused.
    int MAX_SEGMENTS = 128;

    /// Appends to `into`, in order, the segments of `superPacket`, each with its checksum finished or described
    /// as partial, and with the headroom of the super-packet. Answers false, and changes nothing, when it
    /// can't. Otherwise the super-packet is the segmenter's, who may have made it the first segment.
    boolean segment(PacketBuffer superPacket, PacketBatch into);
}
