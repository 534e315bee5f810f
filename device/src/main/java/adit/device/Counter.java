package adit.device;

/// The statistics of an interface, in the order of Linux's `struct rtnl_link_stats64`.
public enum Counter {
    /// Packets received.
    RX_PACKETS,
    /// Packets transmitted.
    TX_PACKETS,
    /// Octets received.
    RX_BYTES,
    /// Octets transmitted.
    TX_BYTES,
    /// Bad packets received, all kinds together.
    RX_ERRORS,
    /// Packets that could not be transmitted, all kinds together.
    TX_ERRORS,
    /// Packets received and then dropped, not for being bad.
    RX_DROPPED,
    /// Packets dropped on their way to transmission.
    TX_DROPPED,
    /// Multicast packets received.
    MULTICAST,
    /// Collisions; a tunnel counts packets that would have entered it again.
    COLLISIONS,
    /// Received with a wrong length.
    RX_LENGTH_ERRORS,
    /// Received into too small a ring.
    RX_OVER_ERRORS,
    /// Received with a bad check sequence.
    RX_CRC_ERRORS,
    /// Received misaligned; a TUN counts bad virtio-net headers.
    RX_FRAME_ERRORS,
    /// Received into a full FIFO.
    RX_FIFO_ERRORS,
    /// Missed by the hardware.
    RX_MISSED_ERRORS,
    /// Transmission aborted.
    TX_ABORTED_ERRORS,
    /// Transmission without a carrier; a tunnel counts missing routes.
    TX_CARRIER_ERRORS,
    /// Transmission with an empty FIFO.
    TX_FIFO_ERRORS,
    /// Heartbeat lost.
    TX_HEARTBEAT_ERRORS,
    /// Late collisions.
    TX_WINDOW_ERRORS,
    /// Compressed packets received.
    RX_COMPRESSED,
    /// Compressed packets transmitted.
    TX_COMPRESSED,
    /// Received while nobody was there to take them.
    RX_NOHANDLER,
    /// Received for another host's link address.
    RX_OTHERHOST_DROPPED
}
