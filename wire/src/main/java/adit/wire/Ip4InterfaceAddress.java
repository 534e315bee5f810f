package adit.wire;

/// An IPv4 address of an interface together with the length of the network it is in, such as `10.1.0.1/30`.
///
/// @param address the interface's own address
/// @param prefixLength how many bits of it name the network, 0 to 32
public record Ip4InterfaceAddress(Ip4Address address, int prefixLength) {
    /// Refuses lengths beyond 32.
    public Ip4InterfaceAddress {
        if (prefixLength < 0 || prefixLength > Ip4Prefix.MAX_LENGTH) {
            throw new IllegalArgumentException("not an IPv4 interface address: " + address + "/" + prefixLength
                    + " (the prefix length must be 0 to 32)");
        }
    }

    /// Reads an address and a length such as `10.1.0.1/30`, or an address, whose network is itself alone.
    ///
    /// @throws IllegalArgumentException when `text` is anything else; the message holds `text` and says what is
    ///     wrong
    public static Ip4InterfaceAddress parse(String text) {
        return new AddressText(text, "IPv4 interface address", "an address and a prefix length such as 10.1.0.1/30")
                .ip4WithLength();
    }

    /// The network.
    public Ip4Prefix network() {
        return Ip4Prefix.of(address, prefixLength);
    }

    /// The text form, such as `10.1.0.1/30`.
    @Override
    public String toString() {
        return address + "/" + prefixLength;
    }
}
