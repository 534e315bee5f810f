package adit.netns;

import adit.ip.IpException;
import adit.netlink.IpTunnelData;
import adit.netlink.LinkInfo;
import adit.netlink.LinkMessage;
import adit.netlink.Netlink;
import adit.netlink.Rtnetlink;
import adit.wire.Ip4Address;
import java.util.Optional;
import java.util.OptionalInt;

/// An IPv4 tunnel in the words of `ip link add ... type ipip`. What is not said takes its default: mode ipip,
/// any address, TTL inherited, path MTU discovery.
public final class TunnelWords {
    private static final int IPIP = 4;
    private static final int MPLS = 137;
    private static final int FOU = 1;
    private static final int GUE = 2;

    private final Configuration configuration;
    private final String name;
    private OptionalInt link = OptionalInt.empty();
    private Optional<Ip4Address> local = Optional.empty();
    private Optional<Ip4Address> remote = Optional.empty();
    private OptionalInt ttl = OptionalInt.empty();
    private OptionalInt tos = OptionalInt.empty();
    private int protocol = IPIP;
    private int pathMtuDiscovery = 1;
    private OptionalInt mark = OptionalInt.empty();
    private OptionalInt mtu = OptionalInt.empty();
    private Optional<IpTunnelData.Encapsulation> encapsulation = Optional.empty();
    private IpTunnelData.Metadata metadata = IpTunnelData.Metadata.CONFIGURED;
    private String device;

    TunnelWords(Configuration configuration, String name) {
        this.configuration = configuration;
        this.name = name;
    }

    /// From this outer address.
    public TunnelWords local(String address) {
        local = Optional.of(Ip4Address.parse(address));
        return this;
    }

    /// To this outer address.
    public TunnelWords remote(String address) {
        remote = Optional.of(Ip4Address.parse(address));
        return this;
    }

    /// Carried by this device.
    public TunnelWords dev(String underlay) {
        device = underlay;
        return this;
    }

    /// With this outer time to live, 0 to inherit.
    public TunnelWords ttl(int hops) {
        ttl = OptionalInt.of(hops);
        return this;
    }

    /// With this outer DSCP and ECN, 1 to inherit.
    public TunnelWords tos(int octet) {
        tos = OptionalInt.of(octet);
        return this;
    }

    /// For labelled packets.
    public TunnelWords mplsip() {
        protocol = MPLS;
        return this;
    }

    /// For IPv4 and labelled packets.
    public TunnelWords any() {
        protocol = 0;
        return this;
    }

    /// Without DF where the inner packet has none.
    public TunnelWords nopmtudisc() {
        pathMtuDiscovery = 0;
        return this;
    }

    /// With this mark on outer packets.
    public TunnelWords fwmark(int value) {
        mark = OptionalInt.of(value);
        return this;
    }

    /// With this MTU in octets.
    public TunnelWords mtu(int octets) {
        mtu = OptionalInt.of(octets);
        return this;
    }

    /// Over FOU from a port that the inner flow decides.
    public TunnelWords fou(int destinationPort) {
        return encapsulation(FOU, 0, 0, destinationPort);
    }

    /// Over GUE from a port that the inner flow decides.
    public TunnelWords gue(int destinationPort) {
        return encapsulation(GUE, 0, 0, destinationPort);
    }

    /// Over UDP: type 1 is FOU, 2 GUE; flag 1 asks for a checksum, 4 for remote checksum offload; a source port
    /// of 0 has the inner flow decide.
    public TunnelWords encapsulation(int type, int flags, int sourcePort, int destinationPort) {
        encapsulation = Optional.of(new IpTunnelData.Encapsulation(type, flags, sourcePort, destinationPort));
        return this;
    }

    /// With outer parameters that come with each packet.
    public TunnelWords external() {
        metadata = IpTunnelData.Metadata.COLLECTED;
        return this;
    }

    /// Adds it; EEXIST when there is one like it.
    public Configuration add() throws IpException {
        configuration.request(
                "link add " + name,
                Rtnetlink.RTM_NEWLINK,
                Netlink.NLM_F_CREATE | Netlink.NLM_F_EXCL,
                message().name(name).build());
        return configuration;
    }

    /// Changes it to what has been said; as in Linux, what has not been said takes its default.
    public Configuration change() throws IpException {
        configuration.request(
                "link set " + name,
                Rtnetlink.RTM_NEWLINK,
                0,
                message().index(configuration.index(name)).build());
        return configuration;
    }

    private LinkMessage.Builder message() throws IpException {
        if (device != null) {
            link = OptionalInt.of(configuration.index(device));
        }
        IpTunnelData data = new IpTunnelData(
                link,
                local,
                remote,
                ttl,
                tos,
                OptionalInt.of(protocol),
                OptionalInt.of(pathMtuDiscovery),
                mark,
                encapsulation,
                metadata);
        LinkMessage.Builder b = LinkMessage.builder().info(new LinkInfo(LinkInfo.IPIP, data));
        mtu.ifPresent(b::mtu);
        return b;
    }
}
