package adit.wire;

/// A range of IPv4 or IPv6 addresses that share their first bits, for configuration, logs and tests.
public sealed interface IpPrefix permits Ip4Prefix, Ip6Prefix {
    /// Reads a prefix of either family from text, such as `10.2.0.0/16` or `2001:db8::/32`. An address alone is
    /// a prefix of full length.
    ///
    /// @throws IllegalArgumentException when `text` is neither, or has bits set behind the prefix
    static IpPrefix parse(String text) {
        return text.indexOf(':') >= 0 ? Ip6Prefix.parse(text) : Ip4Prefix.parse(text);
    }

    /// The first address of the range.
    IpAddress address();

    /// How many bits are shared.
    int length();

    /// Whether `address` is of this family and in the range.
    boolean contains(IpAddress address);
}
