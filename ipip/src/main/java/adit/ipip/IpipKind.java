package adit.ipip;

import adit.device.Device;
import adit.device.DeviceFlags;
import adit.device.Errno;
import adit.ip.IpException;
import adit.netlink.AttributeReader;
import adit.netlink.IfLink;
import adit.netlink.IpTunnelData;
import adit.netlink.LinkInfo;
import adit.netlink.LinkMessage;
import adit.netns.LinkKind;
import adit.tunnel.PathMtu;
import adit.tunnel.Steering;
import adit.wire.Ip4Address;
import adit.wire.IpProtocol;
import java.util.Optional;
import java.util.OptionalInt;

/// Tunnels by rtnetlink: RTM_NEWLINK with the IFLA_IPTUN attributes, and what is told of a tunnel.
final class IpipKind implements LinkKind {
    private static final String CALL = "RTM_NEWLINK";

    private final IpipNamespace namespace;

    IpipKind(IpipNamespace namespace) {
        this.namespace = namespace;
    }

    @Override
    public String name() {
        return IpipDevice.KIND;
    }

    // ---- Requests

    /// Linux refuses attributes that are too short, and takes longer ones; a flag has no payload at all.
    @Override
    public void validate(AttributeReader data) throws IpException {
        while (data.next()) {
            int least = switch (data.type()) {
                case IfLink.IFLA_IPTUN_LINK,
                        IfLink.IFLA_IPTUN_LOCAL,
                        IfLink.IFLA_IPTUN_REMOTE,
                        IfLink.IFLA_IPTUN_FWMARK -> Integer.BYTES;
                case IfLink.IFLA_IPTUN_ENCAP_TYPE,
                        IfLink.IFLA_IPTUN_ENCAP_FLAGS,
                        IfLink.IFLA_IPTUN_ENCAP_SPORT,
                        IfLink.IFLA_IPTUN_ENCAP_DPORT -> Short.BYTES;
                case IfLink.IFLA_IPTUN_TTL,
                        IfLink.IFLA_IPTUN_TOS,
                        IfLink.IFLA_IPTUN_PROTO,
                        IfLink.IFLA_IPTUN_PMTUDISC -> Byte.BYTES;
                default -> 0;
            };
            if (data.length() < least) {
                throw new IpException(
                        CALL,
                        Errno.ERANGE,
                        "Tunnel attribute %s has %s octets and needs %s.".formatted(data.type(), data.length(), least));
            }
            if (data.type() == IfLink.IFLA_IPTUN_COLLECT_METADATA && data.length() > 0) {
                throw new IpException(CALL, Errno.ERANGE, "The flag of external mode has no octets.");
            }
            if (data.type() == IfLink.IFLA_IPTUN_PROTO && !isProtocol(data.u8())) {
                throw invalid("A tunnel carries protocol 4 (IPv4), 137 (MPLS), or 0 for both; not " + data.u8() + ".");
            }
        }
    }

    static boolean isProtocol(int protocol) {
        return protocol == 0 || protocol == IpProtocol.IPIP || protocol == IpProtocol.MPLS;
    }

    private static IpException invalid(String reason) {
        return new IpException(CALL, Errno.EINVAL, reason);
    }

    private static Optional<IpTunnelData> data(LinkMessage wanted) {
        return wanted.info()
                .map(LinkInfo::data)
                .filter(IpTunnelData.class::isInstance)
                .map(IpTunnelData.class::cast);
    }

    private static Parameters parameters(IpTunnelData d, Parameters.Encapsulation encapsulation, int mark) {
        int ttl = d.timeToLive().orElse(0);
        boolean discovers = ttl != 0 || d.pathMtuDiscovery().orElse(1) != 0;
        return new Parameters(
                d.link().orElse(0),
                d.local().map(Ip4Address::bits).orElse(0),
                d.remote().map(Ip4Address::bits).orElse(0),
                ttl,
                d.tos().orElse(0),
                d.protocol().orElse(IpProtocol.IPIP),
                discovers ? PathMtu.DISCOVER : PathMtu.IGNORE,
                d.mark().orElse(mark),
                encapsulation,
                d.metadata() == IpTunnelData.Metadata.COLLECTED ? Steering.EXTERNAL : Steering.CONFIGURED);
    }

    private static Parameters.Encapsulation encapsulation(IpTunnelData d, Parameters.Encapsulation otherwise)
            throws IpException {
        if (d.encapsulation().isEmpty()) {
            return otherwise;
        }
        IpTunnelData.Encapsulation e = d.encapsulation().get();
        Parameters.Encapsulation wanted =
                new Parameters.Encapsulation(e.type(), e.flags(), e.sourcePort(), e.destinationPort());
        if (!wanted.isKnown()) {
            throw invalid("Encapsulation " + e.type() + " is not known: 0 is none, 1 is FOU, 2 is GUE.");
        }
        return wanted;
    }

