package adit.netns;

import adit.device.Device;
import adit.device.Errno;
import adit.ip.IpException;
import adit.ip.LabelRoute;
import adit.ip.Route;
import adit.netlink.MessageReader;
import adit.netlink.Netlink;
import adit.netlink.Rtnetlink;

/// RTM_GETROUTE for tables: the routes of a family, or of all (Linux's `inet_dump_fib`, `inet6_dump_fib`,
/// `mpls_dump_routes`). The path MTUs that have been learned are not among them.
final class RouteDumps {
    private static final String GET = "RTM_GETROUTE";
    private static final int RTM_F_PREFIX = 0x800;
    /// By the numbers of RTA attributes; Linux has one policy for the requests of all families.
    static final AttributePolicy POLICY = AttributePolicy.upTo(31)
            .strictFrom(30)
            .u32(1, 2, 3, 4, 5, 6, 7, 11, 15, 16, 25, 30)
            .u16(21, 28, 29)
            .u8(27)
            .nested(8, 22)
            .atLeast(8, 9);

    private final Namespace namespace;
    private final LabelRequests labels;

    /// What is wanted.
    ///
    /// @param kept whether the request said any of it
    private record Filter(int flags, int table, int protocol, int type, Device device, boolean kept) {
        static Filter none(int flags) {
            return new Filter(flags, 0, 0, 0, null, false);
        }

        boolean isCached() {
            return (flags & Rtnetlink.RTM_F_CLONED) != 0;
        }

        /// IPv4 has no routes that routers announced as prefixes, and nobody announces any of IPv6 here.
        boolean isPrefix() {
            return (flags & RTM_F_PREFIX) != 0;
        }

        boolean fits(Route route) {
            Route.Spec spec = route.spec();
            return (table == 0 || table == spec.table())
                    && (protocol == 0 || protocol == spec.protocol())
                    && (type == 0 || type == spec.type().number())
                    && (device == null
                            || route.hops().stream().anyMatch(h -> h.device().equals(device)));
        }

        boolean fits(LabelRoute route) {
            return (table == 0 || table == Route.TABLE_MAIN)
                    && (protocol == 0 || protocol == route.protocol())
                    && (type == 0 || type == Rtnetlink.RTN_UNICAST)
                    && flags == 0
                    && (device == null || device.equals(route.device()));
        }
    }

    RouteDumps(Namespace namespace) {
        this.namespace = namespace;
        this.labels = new LabelRequests(namespace);
    }

    void collect(MessageReader m, Dump dump) throws IpException {
        boolean isWhole = m.length() >= 16 + RouteRequests.FIXED_LENGTH;
        Filter filter = dump.isStrict() ? strict(m) : Filter.none(isWhole ? m.i32(8) & RTM_F_PREFIX : 0);
        if (filter.kept) {
            dump.endIsFiltered();
        }
        int family = m.u8(0);
        boolean isOfAll = family != Netlink.AF_INET && family != Netlink.AF_INET6 && family != Netlink.AF_MPLS;
        dump.rowsAreFiltered(dump.isStrict());
        if (isOfAll || family == Netlink.AF_INET) {
            collect(true, family, filter, dump);
        }
        if (isOfAll || family == Netlink.AF_INET6) {
            collect(false, family, filter, dump);
        }
        dump.rowsAreFiltered(filter.kept);
        if (isOfAll || family == Netlink.AF_MPLS) {
            Filter ofLabels = dump.isStrict() ? filter : Filter.none(0);
            namespace.ip().mpls().routes().stream()
                    .filter(ofLabels::fits)
                    .forEach(route -> dump.add(labels.body(route)));
        }
    }

    private void collect(boolean ip4, int family, Filter filter, Dump dump) throws IpException {
        if (filter.isPrefix()) {
            return;
        }
        boolean isAskedAlone = family == (ip4 ? Netlink.AF_INET : Netlink.AF_INET6);
        if (filter.table != 0
                && isAskedAlone
                && !namespace.ip().configuration().routes().hasTable(ip4, filter.table)) {
            throw new IpException(GET, Errno.ENOENT, (ip4 ? "ipv4" : "ipv6") + ": FIB table does not exist");
        }
        if (filter.isCached()) {
            return;
        }
        for (Route route : namespace.ip().configuration().routes().all()) {
            if (route.isIp4() == ip4 && filter.fits(route)) {
                dump.add(RouteBody.of(
                        route, route.spec().table(), namespace.devices().now()));
            }
        }
    }

    private Filter strict(MessageReader m) throws IpException {
        if (m.length() < 16 + RouteRequests.FIXED_LENGTH) {
            throw new IpException(GET, Errno.EINVAL, "Invalid header for FIB dump request");
        }
        boolean saysMore = m.u8(1) != 0 || m.u8(2) != 0 || m.u8(3) != 0 || m.u8(6) != 0;
        if (saysMore) {
            throw new IpException(GET, Errno.EINVAL, "Invalid values in header for FIB dump request");
        }
        int flags = m.i32(8);
        if ((flags & ~(Rtnetlink.RTM_F_CLONED | RTM_F_PREFIX)) != 0) {
            throw new IpException(GET, Errno.EINVAL, "Invalid flags for FIB dump request");
        }
        AttributePolicy.Parsed said = POLICY.parse(m, RouteRequests.FIXED_LENGTH, GET, AttributePolicy.Look.STRICT);
        int other = said.firstBut(Rtnetlink.RTA_OIF, Rtnetlink.RTA_TABLE);
        if (other < Rtnetlink.RTA_OIF) {
            throw unsupported();
        }
        Device device = null;
        if (said.get(Rtnetlink.RTA_OIF).isPresent()) {
            device = namespace.devices().byIndex(said.i32(Rtnetlink.RTA_OIF));
            if (device == null) {
                throw new IpException(GET, Errno.ENODEV, "");
            }
        }
        if (other < Integer.MAX_VALUE) {
            throw unsupported();
        }
        int table = said.get(Rtnetlink.RTA_TABLE).isPresent() ? said.i32(Rtnetlink.RTA_TABLE) : m.u8(4);
        boolean kept = flags != 0 || table != 0 || m.u8(5) != 0 || m.u8(7) != 0 || device != null;
        return new Filter(flags, table, m.u8(5), m.u8(7), device, kept);
    }

    private static IpException unsupported() {
        return new IpException(GET, Errno.EINVAL, "Unsupported attribute in dump request");
    }
}
