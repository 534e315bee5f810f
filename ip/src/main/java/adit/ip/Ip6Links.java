package adit.ip;

import adit.device.DeviceFlags;
import adit.device.Errno;
import adit.device.HardwareType;
import adit.wire.Ip6Address;
import adit.wire.Ipv6;
import java.util.List;
import java.util.Optional;

/// On which links there is IPv6, and the addresses that it gives them by itself. As Linux does it
/// (`addrconf_notify`).
///
/// IPv6 knows a link from the beginning if that can carry 1280 octets, and starts to work on it when it is up
/// and has a carrier: only then the link gets its link-local address. Under the control lock.
final class Ip6Links {
    /// How many bits tell interfaces of one link apart.
    static final int IDENTIFIER_BITS = 64;

    private final IpStack stack;
    private final Routes routes;
    private final Ip6Addresses addresses;
    private final Ip6AddressRoutes brought;
    private volatile boolean onNewLinks = true;

    Ip6Links(IpStack stack, Routes routes, Ip6Addresses addresses, Ip6AddressRoutes brought) {
        this.stack = stack;
        this.routes = routes;
        this.addresses = addresses;
        this.brought = brought;
    }

    void onNewLinks(boolean on) {
        onNewLinks = on;
    }

    /// A link is there now.
    void joined(IpInterface link) {
        lookAtCarrier(link);
        if (link.device().isKnownToIp6()) {
            begin(link);
        }
    }

    /// Makes IPv6 know the link for somebody who wants it.
    ///
    /// @throws IpException EINVAL where the link is too narrow
    void find(IpInterface link) throws IpException {
        begin(link);
        if (!link.ip6) {
            throw new IpException("RTM_NEWADDR", Errno.EINVAL, "IPv6 is disabled on this device.");
        }
    }

    /// Makes IPv6 know the link, unless that is too narrow.
    private void begin(IpInterface link) {
        if (!link.ip6 && onNewLinks && link.device().mtu() >= Ipv6.MIN_MTU) {
            link.ip6 = true;
            link.mtu6 = link.device().mtu();
            link.startedIp6 = isReady(link);
        }
    }

    private static boolean isReady(IpInterface link) {
        int wanted = DeviceFlags.UP | DeviceFlags.RUNNING;
        return (link.device().flags() & wanted) == wanted;
    }

    /// A link went up. The addresses that it got while it was down have their routes from now on, and it starts
    /// if it has a carrier.
    void up(IpInterface link) {
        lookAtCarrier(link);
        for (InterfaceAddress a : link.addresses6) {
            brought.restore(link, a);
        }
        if (isReady(link)) {
            begin(link);
            start(link);
            routes.ip6().revive(link);
            if (link.device().mtu() < Ipv6.MIN_MTU) {
                end(link);
            }
        }
    }

    /// From now on routes say whether the link has a carrier. Linux notes it in each route when it hears of it, and
    /// forgets to when a link goes down, so that routes which go with the link say what was true before.
    void lookAtCarrier(IpInterface link) {
        link.lacksCarrier6 = !link.device().hasCarrier();
    }

    /// Anything about a link that is up has changed: it may have got a carrier.
    void changed(IpInterface link) {
        lookAtCarrier(link);
        if (!link.startedIp6 && isReady(link)) {
            start(link);
            routes.ip6().revive(link);
        }
    }

    /// A link that works began or ceased to ask for link addresses: its addresses are looked at as if they were new
    /// (Linux's `addrconf_dad_run`).
    void repeat(IpInterface link) {
        if (!link.startedIp6 || !isReady(link)) {
            return;
        }
        for (InterfaceAddress a : link.addresses6) {
            brought.complete(link, a);
            stack.listeners.address(IpListener.Change.NEW, IpListener.Origin.STACK, link, a);
        }
    }

    private void start(IpInterface link) {
        if (!link.ip6) {
            return;
        }
        link.startedIp6 = true;
        if (link.isLoopback()) {
            give(link, Ip6Address.LOOPBACK, Ip6Address.LOOPBACK.length() * Byte.SIZE, InterfaceAddress.SCOPE_HOST);
            return;
        }
        brought.groups(link);
        if (link.device().hardwareType() == HardwareType.TUNNEL && link.device().address() == 0) {
            return;
        }
        long identifier = switch (link.device().hardwareType()) {
            case HardwareType.ETHER -> extendedUniqueIdentifier(link.device().address());
            case HardwareType.TUNNEL ->
                InterfaceIdentifiers.ofIp4((int) link.device().address());
            default -> random(link);
        };
        give(link, new Ip6Address(0xfe80L << 48, identifier), IDENTIFIER_BITS, InterfaceAddress.SCOPE_LINK);
    }

    /// RFC 4291 appendix A: ff:fe in the middle, the universal bit turned over.
    private static long extendedUniqueIdentifier(long mac) {
        return ((mac >>> 24) ^ 0x02_0000) << 40 | 0xff_fe00_0000L | (mac & 0xff_ffff);
    }

    /// The same for a link as long as that lives.
    private long random(IpInterface link) {
        if (link.identifier == 0) {
            link.identifier = stack.table.random().nextLong();
        }
        return link.identifier;
    }

    private void give(IpInterface link, Ip6Address address, int length, int scope) {
        if (link.has(address)) {
            return;
        }
        InterfaceAddress a = new InterfaceAddress(
                address,
                address,
                length,
                Optional.empty(),
                scope,
                InterfaceAddress.PERMANENT,
                link.device().name());
        addresses.put(link, a, IpListener.Origin.STACK);
    }

    /// A link has another MTU. IPv6 leaves one that can't carry 1280 octets, and comes to one that can.
    void mtu(IpInterface link) {
        if (link.device().mtu() < Ipv6.MIN_MTU) {
            end(link);
        } else if (link.ip6) {
            routes.ip6().mtu(link, link.mtu6);
            link.mtu6 = link.device().mtu();
        } else {
            begin(link);
            if (link.startedIp6) {
                start(link);
            }
        }
    }

    /// IPv6 leaves a link, but for a loopback, of which it only takes its addresses.
    private void end(IpInterface link) {
        clear(link, FlushReason.OFF);
        link.ip6 &= link.isLoopback();
        if (!link.ip6) {
            link.routers6.clear();
        }
    }

    /// A link went down, or is about to go: it loses its addresses.
    void clear(IpInterface link, FlushReason why) {
        routes.flush6(link.device(), why);
        link.neighbours6.flush();
        link.startedIp6 = false;
        for (InterfaceAddress a : List.of(link.addresses6)) {
            addresses.lose(link, a);
        }
    }
}
