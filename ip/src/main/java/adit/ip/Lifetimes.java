package adit.ip;

import adit.port.Deadline;

/// Deprecates addresses and takes them away when their time is over.
final class Lifetimes {
    private final IpStack stack;
    private final Ip4Addresses addresses4;
    private final Ip6Addresses addresses6;
    private final Expiry expiry;

    Lifetimes(IpStack stack, Ip4Addresses addresses4, Ip6Addresses addresses6) {
        this.stack = stack;
        this.addresses4 = addresses4;
        this.addresses6 = addresses6;
        this.expiry = new Expiry(stack, this::expire);
    }

    /// When the next address is to be deprecated or taken away.
    Expiry expiry() {
        return expiry;
    }

    /// There is an address of this lifetime. Under the control lock.
    void began(InterfaceAddress address) {
        expiry.include(earliest(address));
    }

    private static long earliest(InterfaceAddress a) {
        boolean preferred = !a.has(InterfaceAddress.DEPRECATED);
        return Math.min(a.lifetime().end(), preferred ? a.lifetime().deprecation() : Deadline.NEVER);
    }

    private long expire(long now) {
        long earliest = Deadline.NEVER;
        for (IpInterface link : stack.interfaces()) {
            expire4(link, now);
            expire6(link, now);
            earliest = Math.min(earliest, Math.min(earliest(link.addresses4), earliest(link.addresses6)));
        }
        return earliest;
    }

    private static long earliest(InterfaceAddress[] addresses) {
        long earliest = Deadline.NEVER;
        for (InterfaceAddress a : addresses) {
            earliest = Math.min(earliest, earliest(a));
        }
        return earliest;
    }

    private void expire4(IpInterface link, long now) {
        for (InterfaceAddress a : link.addresses4) {
            if (!link.has(a.local())) {
                // It went with its primary one.
                continue;
            }
            if (a.lifetime().end() <= now) {
                addresses4.delete(link, a, IpListener.Origin.STACK);
            } else if (isToBeDeprecated(a, now)) {
                addresses4.deprecate(link, a);
            }
        }
    }

    private void expire6(IpInterface link, long now) {
        for (InterfaceAddress a : link.addresses6) {
            if (a.lifetime().end() <= now) {
                addresses6.delete(link, a, IpListener.Origin.STACK);
            } else if (isToBeDeprecated(a, now)) {
                addresses6.deprecate(link, a);
            }
        }
    }

    private static boolean isToBeDeprecated(InterfaceAddress a, long now) {
        return a.lifetime().deprecation() <= now && !a.has(InterfaceAddress.DEPRECATED);
    }
}
