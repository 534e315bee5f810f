package adit.ip;

import adit.wire.Ip4Prefix;
import java.util.List;

/// The interface identifiers of IPv6 link-local addresses, where a link has an IPv4 address for a link address.
final class InterfaceIdentifiers {
    private static final long ISATAP = 0x0000_5efe_0000_0000L;
    private static final long UNIVERSAL = 0x0200_0000_0000_0000L;

    /// Addresses that are unique nowhere or in one site alone, as Linux's `__ipv6_isatap_ifid` has them.
    private static final List<Ip4Prefix> NOT_UNIVERSAL = List.of(
            Ip4Prefix.parse("0.0.0.0/8"),
            Ip4Prefix.parse("10.0.0.0/8"),
            Ip4Prefix.parse("127.0.0.0/8"),
            Ip4Prefix.parse("169.254.0.0/16"),
            Ip4Prefix.parse("172.16.0.0/12"),
            Ip4Prefix.parse("192.0.2.0/24"),
            Ip4Prefix.parse("192.88.99.0/24"),
            Ip4Prefix.parse("192.168.0.0/16"),
            Ip4Prefix.parse("198.18.0.0/15"),
            Ip4Prefix.parse("224.0.0.0/4"),
            Ip4Prefix.parse("255.255.255.255/32"));

    private InterfaceIdentifiers() {}

    /// RFC 5214 section 6.1: 5efe and the address, with the universal bit set for an address that is unique.
    static long ofIp4(int address) {
        boolean local = NOT_UNIVERSAL.stream()
                .anyMatch(p -> ((p.address().bits() ^ address) & Ip4Prefix.mask(p.length())) == 0);
        return (local ? 0 : UNIVERSAL) | ISATAP | (address & 0xffff_ffffL);
    }
}
