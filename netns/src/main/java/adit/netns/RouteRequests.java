package adit.netns;

import adit.device.Device;
import adit.device.Errno;
import adit.ip.InterfaceAddress;
import adit.ip.IpException;
import adit.ip.Route;
import adit.ip.RouteEncapsulation;
import adit.ip.RouteMatch;
import adit.ip.RouteRequest;
import adit.ip.RouteType;
import adit.netlink.AttributeTable;
import adit.netlink.MessageReader;
import adit.netlink.MessageWriter;
import adit.netlink.Netlink;
import adit.netlink.RouteMessage;
import adit.netlink.RouteMetrics;
import adit.netlink.Rtnetlink;
import adit.wire.Ip4Address;
import adit.wire.Ip4Prefix;
import adit.wire.Ip6Address;
import adit.wire.Ip6Prefix;
import adit.wire.IpAddress;
import adit.wire.IpPrefix;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/// RTM_NEWROUTE, RTM_DELROUTE and dumps; questions for the way to one address are [RouteLookup]'s.
final class RouteRequests {
    static final String NEW = "RTM_NEWROUTE";
    static final String DELETE = "RTM_DELROUTE";
    /// Octets in front of a route's attributes.
    static final int FIXED_LENGTH = 12;

    private static final int LAST_TABLE_OF_HEADER = 0xff;
    /// The priority of IPv6 routes that name none.
    private static final int USUAL_PRIORITY_6 = 1024;

    private final Namespace namespace;
    private final LabelRequests labels;

    RouteRequests(Namespace namespace) {
        this.namespace = namespace;
        this.labels = new LabelRequests(namespace);
    }

    // ---- Changing

    void add(MessageReader m) throws IpException {
        if (isAboutLabels(m)) {
            labels.add(RouteMessage.read(m), flags(m));
            return;
        }
        RouteMessage wanted = read(m, NEW);
        RouteType type = type(wanted, NEW);
        boolean ip4 = wanted.family() == Netlink.AF_INET;
        int priority = wanted.priority().orElse(0);
        Route.Spec spec = new Route.Spec(
                prefix(wanted, NEW),
                table(wanted),
                type,
                ip4 ? wanted.scope() : InterfaceAddress.SCOPE_UNIVERSE,
                !ip4 && wanted.protocol() == Rtnetlink.RTPROT_UNSPEC ? Rtnetlink.RTPROT_BOOT : wanted.protocol(),
                ip4 ? wanted.tos() : 0,
                ip4 || priority != 0 ? priority : USUAL_PRIORITY_6,
                preferredSource(wanted),
                metrics(wanted.metrics()),
                ip4
                        ? Route.Terms.USUAL
                        : RouteTermsWords.terms(m, namespace.devices().now()));
        requireNoService(wanted, NEW);
        namespace
                .ip()
                .configuration()
                .routes()
                .add(new RouteRequest(spec, hops(m, wanted, type), marks(wanted), form(m)), flags(m));
    }

    private static void requireNoService(RouteMessage wanted, String call) throws IpException {
        if (wanted.family() == Netlink.AF_INET6 && wanted.tos() != 0) {
            throw new IpException(call, Errno.EINVAL, "Invalid dsfield (tos): option not available for IPv6");
        }
    }

    private List<RouteRequest.Hop> hops(MessageReader m, RouteMessage wanted, RouteType type) throws IpException {
        boolean ip4 = wanted.family() == Netlink.AF_INET;
        Optional<RouteEncapsulation> encapsulation =
                EncapAttributes.read(AttributeTable.read(m.attributes(FIXED_LENGTH)), NEW);
        Optional<Multipath> several = Multipath.of(this, m, wanted, NEW);
        List<RouteRequest.Hop> hops =
                several.isPresent() ? several.get().wanted() : List.of(hop(wanted, encapsulation));
        boolean saysWhere = several.isPresent()
                || wanted.gateway().isPresent()
                || wanted.device().isPresent();
        if (ip4 && type.rejects() && !saysWhere) {
            return List.of();
        }
        if (!ip4 && hops.stream().anyMatch(h -> h.encapsulation().isPresent())) {
            throw new IpException(NEW, Errno.EOPNOTSUPP, "Nothing is put around IPv6 packets.");
        }
        return hops;
    }

    /// The only next hop.
    private RouteRequest.Hop hop(RouteMessage wanted, Optional<RouteEncapsulation> encapsulation) throws IpException {
        boolean onLink = (wanted.flags() & Rtnetlink.RTNH_F_ONLINK) != 0;
        boolean routed = wanted.family() == Netlink.AF_INET && wanted.gateway().isPresent() && !onLink;
        return new RouteRequest.Hop(
                device(wanted.device(), NEW, routed ? Errno.ENETUNREACH : Errno.ENODEV),
                wanted.gateway(),
                1,
                onLink ? RouteRequest.Reach.ON_LINK : RouteRequest.Reach.ROUTED,
                encapsulation);
    }

    private static Set<Route.Mark> marks(RouteMessage wanted) {
        return (wanted.flags() & Rtnetlink.RTNH_F_ONLINK) != 0 ? Set.of(Route.Mark.ON_LINK) : Set.of();
    }

    private static RouteRequest.Form form(MessageReader m) {
        return AttributeTable.read(m.attributes(FIXED_LENGTH)).has(Rtnetlink.RTA_MULTIPATH)
                ? RouteRequest.Form.LIST
                : RouteRequest.Form.SINGLE;
    }

