package adit.tunnel;

import java.util.Locale;

/// The fields of Linux's `rtnl_link_stats64` that a tunnel raises.
public enum LinkStatistic {
    /// Packets decapsulated.
    RX_PACKETS,
    /// Octets of the packets decapsulated, padding behind them included.
    RX_BYTES,
    /// Packets that could not be decapsulated.
    RX_ERRORS,
    /// Of [#RX_ERRORS]: congestion marks that could not be passed on.
    RX_FRAME_ERRORS,
    /// Packets decapsulated that the overlay did not take.
    RX_DROPPED,
    /// Packets sent.
    TX_PACKETS,
    /// Octets of the packets sent, without what the tunnel put around them.
    TX_BYTES,
    /// Packets that could not be encapsulated.
    TX_ERRORS,
    /// Of [#TX_ERRORS]: no way to the peer.
    TX_CARRIER_ERRORS,
    /// Of [#TX_ERRORS]: no next hop.
    TX_FIFO_ERRORS,
    /// Packets encapsulated that the underlay did not take.
    TX_DROPPED,
    /// Of [#TX_ERRORS]: the way to the peer leads into the tunnel itself.
    COLLISIONS;

    /// The name that Linux and iproute2 give it, such as `tx_carrier_errors`.
    public String kernelName() {
        return name().toLowerCase(Locale.ROOT);
    }
}
