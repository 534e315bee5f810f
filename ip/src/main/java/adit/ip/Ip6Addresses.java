package adit.ip;

import adit.device.Errno;
import adit.wire.Ip6Address;

/// How IPv6 addresses of interfaces come and go, with their routes (Linux's `addrconf.c`). Under the control lock.
final class Ip6Addresses {
    private static final String NEW = "RTM_NEWADDR";

    private final IpStack stack;
    private final Ip6AddressRoutes brought;

    Ip6Addresses(IpStack stack, Ip6AddressRoutes brought) {
        this.stack = stack;
        this.brought = brought;
    }

    // ---- What users say

    /// Gives an interface that IPv6 knows an address, or changes the one that it has, and answers what came of it.
    InterfaceAddress add(IpInterface link, InterfaceAddress wanted, IpConfiguration.Existing existing)
            throws IpException {
        for (InterfaceAddress a : link.addresses6) {
            if (a.local().equals(wanted.local())) {
                if (existing == IpConfiguration.Existing.REFUSE) {
                    throw new IpException(NEW, Errno.EEXIST, "IPv6 address already assigned.");
                }
                return renew(link, a, wanted);
            }
        }
        requireTemplate(wanted, wanted.prefixLength());
        if (!link.isLoopback()) {
            brought.groups(link);
        }
        Ip6Address local = (Ip6Address) wanted.local();
        boolean isGroup = local.isMulticast() && !wanted.has(InterfaceAddress.JOINED);
        if (local.isUnspecified() || isGroup || (local.isLoopback() && !link.isLoopback())) {
            throw new IpException(NEW, Errno.EADDRNOTAVAIL, local + " can't be an address of " + link + ".");
        }
        put(link, wanted, IpListener.Origin.USER);
        return wanted;
    }

    private static void requireTemplate(InterfaceAddress wanted, int length) throws IpException {
        if (wanted.has(InterfaceAddress.TEMPLATE) && length != Ip6Links.IDENTIFIER_BITS) {
            throw new IpException(NEW, Errno.EINVAL, "Temporary addresses come beside those of 64 bits of prefix.");
        }
    }

    private InterfaceAddress renew(IpInterface link, InterfaceAddress old, InterfaceAddress wanted) throws IpException {
        requireTemplate(wanted, old.prefixLength());
        InterfaceAddress renewed = old.renewed6(wanted);
        link.addresses6 = AddressList.replace(link.addresses6, old, renewed);
        brought.renew(link, old, renewed);
        stack.listeners.address(IpListener.Change.NEW, IpListener.Origin.USER, link, renewed);
        return renewed;
    }

    // ---- What the stack does as well

    /// Gives an interface an address, before those that are known no farther.
    void put(IpInterface link, InterfaceAddress added, IpListener.Origin origin) {
        InterfaceAddress[] before = link.addresses6;
        int at = 0;
        while (at < before.length && SourceSelection.scope(before[at]) > SourceSelection.scope(added)) {
            at++;
        }
        link.addresses6 = AddressList.insert(before, at, added);
        brought.connect(link, added, origin);
        stack.listeners.address(IpListener.Change.NEW, origin, link, added);
    }

    /// Takes an address away.
    void delete(IpInterface link, InterfaceAddress gone, IpListener.Origin origin) {
        take(link, gone);
        brought.forget(gone);
        stack.listeners.address(IpListener.Change.GONE, origin, link, gone);
    }

    /// Takes away an address of a link that goes down. Routes by others prefer it still, as in Linux
    /// (`addrconf_ifdown`).
    void lose(IpInterface link, InterfaceAddress gone) {
        take(link, gone);
        stack.listeners.address(IpListener.Change.GONE, IpListener.Origin.STACK, link, gone);
    }

    private void take(IpInterface link, InterfaceAddress gone) {
        link.addresses6 = AddressList.remove(link.addresses6, gone);
        brought.disconnect(link, gone);
    }

    /// The address is as good as gone: new conversations take another.
    void deprecate(IpInterface link, InterfaceAddress old) {
        InterfaceAddress deprecated = old.with(old.flags() | InterfaceAddress.DEPRECATED);
        link.addresses6 = AddressList.replace(link.addresses6, old, deprecated);
        stack.listeners.address(IpListener.Change.NEW, IpListener.Origin.STACK, link, deprecated);
    }

    /// This host forwards from now on, or doesn't: it has anycast addresses, or has not.
    void forwarding(boolean on) {
        for (IpInterface link : stack.interfaces()) {
            for (InterfaceAddress a : link.addresses6) {
                if (on) {
                    brought.joinRouters(link, a);
                } else {
                    brought.leaveRouters(link, a);
                }
            }
        }
    }
}
