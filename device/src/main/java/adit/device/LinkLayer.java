package adit.device;

import adit.wire.MacAddress;

/// A device's link type and its address there. Changed before the device is in a table or under the table's lock,
/// read without it.
final class LinkLayer {
    private volatile int hardwareType;
    private volatile int addressLength;
    private volatile long address;

    /// No address yet.
    LinkLayer(int hardwareType) {
        this.hardwareType = hardwareType;
    }

    /// One of [HardwareType].
    int hardwareType() {
        return hardwareType;
    }

    /// Octets of an address, 0 for none.
    int addressLength() {
        return addressLength;
    }

    /// The address, as the low bits of a number; 0 for none.
    long address() {
        return address;
    }

    /// Whether this is its address already, as far as addresses of its link type go. Both are of six octets, as
    /// requests bring them: where the type has fewer, the last ones don't count.
    boolean isAddress(long wanted) {
        int further = MacAddress.LENGTH - Math.min(addressLength, MacAddress.LENGTH);
        return (wanted ^ address) >>> (further * Byte.SIZE) == 0;
    }

    void address(long bits) {
        address = bits;
    }

    void address(long bits, int length) {
        address = bits;
        addressLength = length;
    }

    void type(int type, int length) {
        hardwareType = type;
        addressLength = length;
    }
}
