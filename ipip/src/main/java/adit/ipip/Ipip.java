package adit.ipip;

import adit.netns.Extension;
import adit.netns.Namespace;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/// Tunnel devices for namespaces: the kind `ipip`, the device `tunl0`, the generic netlink family `fou`, and
/// the protocols 4 and 137. What the modules `ipip` and `fou` are to Linux.
public final class Ipip implements Extension {
    private final Profile profile;
    private volatile Fallback fallback;
    private final Map<Namespace, IpipNamespace> namespaces = new ConcurrentHashMap<>();

    /// Which namespaces have a `tunl0`, as `net.core.fb_tunnels_only_for_init_net` says.
    public enum Fallback {
        /// Each (0).
        TUNL0,
        /// The first of those that are beside one another, which is what the initial one is to Linux (1).
        FIRST,
        /// None (2).
        NONE;

        boolean isFor(Namespace namespace) {
            return this == TUNL0 || (this == FIRST && namespace.isFirst());
        }
    }

    private Ipip(Profile profile, Fallback fallback) {
        this.profile = profile;
        this.fallback = fallback;
    }

    /// Tunnels that behave like those of this Linux, with `tunl0`.
    public static Ipip of(Profile profile) {
        return new Ipip(profile, Fallback.TUNL0);
    }

    /// The same with or without `tunl0`.
    public Ipip fallback(Fallback wanted) {
        return new Ipip(profile, wanted);
    }

    /// Decides by `wanted` about the `tunl0` of namespaces that are made from now on; those that are there keep what
    /// they have.
    public void fallbackOfNewcomers(Fallback wanted) {
        fallback = wanted;
    }

    @Override
    public void install(Namespace namespace) {
        IpipNamespace tunnels = new IpipNamespace(namespace, profile);
        namespaces.put(namespace, tunnels);
        namespace.register(new IpipKind(tunnels));
        FouFamily fou = new FouFamily(tunnels);
        namespace.register(fou);
        if (fallback.isFor(namespace)) {
            tunnels.makeFallback();
        }
        namespace.onClose(() -> {
            fou.close();
            tunnels.close();
            namespaces.remove(namespace);
        });
    }

    /// The ioctls SIOCGETTUNNEL, SIOCADDTUNNEL, SIOCDELTUNNEL and SIOCCHGTUNNEL of a namespace.
    public TunnelIoctl ioctl(Namespace namespace) {
        return new TunnelIoctl(tunnels(namespace));
    }

    /// The tunnel that an outer packet from `remote` to `local`, addresses as the bits of an int, would belong to if
    /// it came by the interface of index `link`; null when there is none. Takes no lock and allocates nothing.
    public IpipDevice tunnel(Namespace namespace, int link, int remote, int local) {
        return tunnels(namespace).index().lookup(link, remote, local);
    }

    /// What outer packets were dropped for that belong to no tunnel, by reason, and how many of them.
    public Map<adit.tunnel.Drop, Long> strays(Namespace namespace) {
        return tunnels(namespace).strays();
    }

    /// How many outer congestion marks have come on inner packets that know nothing of such marks; Linux logs
    /// these.
    public long unexpectedCongestion(Namespace namespace) {
        return tunnels(namespace).unexpectedCongestion();
    }

    private IpipNamespace tunnels(Namespace namespace) {
        IpipNamespace tunnels = namespaces.get(namespace);
        if (tunnels == null) {
            throw new IllegalArgumentException("this extension is not installed in " + namespace);
        }
        return tunnels;
    }
}