    @Override
    public Device make(LinkMessage wanted) throws IpException {
        Optional<IpTunnelData> data = data(wanted);
        Parameters p = data.isEmpty()
                ? unsaid()
                : parameters(data.get(), encapsulation(data.get(), Parameters.Encapsulation.NONE), 0);
        if (p.isExternal()) {
            IpipDevice other = namespace.index().theExternal();
            if (other != null) {
                throw new IpException(CALL, Errno.EEXIST, other.name() + " is external, and there can be one only.");
            }
        } else {
            requireNone(p, null);
        }
        return new IpipDevice(namespace, p, 1500 - p.overhead(), IpipDevice.Limits.UNTOLD);
    }

    /// Linux: without IFLA_INFO_DATA nothing is read, and nothing is set but the protocol.
    private static Parameters unsaid() {
        return new Parameters(
                0, 0, 0, 0, 0, IpProtocol.IPIP, PathMtu.IGNORE, 0, Parameters.Encapsulation.NONE, Steering.CONFIGURED);
    }

    private void requireNone(Parameters p, Device butFor) throws IpException {
        IpipDevice other = namespace.index().find(p.local(), p.remote(), p.link());
        if (other != null && !other.equals(butFor)) {
            throw new IpException(CALL, Errno.EEXIST, other.name() + " has these addresses and this device already.");
        }
    }

    @Override
    public void made(Device device, LinkMessage wanted) {
        namespace.join((IpipDevice) device, wanted.mtu());
    }

    /// Everything is looked at before anything is changed; Linux changes the encapsulation first, whatever
    /// comes of the rest.
    @Override
    public void change(Device device, LinkMessage wanted) throws IpException {
        IpipDevice tunnel = (IpipDevice) device;
        IpTunnelData d = data(wanted).orElse(null);
        if (d == null) {
            return;
        }
        IpipNamespace carrier = tunnel.lowerNamespace();
        Parameters before = tunnel.parameters();
        Parameters.Encapsulation encapsulation = encapsulation(d, before.encapsulation());
        Parameters p = parameters(d, encapsulation, before.mark());
        if (p.isExternal()) {
            throw invalid("A tunnel is external from the start or never.");
        }
        if (tunnel.isFallback()) {
            throw invalid(tunnel.name() + " takes what no other tunnel does, and can't be changed.");
        }
        boolean pointToPoint = (tunnel.flags() & DeviceFlags.POINTOPOINT) != 0;
        if (pointToPoint != (p.remote() != 0) || new Ip4Address(p.remote()).isMulticast()) {
            throw invalid("A tunnel has a remote address from the start or never; name it again in each change.");
        }
        IpipDevice other = carrier.index().find(p.local(), p.remote(), p.link());
        if (other != null && !other.equals(tunnel)) {
            throw new IpException(CALL, Errno.EEXIST, other.name() + " has these addresses and this device already.");
        }
        // Neither what it carries nor who steers it changes.
        Parameters next = new Parameters(
                p.link(),
                p.local(),
                p.remote(),
                p.ttl(),
                p.tos(),
                before.protocol(),
                p.pathMtu(),
                p.mark(),
                encapsulation,
                before.steering());
        tunnel.change(next, wanted.mtu().isPresent() ? IpipDevice.Remeasure.NOTHING : IpipDevice.Remeasure.MTU);
    }

    // ---- What is told

    @Override
    public LinkInfo.Data describe(Device device) {
        Parameters p = ((IpipDevice) device).parameters();
        Parameters.Encapsulation e = p.encapsulation();
        return new IpTunnelData(
                OptionalInt.of(p.link()),
                Optional.of(new Ip4Address(p.local())),
                Optional.of(new Ip4Address(p.remote())),
                OptionalInt.of(p.ttl()),
                OptionalInt.of(p.tos()),
                OptionalInt.of(p.protocol()),
                OptionalInt.of(p.pathMtu() == PathMtu.DISCOVER ? 1 : 0),
                OptionalInt.of(p.mark()),
                Optional.of(new IpTunnelData.Encapsulation(e.type(), e.flags(), e.sourcePort(), e.destinationPort())),
                p.isExternal() ? IpTunnelData.Metadata.COLLECTED : IpTunnelData.Metadata.CONFIGURED);
    }
}
