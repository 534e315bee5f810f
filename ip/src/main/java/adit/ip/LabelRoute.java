package adit.ip;

import adit.device.Device;
import adit.wire.Ip4Address;
import adit.wire.Ip6Address;
import adit.wire.IpAddress;
import java.util.List;
import java.util.Optional;

/// What becomes of packets that come in behind an MPLS label. Immutable.
///
/// @param label the label, 20 bits
/// @param labels what takes its place, outermost first; none to go on without it
/// @param device the device that packets leave by; the loopback for those that end here
/// @param gateway the neighbour that they go to, empty where the link has one only
/// @param protocol who made the route, an RTPROT number
public record LabelRoute(int label, List<Integer> labels, Device device, Optional<IpAddress> gateway, int protocol) {
    /// Refuses labels beyond 20 bits.
    public LabelRoute {
        labels = List.copyOf(labels);
        if (label >>> 20 != 0 || labels.stream().anyMatch(l -> l >>> 20 != 0)) {
            throw new IllegalArgumentException("label " + label + " to " + labels + " (a label has 20 bits)");
        }
    }

    int gateway4() {
        return gateway.orElse(null) instanceof Ip4Address a ? a.bits() : 0;
    }

    Ip6Address gateway6() {
        return gateway.orElse(null) instanceof Ip6Address a ? a : null;
    }
}
