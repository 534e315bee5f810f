package adit.netns;

import adit.device.Device;
import adit.device.Errno;
import adit.ip.IpException;
import adit.ip.LabelRoute;
import adit.ip.Route;
import adit.ip.RouteRequest;
import adit.netlink.LabelStack;
import adit.netlink.MessageWriter;
import adit.netlink.Netlink;
import adit.netlink.RouteMessage;
import adit.netlink.Rtnetlink;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// RTM_NEWROUTE and RTM_DELROUTE of the family AF_MPLS: what becomes of packets behind a label.
final class LabelRequests {
    private static final String NEW = "RTM_NEWROUTE";
    private static final int LABEL_BITS = 20;

    private final Namespace namespace;

    LabelRequests(Namespace namespace) {
        this.namespace = namespace;
    }

    void add(RouteMessage wanted, Set<RouteRequest.Flag> flags) throws IpException {
        if (wanted.type() != Rtnetlink.RTN_UNICAST) {
            throw new IpException(NEW, Errno.EINVAL, "A label leads to a neighbour.");
        }
        LabelRoute route = new LabelRoute(
                label(wanted, NEW),
                wanted.newLabels().map(LabelStack::labels).orElse(List.of()),
                device(wanted),
                wanted.gateway(),
                wanted.protocol());
        namespace.ip().mpls().add(route, flags);
    }

    void delete(RouteMessage wanted) throws IpException {
        namespace.ip().mpls().delete(label(wanted, "RTM_DELROUTE"));
    }

    private static int label(RouteMessage wanted, String call) throws IpException {
        if (wanted.destinationLength() != LABEL_BITS || wanted.label().isEmpty()) {
            throw new IpException(call, Errno.EINVAL, "A route for labels names one, of 20 bits.");
        }
        return wanted.label().get().labels().getFirst();
    }

    /// The device that is named, or the one that leads to the gateway.
    private Device device(RouteMessage wanted) throws IpException {
        if (wanted.device().isPresent()) {
            Device named = namespace.devices().byIndex(wanted.device().getAsInt());
            if (named == null) {
                throw new IpException(NEW, Errno.ENODEV, "There is no such link.");
            }
            return named;
        }
        Optional<Route> towards = wanted.gateway()
                .flatMap(gateway -> namespace.ip().configuration().routes().lookup(gateway, Optional.empty()));
        return towards.filter(route -> !route.hops().isEmpty())
                .map(route -> route.hops().getFirst().device())
                .orElseThrow(() -> new IpException(NEW, Errno.ENODEV, "The request names neither device nor gateway."));
    }

    MessageWriter.Body body(LabelRoute route) {
        RouteMessage.Builder b = RouteMessage.builder(Netlink.AF_MPLS)
                .label(route.label())
                .protocol(route.protocol())
                .device(route.device().index());
        if (!route.labels().isEmpty()) {
            b.newLabels(new LabelStack(route.labels()));
        }
        route.gateway().ifPresent(b::gateway);
        return b.build();
    }
}
