package adit.tun;

import adit.wire.MacAddress;
import java.util.List;

/// Which frames of the stack a TAP's readers get, by destination address.
///
/// The first eight addresses are matched exactly, multicast ones behind them by a hash of 64 bits. A unicast
/// address behind the first eight makes the driver give up filtering. No addresses at all: no filter.
///
/// @param multicast which multicast frames pass beside the addresses
/// @param addresses the addresses that pass
public record TapFilter(Multicast multicast, List<MacAddress> addresses) {
    /// Which multicast frames pass beside the addresses.
    public enum Multicast {
        /// None.
        LISTED,
        /// All, broadcast among them.
        ALL
    }

    /// The filter that passes everything.
    public static final TapFilter NONE = new TapFilter(Multicast.LISTED, List.of());

    /// Checks that the addresses can be counted in 16 bits.
    public TapFilter {
        addresses = List.copyOf(addresses);
        if (addresses.size() > 0xffff) {
            throw new IllegalArgumentException(addresses.size() + " addresses");
        }
    }
}
