package adit.packet;

/// What an external-mode (collect_md) tunnel takes from, or leaves beside, a packet: the parameters of the tunnel for
/// this one packet alone.
public final class TunnelMetadata {
    /// What the metadata is for.
    public enum Direction {
        /// There is none.
        ABSENT,
        /// The tunnel shall send the packet so.
        TRANSMIT,
        /// The tunnel received the packet so.
        RECEIVED
    }

    /// Whether these fields mean anything, and which way.
    public Direction direction = Direction.ABSENT;
    /// The tunnel identifier, 64 bits.
    public long id;
    /// The outer source.
    public int source;
    /// The outer destination.
    public int destination;
    /// The outer DSCP and ECN octet; exactly 1 on transmit means: as the inner packet has it.
    public int tos;
    /// The outer time to live; 0 on transmit means: as the inner packet has it.
    public int timeToLive;
    /// Whether the outer packet must not be fragmented.
    public boolean dontFragment;

    TunnelMetadata() {}

    /// Forgets everything.
    public void clear() {
        // Who writes any of the others writes this too.
        if (direction == Direction.ABSENT) {
            return;
        }
        direction = Direction.ABSENT;
        id = 0;
        source = 0;
        destination = 0;
        tos = 0;
        timeToLive = 0;
        dontFragment = false;
    }

    void copyFrom(TunnelMetadata other) {
        direction = other.direction;
        id = other.id;
        source = other.source;
        destination = other.destination;
        tos = other.tos;
        timeToLive = other.timeToLive;
        dontFragment = other.dontFragment;
    }
}
