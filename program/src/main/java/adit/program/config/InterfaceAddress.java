package adit.program.config;

import adit.wire.Ip4InterfaceAddress;
import adit.wire.Ip6InterfaceAddress;
import adit.wire.IpAddress;

/// An address of a device with the length of the network it is in.
///
/// @param address of either family
/// @param prefixLength how many bits of it name the network
public record InterfaceAddress(IpAddress address, int prefixLength) {
    /// Reads `10.1.0.1/30` or `2001:db8::1/64`.
    ///
    /// @throws IllegalArgumentException when `text` is neither
    static InterfaceAddress parse(String text) {
        if (text.indexOf(':') >= 0) {
            Ip6InterfaceAddress a = Ip6InterfaceAddress.parse(text);
            return new InterfaceAddress(a.address(), a.prefixLength());
        }
        Ip4InterfaceAddress a = Ip4InterfaceAddress.parse(text);
        return new InterfaceAddress(a.address(), a.prefixLength());
    }

    @Override
    public String toString() {
        return address + "/" + prefixLength;
    }
}
