package adit.netlink;

import java.lang.foreign.MemorySegment;
import java.util.Optional;

/// What IFLA_LINKINFO says: the kind of link and what is particular to that kind.
///
/// @param kind the driver's name for it, such as `veth`, `tun`, `ipip`
/// @param data what is particular to the kind
public record LinkInfo(String kind, Data data) implements MessageWriter.Body {
    /// The name of a pair of interfaces joined like by a cable.
    public static final String VETH = "veth";
    /// The name of TUN and TAP devices.
    public static final String TUN = "tun";
    /// The name of IPv4 tunnels.
    public static final String IPIP = "ipip";

    /// What is particular to a kind of link.
    public sealed interface Data permits None, VethPeer, TunData, IpTunnelData, Other {}

    /// Nothing.
    public record None() implements Data {}

    /// The other end of a pair, in a request.
    ///
    /// @param peer its name, address, namespace and so on
    public record VethPeer(LinkMessage peer) implements Data {
        private static Data read(AttributeReader a) {
            Data data = new None();
            while (a.next()) {
                if (a.type() == IfLink.VETH_INFO_PEER) {
                    data = new VethPeer(LinkMessage.read(a));
                }
            }
            return data;
        }
    }

    /// Data of a kind that is not known here, as they are.
    ///
    /// @param octets the payload of IFLA_INFO_DATA
    public record Other(OctetString octets) implements Data {}

    /// A kind without particulars.
    public static LinkInfo of(String kind) {
        return new LinkInfo(kind, new None());
    }

    /// A pair whose other end is `peer`.
    public static LinkInfo veth(LinkMessage peer) {
        return new LinkInfo(VETH, new VethPeer(peer));
    }

    /// Reads the attributes within IFLA_LINKINFO; empty when they name no kind, as those of a port of a bridge may.
    static Optional<LinkInfo> read(AttributeReader info) {
        String kind = null;
        byte[] data = null;
        // In any order, and the last of a type counts: as the kernel takes them.
        while (info.next()) {
            switch (info.type()) {
                case IfLink.IFLA_INFO_KIND -> kind = info.string();
                case IfLink.IFLA_INFO_DATA -> data = info.octets();
                default -> {}
            }
        }
        return kind == null
                ? Optional.empty()
                : Optional.of(new LinkInfo(kind, data == null ? new None() : readData(kind, data)));
    }

    private static Data readData(String kind, byte[] octets) {
        AttributeReader attributes = new AttributeReader(MemorySegment.ofArray(octets), 0, octets.length);
        return switch (kind) {
            case VETH -> VethPeer.read(attributes);
            case TUN -> TunData.read(attributes);
            case IPIP -> IpTunnelData.read(attributes);
            default -> new Other(OctetString.of(octets));
        };
    }

    @Override
    public void writeTo(MessageWriter w) {
        w.string(IfLink.IFLA_INFO_KIND, kind);
        switch (data) {
            case None _ -> {}
            case VethPeer(LinkMessage peer) ->
                w.nested(IfLink.IFLA_INFO_DATA, d -> d.nested(IfLink.VETH_INFO_PEER, peer));
            case TunData tun -> w.nested(IfLink.IFLA_INFO_DATA, tun);
            case IpTunnelData tunnel -> w.nested(IfLink.IFLA_INFO_DATA, tunnel);
            case Other(OctetString octets) -> w.octets(IfLink.IFLA_INFO_DATA, octets.octets());
        }
    }
}
