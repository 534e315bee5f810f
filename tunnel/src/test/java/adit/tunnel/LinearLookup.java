package adit.tunnel;

import java.util.List;

/// The lookup the slow and obvious way: every step walks every tunnel, newest first, as the lists of the
/// kernel's hash table would be walked if it had one bucket.
final class LinearLookup {
    private final LookupProfile profile;
    /// Newest first, the fallback last.
    private final List<Tunnel> tunnels;

    private final Tunnel fallback;

    LinearLookup(LookupProfile profile, List<Tunnel> tunnels, Tunnel fallback) {
        this.profile = profile;
        this.tunnels = tunnels;
        this.fallback = fallback;
    }

    Tunnel lookup(int link, int remote, int local) {
        Tunnel candidate = null;
        for (Tunnel t : tunnels) {
            if (local(t) == local && remote(t) == remote && t.isUp()) {
                if (t.spec().link() == link) {
                    return t;
                }
                candidate = t;
            }
        }
        for (Tunnel t : tunnels) {
            if (remote(t) == remote && local(t) == 0 && t.isUp()) {
                if (t.spec().link() == link) {
                    return t;
                }
                if (candidate == null) {
                    candidate = t;
                }
            }
        }
        for (Tunnel t : tunnels) {
            boolean group = remote(t) == local && local >>> 28 == 0xe;
            if (((local(t) == local && remote(t) == 0) || group) && t.isUp()) {
                if (t.spec().link() == link) {
                    return t;
                }
                if (candidate == null) {
                    candidate = t;
                }
            }
        }
        if (profile == LookupProfile.CURRENT) {
            for (Tunnel t : tunnels) {
                if (local(t) == 0 && remote(t) == 0 && t.isUp()) {
                    if (t.spec().link() == link) {
                        return t;
                    }
                    if (candidate == null) {
                        candidate = t;
                    }
                }
            }
        }
        if (candidate != null) {
            return candidate;
        }
        for (Tunnel t : tunnels) {
            if (t.spec().steering() == Steering.EXTERNAL && t.isUp()) {
                return t;
            }
        }
        return fallback != null && fallback.isUp() ? fallback : null;
    }

    private static int local(Tunnel t) {
        return t.spec().local().bits();
    }

    private static int remote(Tunnel t) {
        return t.spec().remote().bits();
    }
}
