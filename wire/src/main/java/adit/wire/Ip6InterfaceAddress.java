package adit.wire;

/// An IPv6 address of an interface together with the length of the network it is in, such as `2001:db8::1/64`.
///
/// @param address the interface's own address
/// @param prefixLength how many bits of it name the network, 0 to 128
public record Ip6InterfaceAddress(Ip6Address address, int prefixLength) {
    /// Refuses lengths beyond 128.
    public Ip6InterfaceAddress {
        if (prefixLength < 0 || prefixLength > Ip6Prefix.MAX_LENGTH) {
            throw new IllegalArgumentException("not an IPv6 interface address: " + address + "/" + prefixLength
                    + " (the prefix length must be 0 to 128)");
        }
    }

    /// Reads an address and a length such as `2001:db8::1/64`, or an address, whose network is itself alone.
    ///
    /// @throws IllegalArgumentException when `text` is anything else; the message holds `text` and says what is
    ///     wrong
    public static Ip6InterfaceAddress parse(String text) {
        return new AddressText(text, "IPv6 interface address", "an address and a prefix length such as 2001:db8::1/64")
                .ip6WithLength();
    }

    /// The network.
    public Ip6Prefix network() {
        return Ip6Prefix.of(address, prefixLength);
    }

    /// The text form, such as `2001:db8::1/64`.
    @Override
    public String toString() {
        return address + "/" + prefixLength;
    }
}
