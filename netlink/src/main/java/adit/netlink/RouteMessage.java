package adit.netlink;

import adit.wire.IpAddress;
import java.util.Optional;
import java.util.OptionalInt;

/// A route: the body of RTM_NEWROUTE, RTM_DELROUTE and RTM_GETROUTE, for IPv4, IPv6 and MPLS.
///
/// ```
/// | family | destination length | source length | tos | table | protocol | scope | type | flags | attributes
/// ```
///
/// @param family AF_INET, AF_INET6 or AF_MPLS
/// @param table an RT_TABLE number of 32 bits; the header has room for eight bits, larger ones travel as an attribute
/// @param protocol an RTPROT number: who made it
/// @param scope an RT_SCOPE number
/// @param type an RTN number
/// @param flags RTNH_F and RTM_F flags
/// @param destinationLength how many bits of the destination count
/// @param destination where it leads; empty for everywhere
/// @param sourceLength how many bits of the source count
/// @param source whose packets it is for; in a RTM_GETROUTE the packet's source
/// @param tos whose packets it is for
/// @param label of an AF_MPLS route: the incoming label
/// @param newLabels of an AF_MPLS route: what replaces it
/// @param pushed labels put in front of packets of this route
/// @param gateway the next hop, of any family; empty when the destination is on the link
/// @param device the interface that packets leave by
/// @param priority the smallest wins
/// @param preferredSource the source of packets that have none
/// @param metrics path MTU and the like
/// @param error of an answer: the errno of packets that take it, 0 for none
public record RouteMessage(
        int family,
        int table,
        int protocol,
        int scope,
        int type,
        int flags,
        int destinationLength,
        Optional<IpAddress> destination,
        int sourceLength,
        Optional<IpAddress> source,
        int tos,
        Optional<LabelStack> label,
        Optional<LabelStack> newLabels,
        Optional<LabelStack> pushed,
        Optional<IpAddress> gateway,
        OptionalInt device,
        OptionalInt priority,
        Optional<IpAddress> preferredSource,
        RouteMetrics metrics,
        int error)
        implements NetlinkMessage {
    private static final int FIXED_LENGTH = 12;
    private static final int LABEL_BITS = 20;
    /// Where the error stands in `struct rta_cacheinfo`.
    private static final int CACHE_INFO_ERROR = 12;
    private static final int CACHE_INFO_LENGTH = 32;

    /// Starts with a unicast route of a family to everywhere, made by the administrator.
    public static Builder builder(int family) {
        return new Builder(family);
    }

    /// The question by which way packets from `source` (empty: any) to `destination` go.
    public static RouteMessage lookup(IpAddress destination, Optional<IpAddress> source) {
        Builder b = new Builder(Addresses.family(destination))
                .destination(destination, Addresses.bits(destination))
                .protocol(Rtnetlink.RTPROT_UNSPEC)
                .type(Rtnetlink.RTN_UNSPEC)
                .table(Rtnetlink.RT_TABLE_UNSPEC)
                .flags(Rtnetlink.RTM_F_LOOKUP_TABLE);
        source.ifPresent(v -> b.source(v, Addresses.bits(v)));
        return b.build();
    }

    /// Reads the message that `m` stands on.
    public static RouteMessage read(MessageReader m) {
        Builder b = new Builder(m.u8(0))
                .tos(m.u8(3))
                .table(m.u8(4))
                .protocol(m.u8(5))
                .scope(m.u8(6))
                .type(m.u8(7))
                .flags(m.i32(8));
        b.destinationLength = m.u8(1);
        b.sourceLength = m.u8(2);
        return b.attributes(m.attributes(FIXED_LENGTH)).build();
    }

    private boolean fitsHeader() {
        return table >>> 8 == 0;
    }

    @Override
    public void writeTo(MessageWriter w) {
        w.u8(family).u8(destinationLength).u8(sourceLength).u8(tos);
        w.u8(table > 0xff ? Rtnetlink.RT_TABLE_UNSPEC : table)
                .u8(protocol)
                .u8(scope)
                .u8(type)
                .i32(flags);
        destination.ifPresent(v -> w.octets(Rtnetlink.RTA_DST, Addresses.octets(v)));
        label.ifPresent(v -> w.octets(Rtnetlink.RTA_DST, v.octets()));
        source.ifPresent(v -> w.octets(Rtnetlink.RTA_SRC, Addresses.octets(v)));
        if (!fitsHeader()) {
            w.i32(Rtnetlink.RTA_TABLE, table);
        }
        newLabels.ifPresent(v -> w.octets(Rtnetlink.RTA_NEWDST, v.octets()));
        gateway.ifPresent(v -> writeGateway(w, v));
        device.ifPresent(v -> w.i32(Rtnetlink.RTA_OIF, v));
        priority.ifPresent(v -> w.i32(Rtnetlink.RTA_PRIORITY, v));
        preferredSource.ifPresent(v -> w.octets(Rtnetlink.RTA_PREFSRC, Addresses.octets(v)));
        if (!metrics.equals(RouteMetrics.NONE)) {
            w.nested(Rtnetlink.RTA_METRICS, metrics);
        }
        pushed.ifPresent(v -> w.u16(Rtnetlink.RTA_ENCAP_TYPE, Rtnetlink.LWTUNNEL_ENCAP_MPLS)
                .nested(
                        Rtnetlink.RTA_ENCAP | Netlink.NLA_F_NESTED,
                        e -> e.octets(Rtnetlink.MPLS_IPTUNNEL_DST, v.octets())));
        if (error != 0) {
            w.nested(Rtnetlink.RTA_CACHEINFO, c -> {
                for (int at = 0; at < CACHE_INFO_LENGTH; at += Integer.BYTES) {
                    c.i32(at == CACHE_INFO_ERROR ? -error : 0);
                }
            });
        }
    }

    private void writeGateway(MessageWriter w, IpAddress v) {
        if (Addresses.family(v) == family) {
            w.octets(Rtnetlink.RTA_GATEWAY, Addresses.octets(v));
        } else {
            w.nested(Rtnetlink.RTA_VIA, via -> via.u16(Addresses.family(v)).octets(Addresses.octets(v)));
        }
    }

    /// Collects what is said about a route.
    public static final class Builder {
        private final int family;
        private int table = Rtnetlink.RT_TABLE_MAIN;
        private int protocol = Rtnetlink.RTPROT_STATIC;
        private int scope = Rtnetlink.RT_SCOPE_UNIVERSE;
        private int type = Rtnetlink.RTN_UNICAST;
        private int flags;
        private int destinationLength;
        private Optional<IpAddress> destination = Optional.empty();
        private int sourceLength;
        private Optional<IpAddress> source = Optional.empty();
        private int tos;
        private Optional<LabelStack> label = Optional.empty();
        private Optional<LabelStack> newLabels = Optional.empty();
        private Optional<LabelStack> pushed = Optional.empty();
        private Optional<IpAddress> gateway = Optional.empty();
        private OptionalInt device = OptionalInt.empty();
        private OptionalInt priority = OptionalInt.empty();
        private Optional<IpAddress> preferredSource = Optional.empty();
        private RouteMetrics metrics = RouteMetrics.NONE;
        private int error;

        private Builder(int family) {
            this.family = family;
        }

        /// The table.
        public Builder table(int value) {
            table = value;
            return this;
        }

        /// Who made it.
        public Builder protocol(int value) {
            protocol = value;
            return this;
        }

        /// The scope.
        public Builder scope(int value) {
            scope = value;
            return this;
        }

        /// The type.
        public Builder type(int value) {
            type = value;
            return this;
        }

        /// The flags.
        public Builder flags(int value) {
            flags = value;
            return this;
        }

        /// Where it leads.
        public Builder destination(IpAddress address, int length) {
            destination = Optional.of(address);
            destinationLength = length;
            return this;
        }

        /// Whose packets it is for.
        public Builder source(IpAddress address, int length) {
            source = Optional.of(address);
            sourceLength = length;
            return this;
        }

        /// Whose packets it is for.
        public Builder tos(int value) {
            tos = value;
            return this;
        }

        /// Of an AF_MPLS route: the incoming label.
        public Builder label(int value) {
            label = Optional.of(LabelStack.of(value));
            destinationLength = LABEL_BITS;
            return this;
        }

        /// Of an AF_MPLS route: what replaces the incoming label.
        public Builder newLabels(LabelStack value) {
            newLabels = Optional.of(value);
            return this;
        }

        /// Labels to put in front of packets of this route.
        public Builder push(LabelStack value) {
            pushed = Optional.of(value);
            return this;
        }

        /// The next hop, of any family.
        public Builder gateway(IpAddress value) {
            gateway = Optional.of(value);
            return this;
        }

        /// The interface that packets leave by.
        public Builder device(int interfaceIndex) {
            device = OptionalInt.of(interfaceIndex);
            return this;
        }

        /// The priority.
        public Builder priority(int value) {
            priority = OptionalInt.of(value);
            return this;
        }

        /// The source of packets that have none.
        public Builder preferredSource(IpAddress value) {
            preferredSource = Optional.of(value);
            return this;
        }

        /// Path MTU and the like.
        public Builder metrics(RouteMetrics value) {
            metrics = value;
            return this;
        }

        /// Of an answer: the errno of packets that take it.
        public Builder error(int errno) {
            error = errno;
            return this;
        }

        private Builder attributes(AttributeReader a) {
            // The kernel writes RTA_ENCAP in front of the type that says how to read it.
            AttributeReader encap = null;
            int encapType = 0;
            while (a.next()) {
                switch (a.type()) {
                    case Rtnetlink.RTA_DST -> readDestination(a);
                    case Rtnetlink.RTA_SRC -> source = Optional.of(Addresses.read(a));
                    case Rtnetlink.RTA_TABLE -> table = a.i32();
                    case Rtnetlink.RTA_GATEWAY -> gateway = Optional.of(Addresses.read(a));
                    case Rtnetlink.RTA_VIA -> gateway = Optional.of(Addresses.readVia(a.octets()));
                    case Rtnetlink.RTA_NEWDST -> newLabels = Optional.of(LabelStack.read(a.octets()));
                    case Rtnetlink.RTA_OIF -> device = OptionalInt.of(a.i32());
                    case Rtnetlink.RTA_PRIORITY -> priority = OptionalInt.of(a.i32());
                    case Rtnetlink.RTA_PREFSRC -> preferredSource = Optional.of(Addresses.read(a));
                    case Rtnetlink.RTA_METRICS -> metrics = RouteMetrics.read(a.nested());
                    case Rtnetlink.RTA_CACHEINFO -> error = -a.i32(CACHE_INFO_ERROR);
                    case Rtnetlink.RTA_ENCAP -> encap = a.nested();
                    case Rtnetlink.RTA_ENCAP_TYPE -> encapType = a.u16();
                    default -> {}
                }
            }
            if (encap != null && encapType == Rtnetlink.LWTUNNEL_ENCAP_MPLS) {
                pushed = readPushed(encap);
            }
            return this;
        }

        private void readDestination(AttributeReader a) {
            if (family == Netlink.AF_MPLS) {
                label = Optional.of(LabelStack.read(a.octets()));
            } else {
                destination = Optional.of(Addresses.read(a));
            }
        }

        private static Optional<LabelStack> readPushed(AttributeReader encap) {
            Optional<LabelStack> labels = Optional.empty();
            while (encap.next()) {
                if (encap.type() == Rtnetlink.MPLS_IPTUNNEL_DST) {
                    labels = Optional.of(LabelStack.read(encap.octets()));
                }
            }
            return labels;
        }

        /// The message.
        public RouteMessage build() {
            return new RouteMessage(
                    family,
                    table,
                    protocol,
                    scope,
                    type,
                    flags,
                    destinationLength,
                    destination,
                    sourceLength,
                    source,
                    tos,
                    label,
                    newLabels,
                    pushed,
                    gateway,
                    device,
                    priority,
                    preferredSource,
                    metrics,
                    error);
        }
    }
}
