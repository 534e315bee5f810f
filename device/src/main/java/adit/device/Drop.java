package adit.device;

/// Why a device gave up a packet, and which statistic that raises. Names are those of Linux's drop reasons
/// where it has one.
public enum Drop {
    /// The interface is down or has no carrier, or no file is attached to the queue.
    DEV_READY(Counter.TX_DROPPED),
    /// Written to a device that is down.
    DEV_READY_RX(Counter.RX_DROPPED),
    /// The reader's ring is full.
    FULL_RING(Counter.TX_DROPPED),
    /// A BSD tun that is not open, or has no address; BSD counts nothing.
    HOST_DOWN(null),
    /// The send queue of a BSD interface is full.
    SEND_QUEUE_FULL(Counter.TX_DROPPED),
    /// A BSD tun has no framing that tells this address family; BSD counts nothing.
    FAMILY_NOT_SUPPORTED(null),
    /// The TAP's address filter does not want it.
    TAP_TXFILTER(Counter.TX_DROPPED),
    /// The socket's filter program does not want it.
    SOCKET_FILTER(Counter.TX_DROPPED),
    /// It could not be cut into segments.
    SKB_GSO_SEG(Counter.TX_DROPPED),
    /// Its checksum could not be finished.
    SKB_CSUM(Counter.TX_DROPPED),
    /// No buffer was free, on the way out.
    NOMEM(Counter.TX_DROPPED),
    /// No buffer was free, on the way in.
    NOMEM_RX(Counter.RX_DROPPED),
    /// The writer's memory is not all there.
    SKB_UCOPY_FAULT(Counter.RX_DROPPED),
    /// Too short for its link header.
    HDR_TRUNC(Counter.RX_DROPPED),
    /// Ends within its VLAN tag.
    TAG_TRUNC(null),
    /// A TUN without packet information was given what is neither IPv4 nor IPv6.
    NOT_IP(Counter.RX_DROPPED),
    /// The virtio-net header and the packet do not agree.
    VNET_HEADER(Counter.RX_FRAME_ERRORS),
    /// The virtio-net header and the frame do not agree; Linux counts these, but tells nobody.
    VNET_HEADER_OF_FRAME(null),
    /// Nobody takes packets of this protocol.
    UNHANDLED_PROTO(Counter.RX_DROPPED),
    /// There is no stack above.
    NO_STACK(Counter.RX_NOHANDLER),
    /// For another host's link address.
    OTHERHOST(Counter.RX_OTHERHOST_DROPPED),
    /// Too many packets on their way from one device to another on this thread.
    CPU_BACKLOG(Counter.RX_DROPPED),
    /// It had waited in a queue that was emptied or made shorter: the file closed, was detached, or lost its device.
    QUEUE_PURGE(null),
    /// It came out of its queue for a reader whose buffer could not even hold the headers.
    READ_FAULT(null);

    private final Counter counter;

    Drop(Counter counter) {
        this.counter = counter;
    }

    /// The statistic that it raises, or null when Linux counts nothing.
    public Counter counter() {
        return counter;
    }
}
