package adit.netns;

import adit.device.Device;
import adit.device.Errno;
import adit.ip.IpException;
import adit.ip.LearnedMtu;
import adit.ip.Route;
import adit.netlink.AttributeReader;
import adit.netlink.MessageReader;
import adit.netlink.MessageWriter;
import adit.netlink.Netlink;
import adit.netlink.RouteMessage;
import adit.netlink.Rtnetlink;
import java.util.Optional;
import java.util.OptionalInt;

/// RTM_GETROUTE for one address: which way packets go that are made here, or that come in by a device.
final class RouteLookup {
    static final String GET = "RTM_GETROUTE";

    private final RouteRequests routes;
    private final Ip4RouteLookup ip4;
    private final Ip6RouteLookup ip6;

    /// What is asked.
    ///
    /// @param wanted the message
    /// @param mark of the packet, 0 for none
    /// @param in the device that it comes in by; empty where it is made here
    record Question(RouteMessage wanted, int mark, Optional<Device> in) {
        boolean asksForRoute() {
            return (wanted.flags() & Rtnetlink.RTM_F_FIB_MATCH) != 0;
        }
    }

    RouteLookup(Namespace namespace, RouteRequests routes) {
        this.routes = routes;
        this.ip4 = new Ip4RouteLookup(namespace, routes);
        this.ip6 = new Ip6RouteLookup(namespace);
    }

    /// Which way packets to an address go, or by which route.
    MessageWriter.Body find(MessageReader m) throws IpException {
        RouteMessage wanted = RouteRequests.read(m, GET);
        int mark = 0;
        OptionalInt in = OptionalInt.empty();
        AttributeReader a = m.attributes(RouteRequests.FIXED_LENGTH);
        while (a.next()) {
            switch (a.type()) {
                case Rtnetlink.RTA_IIF -> in = OptionalInt.of(a.i32());
                case Rtnetlink.RTA_MARK -> mark = a.i32();
                default -> {}
            }
        }
        Question question = new Question(wanted, mark, routes.device(in, GET, Errno.ENODEV));
        return wanted.family() == Netlink.AF_INET6 ? ip6.find(question) : ip4.find(question);
    }

    static Route.Metrics withMtu(Route.Metrics m, LearnedMtu path) {
        return new Route.Metrics(
                path.octets(), path.locked() || m.mtuLocked(), m.hopLimit(), m.advertisedSegmentSize());
    }
}
