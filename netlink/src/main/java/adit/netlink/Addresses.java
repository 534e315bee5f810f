package adit.netlink;

import adit.wire.Ip4Address;
import adit.wire.Ip6Address;
import adit.wire.IpAddress;
import adit.wire.Octets;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/// IP addresses as payloads: their length tells the family.
final class Addresses {
    private static final int IP4_LENGTH = 4;
    private static final int IP6_LENGTH = 16;

    private Addresses() {}

    static int family(IpAddress address) {
        return switch (address) {
            case Ip4Address _ -> Netlink.AF_INET;
            case Ip6Address _ -> Netlink.AF_INET6;
        };
    }

    static int bits(IpAddress address) {
        return address.length() * Byte.SIZE;
    }

    static IpAddress read(AttributeReader a) {
        return read(a.octets());
    }

    static IpAddress read(byte[] octets) {
        MemorySegment s = MemorySegment.ofArray(octets);
        return switch (octets.length) {
            case IP4_LENGTH -> new Ip4Address(Octets.i32(s, 0));
            case IP6_LENGTH -> new Ip6Address(Octets.i64(s, 0), Octets.i64(s, Long.BYTES));
            default -> throw new MalformedMessageException("an IP address of " + octets.length + " octets");
        };
    }

    /// `struct rtvia`: a family of two octets and an address.
    static IpAddress readVia(byte[] via) {
        int family = via.length < 2 ? Netlink.AF_UNSPEC : HostOrder.u16(MemorySegment.ofArray(via), 0);
        IpAddress address = read(Arrays.copyOfRange(via, Math.min(2, via.length), via.length));
        if (family(address) != family) {
            throw new MalformedMessageException("a next hop of family " + family + ": " + address);
        }
        return address;
    }

    static byte[] octets(IpAddress address) {
        byte[] octets = new byte[address.length()];
        address.emit(MemorySegment.ofArray(octets), 0);
        return octets;
    }
}
