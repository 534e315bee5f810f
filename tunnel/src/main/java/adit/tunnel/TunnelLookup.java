package adit.tunnel;

/// Which tunnel a packet from the underlay belongs to: Linux's `ip_tunnel_lookup`, step by step.
///
/// A tunnel that is down is passed over in each step. One that is bound to the interface by which the packet
/// came ends the search at once; any other is remembered, and taken only when no step finds a bound one:
///
/// 1. local and remote address both match; of several, the oldest is remembered;
/// 2. the remote address matches and the tunnel has no local one; from here on, a tunnel is remembered only if
///    none is yet, and newer ones come first;
/// 3. the local address matches and the tunnel has no remote one, or the packet went to the multicast group
///    that is the tunnel's remote address;
/// 4. the tunnel has neither (see [LookupProfile]);
/// 5. the remembered tunnel;
/// 6. the external tunnel;
/// 7. the fallback tunnel.
///
/// How tunnels are kept is the subclass's business, by [#key]. Nothing here allocates.
///
/// @param <T> what a lookup answers
public abstract class TunnelLookup<T extends TunnelLookup.Candidate> {
    /// What a lookup chooses from.
    public interface Candidate {
        /// The index of the underlay interface that it is bound to, 0 for none.
        int link();

        /// Whether it is up.
        boolean isUp();
    }

    /// Which of several tunnels with the same addresses is meant.
    protected enum Age {
        /// The one that was added first.
        OLDEST,
        /// The one that was added last.
        NEWEST
    }

    private final LookupProfile profile;

    /// A lookup as some Linux does it.
    protected TunnelLookup(LookupProfile profile) {
        this.profile = profile;
    }

    /// The newest tunnel with this [#key] that is up and bound to the interface of this index; null when there is
    /// none. Asked for index 0, it answers one that is bound to none.
    protected abstract T bound(long key, int link);

    /// The oldest or newest tunnel with this [#key] that is up, whatever it is bound to; null when there is none.
    protected abstract T any(long key, Age age);

    /// The external tunnel, or null.
    protected abstract T external();

    /// The tunnel for whatever no other is for, or null. It stands in the group of tunnels without addresses
    /// too, as the oldest.
    protected abstract T fallback();

    /// As which Linux does it.
    protected final LookupProfile profile() {
        return profile;
    }

    /// By what a tunnel is found: its two addresses. One with a multicast remote stands where one with that
    /// local address and no remote would.
    protected static long key(int local, int remote) {
        return isMulticast(remote) ? key(remote, 0) : (long) local << 32 | (remote & 0xffff_ffffL);
    }

    /// The tunnel for a packet from `remote` to `local`, IPv4 addresses as the bits of an int, that came by the
    /// interface of index `link`, 0 when that is not known. Null when there is none.
    public final T lookup(int link, int remote, int local) {
        T candidate = null;
        for (int step = firstStep(remote); step <= lastStep(); step++) {
            long key = key(step, remote, local);
            T bound = bound(key, link);
            if (bound != null) {
                return bound;
            }
            if (candidate == null) {
                candidate = any(key, step == 1 ? Age.OLDEST : Age.NEWEST);
            }
        }
        if (candidate != null) {
            return candidate;
        }
        T external = external();
        if (external != null && external.isUp()) {
            return external;
        }
        T fallback = fallback();
        return fallback != null && fallback.isUp() ? fallback : null;
    }

    /// Nobody sends from a multicast group: such a remote address leads to no tunnel.
    private static int firstStep(int remote) {
        return isMulticast(remote) ? 3 : 1;
    }

    private int lastStep() {
        return profile == LookupProfile.CURRENT ? 4 : 3;
    }

    private static long key(int step, int remote, int local) {
        return switch (step) {
            case 1 -> key(local, remote);
            case 2 -> key(0, remote);
            case 3 -> key(local, 0);
            default -> key(0, 0);
        };
    }

    private static boolean isMulticast(int address) {
        return address >>> 28 == 0xe;
    }
}
