package adit.ip;

import adit.device.Errno;
import adit.wire.Ip4Address;
import java.util.Optional;

/// How IPv4 addresses of interfaces come and go, with their routes (Linux's `devinet.c`). Under the control lock.
final class Ip4Addresses {
    private static final String NEW = "RTM_NEWADDR";
    /// RFC 791 section 3.2: what every link can carry, in octets.
    static final int LEAST_MTU = 68;
    /// IFNAMSIZ without the zero at the end.
    private static final int MOST_OF_LABEL = 15;

    private final IpStack stack;
    private final Routes routes;
    private final Ip4AddressRoutes brought;

    Ip4Addresses(IpStack stack, Routes routes) {
        this.stack = stack;
        this.routes = routes;
        this.brought = new Ip4AddressRoutes(routes.ip4());
    }

    // ---- What users say

    /// Gives an interface an address, or changes the one that it has, and answers what came of it.
    InterfaceAddress add(IpInterface link, InterfaceAddress wanted, IpConfiguration.Existing existing)
            throws IpException {
        if (link.device().mtu() < LEAST_MTU) {
            throw new IpException(NEW, Errno.ENOBUFS, "The link is too narrow for IPv4.");
        }
        int flags = wanted.flags();
        for (InterfaceAddress a : link.addresses4) {
            boolean sameLink =
                    a.prefixLength() == wanted.prefixLength() && a.link().equals(wanted.link());
            if (sameLink && a.local().equals(wanted.local())) {
                if (existing == IpConfiguration.Existing.REFUSE) {
                    throw new IpException(NEW, Errno.EEXIST, "Address already assigned.");
                }
                InterfaceAddress renewed = a.renewed(wanted);
                renew(link, a, renewed);
                return renewed;
            }
            if (sameLink && a.scope() != wanted.scope()) {
                throw new IpException(NEW, Errno.EINVAL, "Addresses of one link have one scope.");
            }
            if (sameLink) {
                flags |= InterfaceAddress.SECONDARY;
            }
        }
        InterfaceAddress added = wanted.with(flags);
        link.addresses4 = AddressList.insert(link.addresses4, place(link.addresses4, added), added);
        brought.connect(link, added);
        routes.ip4().revive(link);
        stack.listeners.address(IpListener.Change.NEW, IpListener.Origin.USER, link, added);
        return added;
    }

    /// Behind the last primary address that is known no farther; secondary ones come last (Linux's
    /// `__inet_insert_ifa`).
    private static int place(InterfaceAddress[] before, InterfaceAddress added) {
        if (added.has(InterfaceAddress.SECONDARY)) {
            return before.length;
        }
        int at = 0;
        for (int i = 0; i < before.length; i++) {
            if (!before[i].has(InterfaceAddress.SECONDARY) && added.scope() <= before[i].scope()) {
                at = i + 1;
            }
        }
        return at;
    }

    private void renew(IpInterface link, InterfaceAddress old, InterfaceAddress renewed) {
        if (renewed.priority() != old.priority()) {
            brought.takePrefix(link, old);
        }
        link.addresses4 = AddressList.replace(link.addresses4, old, renewed);
        if (renewed.priority() != old.priority() && link.device().isUp()) {
            brought.bringPrefix(link, renewed);
        }
        stack.listeners.address(IpListener.Change.NEW, IpListener.Origin.USER, link, renewed);
    }

    /// Takes an address away. Without its primary address a link is gone, and with it the addresses that shared it
    /// (`promote_secondaries` is off, as in Linux).
    void delete(IpInterface link, InterfaceAddress gone, IpListener.Origin origin) {
        if (!gone.has(InterfaceAddress.SECONDARY)) {
            for (InterfaceAddress a : link.addresses4) {
                if (a.has(InterfaceAddress.SECONDARY) && a.link().equals(gone.link())) {
                    leave(link, a, origin);
                }
            }
        }
        leave(link, gone, origin);
        if (link.addresses4.length == 0) {
            // Linux's fib_disable_ip: without an address there is no IPv4 on the link.
            routes.flush4(link.device(), FlushReason.OFF);
            link.neighbours4.flush();
        }
    }

    private void leave(IpInterface link, InterfaceAddress a, IpListener.Origin origin) {
        InterfaceAddress primary = Ip4AddressRoutes.primary(link, a);
        take(link, a, origin);
        brought.disconnect(link, a, primary, link.addresses4);
    }

    private void take(IpInterface link, InterfaceAddress a, IpListener.Origin origin) {
        link.addresses4 = AddressList.remove(link.addresses4, a);
        stack.listeners.address(IpListener.Change.GONE, origin, link, a);
    }

    // ---- What happens to links and with time

    /// A link is up. A loopback without an address gets its own.
    void up(IpInterface link) {
        if (link.isLoopback() && link.addresses4.length == 0) {
            InterfaceAddress a = new InterfaceAddress(
                    Ip4Address.LOOPBACK,
                    Ip4Address.LOOPBACK,
                    8,
                    Optional.empty(),
                    InterfaceAddress.SCOPE_HOST,
                    InterfaceAddress.PERMANENT,
                    link.device().name());
            link.addresses4 = AddressList.insert(link.addresses4, 0, a);
            stack.listeners.address(IpListener.Change.NEW, IpListener.Origin.STACK, link, a);
        }
        for (InterfaceAddress a : link.addresses4) {
            brought.connect(link, a);
        }
        routes.ip4().revive(link);
    }

    /// Labels follow the name: the first address goes by it, the others by it and what stood behind a colon
    /// before, or their place (Linux's `inetdev_changename`).
    void renamed(IpInterface link) {
        InterfaceAddress[] after = link.addresses4.clone();
        for (int i = 0; i < after.length; i++) {
            after[i] = after[i].labelled(label(link.device().name(), after[i].label(), i + 1));
        }
        link.addresses4 = after;
        for (InterfaceAddress a : after) {
            stack.listeners.address(IpListener.Change.NEW, IpListener.Origin.STACK, link, a);
        }
    }

    private static String label(String name, String before, int place) {
        if (place == 1) {
            return name;
        }
        int colon = before.indexOf(':');
        String end = colon < 0 ? ":" + place : before.substring(colon);
        return name.substring(0, Math.min(name.length(), MOST_OF_LABEL - end.length())) + end;
    }

    /// IPv4 stops on a link that can't carry 68 octets, which a loopback may become.
    void mtu(IpInterface link) {
        if (link.device().mtu() < LEAST_MTU) {
            boolean hadAddress = link.addresses4.length > 0;
            clear(link);
            link.neighbours4.flush();
            if (hadAddress) {
                routes.flush4(link.device(), FlushReason.OFF);
            }
        }
    }

    /// A link loses all its addresses. Linux does not look then whether another one brings the same routes, and a
    /// secondary one, whose primary one has gone before, leaves its routes to whoever takes those of the link.
    void clear(IpInterface link) {
        for (InterfaceAddress a : link.addresses4) {
            InterfaceAddress primary = Ip4AddressRoutes.primary(link, a);
            take(link, a, IpListener.Origin.STACK);
            if (!primary.has(InterfaceAddress.SECONDARY)) {
                brought.disconnect(link, a, primary);
            }
        }
    }

    /// The address is as good as gone: new conversations take another.
    void deprecate(IpInterface link, InterfaceAddress old) {
        InterfaceAddress deprecated = old.with(old.flags() | InterfaceAddress.DEPRECATED);
        link.addresses4 = AddressList.replace(link.addresses4, old, deprecated);
        stack.listeners.address(IpListener.Change.NEW, IpListener.Origin.STACK, link, deprecated);
    }
}
