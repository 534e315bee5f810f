package adit.bpf;

/// Answers what a program asks about a packet beside its octets. A device implements it once, without state of
/// its own: every question comes with the packet. What is not overridden is answered as for a packet that nothing
/// is known about.
///
/// Called on the packet path, by the thread that runs the filter: must not allocate, block, throw, or run a
/// filter itself.
///
/// @param <P> what stands for a packet
public interface Ancillary<P> {
    /// Said by [#linkOffset] when the packet has no link header.
    int NO_HEADER = Integer.MIN_VALUE;

    /// Knows nothing about any packet.
    Ancillary<Object> NONE = new Ancillary<>() {};

    /// Where the network header starts, in octets from the packet's first: 14 for an Ethernet frame. Places
    /// relative to it (`SKF_NET_OFF`) count from here. Negative when it stands in front of the octets that the
    /// filter sees; it must lie in the segment.
    default int networkOffset(P packet) {
        return 0;
    }

    /// Where the link header starts, as [#networkOffset] says it (`SKF_LL_OFF`), or [#NO_HEADER].
    default int linkOffset(P packet) {
        return NO_HEADER;
    }

    /// The EtherType.
    default int protocol(P packet) {
        return 0;
    }

    /// The packet type, 0 to 7: `PACKET_HOST` and so on of `linux/if_packet.h`.
    default int packetType(P packet) {
        return 0;
    }

    /// The interface's index, 0 when the packet has no interface.
    default int interfaceIndex(P packet) {
        return 0;
    }

    /// The interface's link type, an ARPHRD number. Not asked when there is no interface.
    default int hardwareType(P packet) {
        return 0;
    }

    /// The mark.
    default int mark(P packet) {
        return 0;
    }

    /// The queue.
    default int queue(P packet) {
        return 0;
    }

    /// The flow hash, 0 when not known.
    default int flowHash(P packet) {
        return 0;
    }

    /// The VLAN tag beside the octets: TPID in the high half, TCI in the low half; 0 for none.
    default int vlan(P packet) {
        return 0;
    }

    /// The number of the processor that the filter runs on.
    default int cpu(P packet) {
        return 0;
    }

    /// The next random number.
    default int random(P packet) {
        return 0;
    }
}
