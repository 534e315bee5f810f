package adit.ip;

import adit.device.DeviceFlags;
import adit.wire.Ip4Address;
import adit.wire.IpAddress;

/// What is known of a neighbour because of its address and its link alone: some need not be asked for their link
/// addresses (Linux's `arp_constructor` and `ndisc_constructor`).
final class NeighbourConstructor {
    /// In front of 23 bits of a group's address (RFC 1112 section 6.4).
    private static final long GROUP_MAC = 0x0100_5e00_0000L;
    private static final int GROUP_BITS = 0x7f_ffff;

    private NeighbourConstructor() {}

    /// Whether the link, a loopback or one of two, has a single neighbour of IPv4, whatever it is called.
    static boolean isAlone4(IpInterface link) {
        return (link.device().flags() & (DeviceFlags.LOOPBACK | DeviceFlags.POINTOPOINT)) != 0;
    }

    /// A group has its link address by its own; on links without questions nobody is asked, and nobody has the
    /// broadcast address of any link.
    static void construct4(IpStack stack, IpInterface link, Neighbour n) {
        Ip4Address address = (Ip4Address) n.address();
        if (link.device().headerLength() > 0 && address.isMulticast()) {
            n.mac = GROUP_MAC | (address.bits() & GROUP_BITS);
            n.state = Neighbour.State.NOARP;
        } else if ((link.device().flags() & (DeviceFlags.LOOPBACK | DeviceFlags.NOARP)) != 0) {
            n.mac = link.device().address();
            n.state = Neighbour.State.NOARP;
        } else if (stack.own.type4(address.bits()) == RouteType.BROADCAST) {
            n.mac = link.device().broadcast();
            n.state = Neighbour.State.NOARP;
        }
    }

    /// A group has its link address by its own; a link of two, or one without such addresses, need not be asked.
    static void construct6(IpInterface link, Neighbour n, IpAddress address) {
        int flags = link.device().flags();
        boolean isGroup = link.device().headerLength() > 0 && address.isMulticast();
        boolean isSilent = link.device().headerLength() == 0
                || (flags & (DeviceFlags.LOOPBACK | DeviceFlags.NOARP | DeviceFlags.POINTOPOINT)) != 0;
        if (isGroup) {
            n.mac = Ip6Output.GROUP_MAC | (n.low & 0xffff_ffffL);
            n.state = Neighbour.State.NOARP;
        } else if (isSilent) {
            boolean isOfTwo = (flags & (DeviceFlags.LOOPBACK | DeviceFlags.NOARP)) == 0;
            n.mac = isOfTwo ? link.device().broadcast() : link.device().address();
            n.state = Neighbour.State.NOARP;
        }
    }
}
