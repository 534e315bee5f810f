package adit.ip;

import adit.device.Device;
import adit.wire.Ip4Address;
import adit.wire.Ip4Prefix;
import adit.wire.IpAddress;
import adit.wire.IpPrefix;
import java.util.List;
import java.util.Optional;

/// A route: to which destinations, what becomes of their packets, and by which way. Immutable.
public final class Route {
    /// The table of this host's own addresses.
    public static final int TABLE_LOCAL = 255;
    /// The usual table.
    public static final int TABLE_MAIN = 254;
    /// The table behind the usual one.
    public static final int TABLE_DEFAULT = 253;

    /// The bits of the former type of service that routing looks at (IPTOS_RT_MASK).
    private static final int TOS = 0x1c;

    private final Spec spec;
    private final NextHop[] hops;
    private final int totalWeight;
    final RouteType type;
    final int mtu;
    final int length;
    final int preferred4;

    /// What a route is, but for its next hops.
    ///
    /// @param destination the destinations
    /// @param table the table's number
    /// @param type what becomes of packets
    /// @param scope how far away destinations are, an RT_SCOPE number: 0 anywhere, 253 on a link, 254 here
    /// @param protocol who made the route, an RTPROT number
    /// @param tos the former type of service of packets that it is for, 0 for all
    /// @param priority of routes to the same destinations the smallest number wins, 0 to 2^32-1
    /// @param preferredSource the source of packets that have none
    /// @param metrics MTU and hop limit
    public record Spec(
            IpPrefix destination,
            int table,
            RouteType type,
            int scope,
            int protocol,
            int tos,
            int priority,
            Optional<IpAddress> preferredSource,
            Metrics metrics) {}

    /// What is known of a way.
    ///
    /// @param mtu the path MTU in octets, 0 for the device's
    /// @param mtuLocked whether path MTU discovery leaves it alone
    /// @param hopLimit the time to live of packets that have none, 0 for the usual
    /// @param advertisedSegmentSize kept for whoever asks, 0 for none
    public record Metrics(int mtu, boolean mtuLocked, int hopLimit, int advertisedSegmentSize) {
        /// Nothing.
        public static final Metrics NONE = new Metrics(0, false, 0, 0);
    }

    Route(Spec spec, List<NextHop> hops) {
        this.spec = spec;
        this.hops = hops.toArray(NextHop[]::new);
        this.type = spec.type();
        this.mtu = spec.metrics().mtu();
        this.length = spec.destination().length();
        this.preferred4 = spec.preferredSource().orElse(null) instanceof Ip4Address ip4 ? ip4.bits() : 0;
        this.totalWeight = hops.stream().mapToInt(NextHop::weight).sum();
    }

    /// A route that says of everything that it is on the link of `device`.
    static Route onLink(Device device) {
        Spec spec = new Spec(
                new Ip4Prefix(Ip4Address.ANY, 0),
                TABLE_MAIN,
                RouteType.UNICAST,
                InterfaceAddress.SCOPE_LINK,
                0,
                0,
                0,
                Optional.empty(),
                Metrics.NONE);
        return new Route(spec, List.of(new NextHop(device, null, InterfaceAddress.SCOPE_HOST, 1, false)));
    }

    /// What it is.
    public Spec spec() {
        return spec;
    }

    /// The ways that packets take; none for routes that reject.
    public List<NextHop> hops() {
        return List.of(hops);
    }

    /// Whether it is one for IPv4.
    public boolean isIp4() {
        return spec.destination() instanceof Ip4Prefix;
    }

    NextHop hop() {
        return hops[0];
    }

    /// Whether all packets take the same hop.
    boolean isSingle() {
        return hops.length == 1;
    }

    /// The next hop for packets with this hash, each hop by its weight.
    NextHop hop(int hash) {
        if (hops.length == 1) {
            return hops[0];
        }
        int left = (int) (((hash & 0xffff_ffffL) * totalWeight) >>> 32);
        int i = 0;
        while (left >= hops[i].weight()) {
            left -= hops[i].weight();
            i++;
        }
        return hops[i];
    }

    /// Whether it is for packets with this type of service that are to leave by `device`, null for any.
    boolean takes(int tos, Device device) {
        return (spec.tos() == 0 || spec.tos() == (tos & TOS))
                && (device == null || hops.length == 0 || hop(device) != null);
    }

    /// Whether `hop` leads by a device without a carrier. Linux does not say so of what stays in this host
    /// (RTNH_F_LINKDOWN).
    public boolean isLinkDown(NextHop hop) {
        boolean staysHere = isIp4()
                ? hop.scope() == InterfaceAddress.SCOPE_NOWHERE
                : type == RouteType.LOCAL || type == RouteType.ANYCAST;
        return !staysHere && !hop.device().hasCarrier();
    }

    /// The first hop that leaves by `device`, or null.
    NextHop hop(Device device) {
        for (NextHop hop : hops) {
            if (hop.device().equals(device)) {
                return hop;
            }
        }
        return null;
    }

    boolean leadsAs(Route other) {
        if (hops.length != other.hops.length) {
            return false;
        }
        for (int i = 0; i < hops.length; i++) {
            if (!hops[i].leadsAs(other.hops[i])) {
                return false;
            }
        }
        return true;
    }

    /// Packets of a certain type of service look at routes for them first; then the smallest priority wins. Negative
    /// when this route comes before `other`.
    int compareRank(Route other) {
        int byTos = Integer.compare(other.spec.tos(), spec.tos());
        return byTos != 0 ? byTos : Integer.compareUnsigned(spec.priority(), other.spec.priority());
    }

    boolean isBefore(Route other) {
        return compareRank(other) < 0;
    }

    boolean isSame(Route other) {
        return leadsAs(other) && spec.equals(other.spec);
    }

    /// Whether it is to the prefix, and in the table, that `other` is.
    boolean isBeside(Route other) {
        return spec.table() == other.spec.table() && spec.destination().equals(other.spec.destination());
    }

    /// As `ip route` has it, such as `unicast 10.0.0.0/8 via 10.1.0.1 dev tun0 metric 5`.
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder(type.name().toLowerCase(java.util.Locale.ROOT));
        text.append(' ').append(spec.destination());
        for (NextHop hop : hops) {
            hop.gateway().ifPresent(g -> text.append(" via ").append(g));
            text.append(" dev ").append(hop.device().name());
        }
        spec.preferredSource().ifPresent(s -> text.append(" src ").append(s));
        return text.append(spec.priority() == 0 ? "" : " metric " + Integer.toUnsignedString(spec.priority()))
                .toString();
    }
}
