package adit.ip;

import adit.port.Deadline;

/// Deprecates addresses and takes them away when their time is over.
final class Lifetimes {
    private final IpStack stack;
    private final IpConfiguration configuration;
    private final Expiry expiry;

    Lifetimes(IpStack stack, IpConfiguration configuration) {
        this.stack = stack;
        this.configuration = configuration;
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
            expire(link, link.addresses4, now);
            expire(link, link.addresses6, now);
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

    private void expire(IpInterface link, InterfaceAddress[] addresses, long now) {
        for (InterfaceAddress a : addresses) {
            if (!link.has(a.local())) {
                // It went with its primary one.
                continue;
            }
            if (a.lifetime().end() <= now) {
                configuration.delete(link, a, IpListener.Origin.STACK);
            } else if (a.lifetime().deprecation() <= now && !a.has(InterfaceAddress.DEPRECATED)) {
                configuration.deprecate(link, a);
            }
        }
    }
}
