package adit.netns;

import adit.device.Device;
import adit.device.Errno;
import adit.ip.IpException;
import adit.ip.LearnedMtu;
import adit.ip.Route;
import adit.netlink.MessageReader;
import adit.netlink.MessageWriter;
import adit.netlink.Netlink;
import adit.netlink.RouteMessage;
import adit.netlink.Rtnetlink;
import adit.wire.Ip4Address;
import adit.wire.Ip6Address;
import adit.wire.IpAddress;
import java.lang.foreign.MemorySegment;
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
    MessageWriter.Body find(MessageReader m, AttributePolicy.Look look) throws IpException {
        AttributePolicy.Parsed said = RouteQuestions.read(m, look);
        boolean ip4 = m.u8(0) == Netlink.AF_INET;
        RouteMessage.Builder wanted =
                RouteMessage.builder(m.u8(0)).tos(m.u8(3)).flags(m.i32(8)).device(said.i32(Rtnetlink.RTA_OIF));
        int bits = ip4 ? Integer.SIZE : 2 * Long.SIZE;
        Optional<IpAddress> source = address(said, Rtnetlink.RTA_SRC, ip4);
        source.ifPresent(a -> wanted.source(a, bits));
        Optional<IpAddress> destination = address(said, Rtnetlink.RTA_DST, ip4);
        destination.ifPresent(a -> wanted.destination(a, bits));
        RouteQuestions.requireProtocol(said, ip4);
        OptionalInt in = said.get(Rtnetlink.RTA_IIF).isPresent()
                ? OptionalInt.of(said.i32(Rtnetlink.RTA_IIF))
                : OptionalInt.empty();
        Question question =
                new Question(wanted.build(), said.i32(Rtnetlink.RTA_MARK), routes.device(in, GET, Errno.ENODEV));
        return ip4 ? this.ip4.find(question) : ip6.find(question);
    }

    private static Optional<IpAddress> address(AttributePolicy.Parsed said, int type, boolean ip4) throws IpException {
        if (said.get(type).isEmpty()) {
            return Optional.empty();
        }
        MemorySegment octets = MemorySegment.ofBuffer(said.get(type).get());
        if (octets.byteSize() < (ip4 ? Integer.BYTES : 2 * Long.BYTES)) {
            throw new IpException(GET, Errno.EINVAL, "The address is too short.");
        }
        return Optional.of(ip4 ? Ip4Address.read(octets, 0) : Ip6Address.read(octets, 0));
    }

    static Route.Metrics withMtu(Route.Metrics m, LearnedMtu path) {
        return new Route.Metrics(
                path.octets(), path.locked() || m.mtuLocked(), m.hopLimit(), m.advertisedSegmentSize());
    }
}
