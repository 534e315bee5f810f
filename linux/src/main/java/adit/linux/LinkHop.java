package adit.linux;

/// How a packet gets to the next host on the way to an underlay destination: by which interface, and to whom.
///
/// @param device the index of the interface
/// @param mtu the longest IP packet that the interface takes, in octets
/// @param source the interface's Ethernet address
/// @param neighbour the Ethernet address of the next host
/// @param trust what the kernel thinks of that address
/// @param obstacle why a packet must not be written to the interface directly; the rest means nothing then
record LinkHop(int device, int mtu, long source, long neighbour, Trust trust, RingObstacle obstacle) {
    /// What the kernel thinks of a neighbour's address.
    enum Trust {
        /// It was confirmed, or somebody configured it, or the kernel is about to confirm it.
        KNOWN,
        /// It was right some time ago. The kernel asks the neighbour again once it has a packet of its own for
        /// it.
        STALE
    }

    /// That the way is not such.
    static LinkHop not(RingObstacle why) {
        return new LinkHop(0, 0, 0, 0, Trust.KNOWN, why);
    }

    boolean isOpen() {
        return obstacle == RingObstacle.NONE;
    }
}
