package adit.netns;

import adit.ip.IpException;
import adit.netlink.LabelStack;
import adit.netlink.Netlink;
import adit.netlink.RouteMessage;
import adit.netlink.Rtnetlink;
import adit.wire.IpAddress;

/// What becomes of packets behind an MPLS label, in the words of `ip -f mpls route`. The namespace must have
/// room for the label, see [adit.ip.LabelSwitch#platformLabels].
public final class LabelWords {
    private final Configuration configuration;
    private final int label;
    private LabelStack swapped;
    private IpAddress gateway;
    private String device;

    LabelWords(Configuration configuration, int label) {
        this.configuration = configuration;
        this.label = label;
    }

    /// With these labels in its place, outermost first; without, the label goes and nothing takes its place.
    public LabelWords as(Integer... labels) {
        swapped = LabelStack.of(labels);
        return this;
    }

    /// By a gateway, of either family.
    public LabelWords via(String address) {
        gateway = IpAddress.parse(address);
        return this;
    }

    /// By a device; `lo` for packets that end here.
    public LabelWords dev(String name) {
        device = name;
        return this;
    }

    /// Adds it; EEXIST when there is one.
    public Configuration add() throws IpException {
        configuration.request(
                "route add " + label, Rtnetlink.RTM_NEWROUTE, Netlink.NLM_F_CREATE | Netlink.NLM_F_EXCL, message());
        return configuration;
    }

    /// Adds it or puts it in the place of the one there.
    public Configuration replace() throws IpException {
        configuration.request(
                "route replace " + label,
                Rtnetlink.RTM_NEWROUTE,
                Netlink.NLM_F_CREATE | Netlink.NLM_F_REPLACE,
                message());
        return configuration;
    }

    /// Deletes it; ESRCH when there is none.
    public Configuration delete() throws IpException {
        configuration.request("route del " + label, Rtnetlink.RTM_DELROUTE, 0, message());
        return configuration;
    }

    private RouteMessage message() throws IpException {
        RouteMessage.Builder b = RouteMessage.builder(Netlink.AF_MPLS).label(label);
        if (swapped != null) {
            b.newLabels(swapped);
        }
        if (gateway != null) {
            b.gateway(gateway);
        }
        if (device != null) {
            b.device(configuration.index(device));
        }
        return b.build();
    }
}
