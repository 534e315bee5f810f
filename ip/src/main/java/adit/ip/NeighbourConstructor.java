package adit.ip;

import adit.device.DeviceFlags;
import adit.wire.IpAddress;

/// What is known of a neighbour because of its address and its link alone: some need not be asked for their link
/// addresses (Linux's `arp_constructor` and `ndisc_constructor`).
final class NeighbourConstructor {
    private NeighbourConstructor() {}

    /// Whether the link, a loopback or one of two, has a single neighbour of IPv4, whatever it is called.
    static boolean isAlone4(IpInterface link) {
        return (link.device().flags() & (DeviceFlags.LOOPBACK | DeviceFlags.POINTOPOINT)) != 0;
    }

    /// On links without questions nobody is asked, and nobody has a link's broadcast address.
    static void construct4(IpStack stack, IpInterface link, Neighbour n, IpAddress address) {
        if ((link.device().flags() & (DeviceFlags.LOOPBACK | DeviceFlags.NOARP)) != 0) {
            n.mac = link.device().address();
            n.state = Neighbour.State.NOARP;
            return;
        }
        Route owner = stack.fib4.lookupOwner(AddressBits.high(address), 0);
        if (owner != null && owner.type == RouteType.BROADCAST && owner.hop(link.device()) != null) {
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
