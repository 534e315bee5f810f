package adit.wire;

import java.lang.foreign.MemorySegment;

/// An IPv4 or IPv6 address, for configuration, logs and tests. The packet path carries the bits themselves.
public sealed interface IpAddress permits Ip4Address, Ip6Address {
    /// Reads an address of either family from text. Never asks a resolver: a host name is an error.
    ///
    /// @throws IllegalArgumentException when `text` is neither; the message holds `text` and says what is wrong
    static IpAddress parse(String text) {
        return text.indexOf(':') >= 0 ? Ip6Address.parse(text) : Ip4Address.parse(text);
    }

    /// The length of an address of this family, in octets.
    int length();

    /// Writes the address's octets at `at`.
    void emit(MemorySegment s, long at);

    /// Whether every bit is 0: no address, or any.
    boolean isUnspecified();

    /// Whether the address means this host itself.
    boolean isLoopback();

    /// Whether the address means a group of hosts.
    boolean isMulticast();

    /// Whether the address is only meant for the link it is used on.
    boolean isLinkLocal();
}