    private static Set<RouteRequest.Flag> flags(MessageReader m) {
        Set<RouteRequest.Flag> flags = EnumSet.noneOf(RouteRequest.Flag.class);
        if (m.has(Netlink.NLM_F_CREATE)) {
            flags.add(RouteRequest.Flag.CREATE);
        }
        if (m.has(Netlink.NLM_F_EXCL)) {
            flags.add(RouteRequest.Flag.EXCLUSIVE);
        }
        if (m.has(Netlink.NLM_F_REPLACE)) {
            flags.add(RouteRequest.Flag.REPLACE);
        }
        if (m.has(Netlink.NLM_F_APPEND)) {
            flags.add(RouteRequest.Flag.APPEND);
        }
        return flags;
    }

    private static boolean isAboutLabels(MessageReader m) {
        return m.length() >= 16 + FIXED_LENGTH && m.u8(0) == Netlink.AF_MPLS;
    }

    void delete(MessageReader m) throws IpException {
        if (isAboutLabels(m)) {
            labels.delete(RouteMessage.read(m));
            return;
        }
        RouteMessage wanted = read(m, DELETE);
        requireNoService(wanted, DELETE);
        Optional<RouteType> type =
                wanted.type() == Rtnetlink.RTN_UNSPEC ? Optional.empty() : Optional.of(type(wanted, DELETE));
        Optional<Multipath> several = Multipath.of(this, m, wanted, DELETE);
        namespace
                .ip()
                .configuration()
                .routes()
                .delete(new RouteMatch(
                        prefix(wanted, DELETE),
                        table(wanted),
                        wanted.family() == Netlink.AF_INET ? type : Optional.empty(),
                        wanted.scope(),
                        wanted.protocol(),
                        wanted.family() == Netlink.AF_INET ? wanted.tos() : 0,
                        wanted.priority().orElse(0),
                        device(wanted.device(), DELETE, Errno.ESRCH),
                        wanted.gateway(),
                        preferredSource(wanted),
                        several.isPresent() ? several.get().unwanted() : List.of()));
    }

    static RouteMessage read(MessageReader m, String call) throws IpException {
        if (m.length() < 16 + FIXED_LENGTH) {
            throw new IpException(call, Errno.EINVAL, "The message is too short for a route.");
        }
        RouteMessage wanted = RouteMessage.read(m);
        if (wanted.family() != Netlink.AF_INET && wanted.family() != Netlink.AF_INET6) {
            throw new IpException(call, Errno.EOPNOTSUPP, "There are routes of IPv4 and IPv6 only.");
        }
        return wanted;
    }

    private static RouteType type(RouteMessage wanted, String call) throws IpException {
        RouteType type = RouteType.of(wanted.type());
        if (type == null) {
            throw new IpException(call, Errno.EINVAL, "Type " + wanted.type() + " of routes is not known.");
        }
        return type;
    }

    private static int table(RouteMessage wanted) {
        return wanted.table() == Rtnetlink.RT_TABLE_UNSPEC ? Route.TABLE_MAIN : wanted.table();
    }

    private static IpPrefix prefix(RouteMessage wanted, String call) throws IpException {
        int length = wanted.destinationLength();
        boolean ip4 = wanted.family() == Netlink.AF_INET;
        if (length > (ip4 ? Ip4Prefix.MAX_LENGTH : Ip6Prefix.MAX_LENGTH)) {
            throw new IpException(call, Errno.EINVAL, "Prefix length " + length + " is too long.");
        }
        IpAddress address = wanted.destination().orElse(ip4 ? Ip4Address.ANY : Ip6Address.ANY);
        if (address instanceof Ip4Address != ip4) {
            throw new IpException(call, Errno.EINVAL, "The destination is of another family than the route.");
        }
        return switch (address) {
            case Ip4Address a -> {
                if (!Ip4Prefix.of(a, length).address().equals(a)) {
                    throw new IpException(call, Errno.EINVAL, "Bits behind the prefix are set.");
                }
                yield Ip4Prefix.of(a, length);
            }
            case Ip6Address a -> Ip6Prefix.of(a, length);
        };
    }

    /// No address is the same as none.
    private static Optional<IpAddress> preferredSource(RouteMessage wanted) {
        return wanted.preferredSource().filter(source -> !source.isUnspecified());
    }

    private static Route.Metrics metrics(RouteMetrics m) {
        return new Route.Metrics(
                m.mtu().orElse(0),
                m.mtuLocked(),
                m.hopLimit().orElse(0),
                m.advertisedSegmentSize().orElse(0));
    }

    /// The device of an index; Linux has an errno of its own for each place where there is none.
    Optional<Device> device(OptionalInt index, String call, int errno) throws IpException {
        if (index.isEmpty() || index.getAsInt() == 0) {
            return Optional.empty();
        }
        Device device = namespace.devices().byIndex(index.getAsInt());
        if (device == null) {
            throw new IpException(call, errno, "There is no link " + index.getAsInt() + ".");
        }
        return Optional.of(device);
    }

    // ---- Telling

    /// Writes what is said of a route: Linux names the table in an attribute too, also where its number fits into the
    /// header.
    static void write(MessageWriter w, RouteMessage message) {
        message.writeTo(w);
        if (message.table() <= LAST_TABLE_OF_HEADER) {
            w.i32(Rtnetlink.RTA_TABLE, message.table());
        }
    }
}
