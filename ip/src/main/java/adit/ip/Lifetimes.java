package adit.ip;

import adit.port.Deadline;

/// Deprecates addresses and takes them away when their time is over. Both happen under the control lock.
final class Lifetimes implements Deadline {
    private final IpStack stack;
    private final IpConfiguration configuration;
    private volatile long next = NEVER;

    Lifetimes(IpStack stack, IpConfiguration configuration) {
        this.stack = stack;
        this.configuration = configuration;
    }

    /// There is an address of this lifetime. Under the lock.
    void began(InterfaceAddress address) {
        long earliest = earliest(address);
        if (earliest < next) {
            next = earliest;
            stack.armed();
        }
    }

    private static long earliest(InterfaceAddress a) {
        boolean preferred = !a.has(InterfaceAddress.DEPRECATED);
        return Math.min(a.lifetime().end(), preferred ? a.lifetime().deprecation() : NEVER);
    }

    @Override
    public long deadline() {
        return next;
    }

    void expire(long now) {
        if (next > now) {
            return;
        }
        stack.table.lock().lock();
        try {
            long earliest = NEVER;
            for (IpInterface link : stack.interfaces()) {
                expire(link, link.addresses4, now);
                expire(link, link.addresses6, now);
                earliest = Math.min(earliest, Math.min(earliest(link.addresses4), earliest(link.addresses6)));
            }
            next = earliest;
        } finally {
            stack.table.lock().unlock();
        }
    }

    private static long earliest(InterfaceAddress[] addresses) {
        long earliest = NEVER;
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
