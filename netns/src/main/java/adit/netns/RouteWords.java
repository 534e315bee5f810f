package adit.netns;

import adit.ip.IpException;
import adit.ip.RouteEncapsulation;
import adit.netlink.MessageWriter;
import adit.netlink.Netlink;
import adit.netlink.RouteHop;
import adit.netlink.RouteMessage;
import adit.netlink.RouteMetrics;
import adit.netlink.Rtnetlink;
import adit.wire.Ip6Address;
import adit.wire.Ip6Prefix;
import adit.wire.IpAddress;
import adit.wire.IpPrefix;
import java.util.ArrayList;
import java.util.List;

/// A route in the words of `ip route`, to be added, replaced or deleted.
///
/// Words about the way (`via`, `dev`, `onlink`, `encapsulate`) are about the route's only next hop. Behind `nexthop`
/// they are about that one of several; everything else is about the route wherever it stands.
///
/// ```java
/// ns.configure()
///         .route("10.9.0.0/16")
///         .nexthop().via("10.0.0.2").weight(3)
///         .nexthop().via("10.0.1.2").dev("eth1")
///         .add();
/// ```
///
/// Of several next hops each gets the flows of its weight's share, told apart by their addresses. One whose device goes
/// down gets none until it is up again.
public final class RouteWords {
    private static final int LARGEST_WEIGHT = 256;

    private final Configuration configuration;
    private final String destination;
    private final Way whole = new Way();
    private final List<Way> hops = new ArrayList<>();
    private Way way = whole;
    private int type = Rtnetlink.RTN_UNICAST;
    private int table = Rtnetlink.RT_TABLE_MAIN;
    private int priority;
    private int mtu;
    private IpAddress source;

    /// Where packets go next.
    private static final class Way {
        private IpAddress gateway;
        private String device;
        private int flags;
        private int weight = 1;
        private RouteEncapsulation encapsulation;

        private void encapsulation(MessageWriter w) {
            if (encapsulation != null) {
                EncapAttributes.write(w, encapsulation);
            }
        }
    }

    RouteWords(Configuration configuration, String destination) {
        this.configuration = configuration;
        this.destination = destination;
    }

    // ---- The way

    /// By one more next hop, which the words behind this describe.
    public RouteWords nexthop() {
        way = new Way();
        hops.add(way);
        return this;
    }

    /// By a gateway.
    public RouteWords via(String address) {
        way.gateway = IpAddress.parse(address);
        return this;
    }

    /// By a device.
    public RouteWords dev(String name) {
        way.device = name;
        return this;
    }

    /// With a gateway that is taken to be on the link of the device, whatever its address.
    public RouteWords onlink() {
        way.flags |= Rtnetlink.RTNH_F_ONLINK;
        return this;
    }

    /// With this around each packet: MPLS labels, or the outer header that a tunnel in external mode adds.
    public RouteWords encapsulate(RouteEncapsulation with) {
        way.encapsulation = with;
        return this;
    }

    /// With so large a share of the packets, 1 to 256, against the weights of the other next hops. A next hop that says
    /// nothing has 1.
    public RouteWords weight(int share) {
        if (share < 1 || share > LARGEST_WEIGHT) {
            throw new IllegalArgumentException("a weight is 1 to " + LARGEST_WEIGHT + ", not " + share);
        }
        way.weight = share;
        return this;
    }

    // ---- The route

    /// With a source for packets that have none.
    public RouteWords src(String address) {
        source = IpAddress.parse(address);
        return this;
    }

    /// With a priority; the smallest wins.
    public RouteWords metric(int value) {
        priority = value;
        return this;
    }

    /// With a path MTU in octets.
    public RouteWords mtu(int octets) {
        mtu = octets;
        return this;
    }

    /// In another table.
    public RouteWords table(int number) {
        table = number;
        return this;
    }

    /// To this host itself, all of the prefix, in the table of such routes.
    public RouteWords local() {
        type = Rtnetlink.RTN_LOCAL;
        table = Rtnetlink.RT_TABLE_LOCAL;
        return this;
    }

    /// Dropped in silence.
    public RouteWords blackhole() {
        type = Rtnetlink.RTN_BLACKHOLE;
        return this;
    }

