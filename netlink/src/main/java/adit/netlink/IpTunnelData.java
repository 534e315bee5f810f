package adit.netlink;

import adit.wire.Ip4Address;
import java.util.Optional;
import java.util.OptionalInt;

/// What rtnetlink says of an IPv4 tunnel: the IFLA_IPTUN attributes. In a request, what is empty takes its default.
///
/// @param link the underlay interface, 0 for any
/// @param local the outer source
/// @param remote the outer destination
/// @param timeToLive 0 inherits
/// @param tos DSCP and ECN; an odd value inherits
/// @param protocol the inner protocol: 4, 137, or 0 for any
/// @param pathMtuDiscovery 0 for outer packets without DF
/// @param mark the mark of outer packets
/// @param encapsulation what stands between the outer header and the inner packet
/// @param metadata who decides for each packet
public record IpTunnelData(
        OptionalInt link,
        Optional<Ip4Address> local,
        Optional<Ip4Address> remote,
        OptionalInt timeToLive,
        OptionalInt tos,
        OptionalInt protocol,
        OptionalInt pathMtuDiscovery,
        OptionalInt mark,
        Optional<Encapsulation> encapsulation,
        Metadata metadata)
        implements LinkInfo.Data, MessageWriter.Body {
    /// Who decides where a packet goes.
    public enum Metadata {
        /// The tunnel's own parameters.
        CONFIGURED,
        /// The packet's metadata: external mode, the collect_md flag.
        COLLECTED
    }

    /// UDP carriage.
    ///
    /// @param type 0 none, 1 FOU, 2 GUE
    /// @param flags 1 checksum, 2 checksum over IPv6, 4 remote checksum
    /// @param sourcePort 0 lets the flow decide
    /// @param destinationPort the peer's port
    public record Encapsulation(int type, int flags, int sourcePort, int destinationPort) {}

    /// A tunnel between two addresses that leaves the rest at its defaults.
    public static IpTunnelData between(Ip4Address local, Ip4Address remote) {
        OptionalInt absent = OptionalInt.empty();
        return new IpTunnelData(
                absent,
                Optional.of(local),
                Optional.of(remote),
                absent,
                absent,
                absent,
                absent,
                absent,
                Optional.empty(),
                Metadata.CONFIGURED);
    }

    static IpTunnelData read(AttributeReader a) {
        OptionalInt link = OptionalInt.empty();
        Optional<Ip4Address> local = Optional.empty();
        Optional<Ip4Address> remote = Optional.empty();
        OptionalInt timeToLive = OptionalInt.empty();
        OptionalInt tos = OptionalInt.empty();
        OptionalInt protocol = OptionalInt.empty();
        OptionalInt pathMtuDiscovery = OptionalInt.empty();
        OptionalInt mark = OptionalInt.empty();
        Metadata metadata = Metadata.CONFIGURED;
        boolean encapsulated = false;
        int type = 0;
        int flags = 0;
        int sourcePort = 0;
        int destinationPort = 0;
        while (a.next()) {
            switch (a.type()) {
                case IfLink.IFLA_IPTUN_LINK -> link = OptionalInt.of(a.i32());
                case IfLink.IFLA_IPTUN_LOCAL -> local = Optional.of(new Ip4Address(a.be32()));
                case IfLink.IFLA_IPTUN_REMOTE -> remote = Optional.of(new Ip4Address(a.be32()));
                case IfLink.IFLA_IPTUN_TTL -> timeToLive = OptionalInt.of(a.u8());
                case IfLink.IFLA_IPTUN_TOS -> tos = OptionalInt.of(a.u8());
                case IfLink.IFLA_IPTUN_PROTO -> protocol = OptionalInt.of(a.u8());
                case IfLink.IFLA_IPTUN_PMTUDISC -> pathMtuDiscovery = OptionalInt.of(a.u8());
                case IfLink.IFLA_IPTUN_FWMARK -> mark = OptionalInt.of(a.i32());
                case IfLink.IFLA_IPTUN_COLLECT_METADATA -> metadata = Metadata.COLLECTED;
                case IfLink.IFLA_IPTUN_ENCAP_TYPE -> {
                    encapsulated = true;
                    type = a.u16();
                }
                case IfLink.IFLA_IPTUN_ENCAP_FLAGS -> {
                    encapsulated = true;
                    flags = a.u16();
                }
                case IfLink.IFLA_IPTUN_ENCAP_SPORT -> {
                    encapsulated = true;
                    sourcePort = a.be16();
                }
                case IfLink.IFLA_IPTUN_ENCAP_DPORT -> {
                    encapsulated = true;
                    destinationPort = a.be16();
                }
                default -> {}
            }
        }
        return new IpTunnelData(
                link,
                local,
                remote,
                timeToLive,
                tos,
                protocol,
                pathMtuDiscovery,
                mark,
                encapsulated
                        ? Optional.of(new Encapsulation(type, flags, sourcePort, destinationPort))
                        : Optional.empty(),
                metadata);
    }

    @Override
    public void writeTo(MessageWriter w) {
        link.ifPresent(v -> w.i32(IfLink.IFLA_IPTUN_LINK, v));
        local.ifPresent(v -> w.be32(IfLink.IFLA_IPTUN_LOCAL, v.bits()));
        remote.ifPresent(v -> w.be32(IfLink.IFLA_IPTUN_REMOTE, v.bits()));
        timeToLive.ifPresent(v -> w.u8(IfLink.IFLA_IPTUN_TTL, v));
        tos.ifPresent(v -> w.u8(IfLink.IFLA_IPTUN_TOS, v));
        protocol.ifPresent(v -> w.u8(IfLink.IFLA_IPTUN_PROTO, v));
        pathMtuDiscovery.ifPresent(v -> w.u8(IfLink.IFLA_IPTUN_PMTUDISC, v));
        mark.ifPresent(v -> w.i32(IfLink.IFLA_IPTUN_FWMARK, v));
        encapsulation.ifPresent(v -> w.u16(IfLink.IFLA_IPTUN_ENCAP_TYPE, v.type())
                .be16(IfLink.IFLA_IPTUN_ENCAP_SPORT, v.sourcePort())
                .be16(IfLink.IFLA_IPTUN_ENCAP_DPORT, v.destinationPort())
                .u16(IfLink.IFLA_IPTUN_ENCAP_FLAGS, v.flags()));
        if (metadata == Metadata.COLLECTED) {
            w.flag(IfLink.IFLA_IPTUN_COLLECT_METADATA);
        }
    }
}
