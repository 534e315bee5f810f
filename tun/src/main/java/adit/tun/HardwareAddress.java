package adit.tun;

import adit.wire.MacAddress;

/// The hardware address of a device.
///
/// @param linkType the ARPHRD number: 1 for Ethernet, 65534 for a TUN
/// @param address the address; all zero when the link type has none
public record HardwareAddress(int linkType, MacAddress address) {
    /// The link type of Ethernet.
    public static final int ETHERNET = 1;
    /// The link type of a device without one, such as a TUN.
    public static final int NONE = 0xfffe;

    /// Checks that the link type has 16 bits.
    public HardwareAddress {
        if (linkType >>> 16 != 0) {
            throw new IllegalArgumentException("link type " + linkType);
        }
    }

    /// The address of an Ethernet device.
    public static HardwareAddress ethernet(MacAddress address) {
        return new HardwareAddress(ETHERNET, address);
    }
}