    /// Answered with "host unreachable".
    public RouteWords unreachable() {
        type = Rtnetlink.RTN_UNREACHABLE;
        return this;
    }

    /// Answered with "administratively prohibited".
    public RouteWords prohibit() {
        type = Rtnetlink.RTN_PROHIBIT;
        return this;
    }

    // ---- What is to become of it

    /// Adds it; EEXIST when there is one.
    public Configuration add() throws IpException {
        return request("add", Rtnetlink.RTM_NEWROUTE, Netlink.NLM_F_CREATE | Netlink.NLM_F_EXCL);
    }

    /// Adds it behind those there to the same prefix. In IPv6 the next hops of both share packets.
    public Configuration append() throws IpException {
        return request("append", Rtnetlink.RTM_NEWROUTE, Netlink.NLM_F_CREATE | Netlink.NLM_F_APPEND);
    }

    /// Adds it or puts it in the place of the one there.
    public Configuration replace() throws IpException {
        return request("replace", Rtnetlink.RTM_NEWROUTE, Netlink.NLM_F_CREATE | Netlink.NLM_F_REPLACE);
    }

    /// Deletes it; ESRCH when there is none. In IPv6 the next hops that are named, one by one, or all.
    public Configuration delete() throws IpException {
        return request("del", Rtnetlink.RTM_DELROUTE, 0);
    }

    private Configuration request(String verb, int message, int requestFlags) throws IpException {
        boolean adds = message == Rtnetlink.RTM_NEWROUTE;
        RouteMessage route = message(adds);
        List<MessageWriter.Body> ways = new ArrayList<>();
        for (Way hop : hops) {
            ways.add(body(hop));
        }
        configuration.request("route " + verb + " " + destination, message, requestFlags, w -> {
            route.writeTo(w);
            if (adds) {
                whole.encapsulation(w);
            }
            if (!ways.isEmpty()) {
                w.nested(Rtnetlink.RTA_MULTIPATH, all -> ways.forEach(hop -> hop.writeTo(all)));
            }
        });
        return configuration;
    }

    private RouteMessage message(boolean adds) throws IpException {
        IpPrefix to = prefix();
        boolean ip6 = to instanceof Ip6Prefix;
        RouteMessage.Builder b = RouteMessage.builder(ip6 ? Netlink.AF_INET6 : Netlink.AF_INET)
                .table(table)
                .protocol(adds ? Rtnetlink.RTPROT_BOOT : 0)
                .type(type)
                .flags(whole.flags);
        boolean isNear = whole.gateway == null && hops.isEmpty();
        if (!adds) {
            b.scope(Rtnetlink.RT_SCOPE_NOWHERE);
        } else if (isNear && type == Rtnetlink.RTN_UNICAST && !ip6) {
            b.scope(Rtnetlink.RT_SCOPE_LINK);
        } else if (type == Rtnetlink.RTN_LOCAL && !ip6) {
            b.scope(Rtnetlink.RT_SCOPE_HOST);
        }
        if (to.length() > 0) {
            b.destination(to.address(), to.length());
        }
        if (whole.gateway != null) {
            b.gateway(whole.gateway);
        }
        if (whole.device != null) {
            b.device(configuration.index(whole.device));
        }
        if (source != null) {
            b.preferredSource(source);
        }
        if (priority != 0) {
            b.priority(priority);
        }
        if (mtu != 0) {
            b.metrics(RouteMetrics.ofMtu(mtu));
        }
        return b.build();
    }

    private MessageWriter.Body body(Way hop) throws IpException {
        int index = hop.device == null ? 0 : configuration.index(hop.device);
        return w -> RouteHop.write(w, hop.flags, hop.weight, index, h -> {
            if (hop.gateway != null) {
                h.octets(Rtnetlink.RTA_GATEWAY, AddressRequests.octets(hop.gateway));
            }
            hop.encapsulation(h);
        });
    }

    private IpPrefix prefix() {
        if (!destination.equals("default")) {
            return IpPrefix.parse(destination);
        }
        boolean ip6 = whole.gateway instanceof Ip6Address;
        for (Way hop : hops) {
            ip6 |= hop.gateway instanceof Ip6Address;
        }
        return IpPrefix.parse(ip6 ? "::/0" : "0.0.0.0/0");
    }
}
