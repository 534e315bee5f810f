package adit.netlink;

import java.util.Optional;
import java.util.OptionalInt;

/// A link: the body of RTM_NEWLINK, RTM_DELLINK, RTM_GETLINK and RTM_SETLINK. In a request, what is empty stays as it
/// is or takes its default.
///
/// ```
/// | family | 0 | hardware type | interface index | flags | change mask | attributes
/// ```
///
/// @param index the interface index, 0 to go by name
/// @param hardwareType an ARPHRD number
/// @param flags IFF flags
/// @param change in a request: which of the flags to set as `flags` says
/// @param name 1 to 15 characters
/// @param mtu in octets
/// @param transmitQueueLength in packets
/// @param address the hardware address; of an IP tunnel the outer source
/// @param broadcast the hardware broadcast address; of an IP tunnel the outer destination
/// @param parent the interface it stands on, or a veth's other end
/// @param master the bridge or bond it belongs to
/// @param operationalState as RFC 2863 has it; 6 is up
/// @param namespace in a request: where the link shall go
/// @param info the kind of link and what is particular to that kind
public record LinkMessage(
        int index,
        int hardwareType,
        int flags,
        int change,
        Optional<String> name,
        OptionalInt mtu,
        OptionalInt transmitQueueLength,
        Optional<OctetString> address,
        Optional<OctetString> broadcast,
        OptionalInt parent,
        OptionalInt master,
        OptionalInt operationalState,
        Optional<Namespace> namespace,
        Optional<LinkInfo> info)
        implements NetlinkMessage {
    /// The length of `struct ifinfomsg`, in octets.
    static final int FIXED_LENGTH = 16;

    /// A network namespace, as a request names it.
    public sealed interface Namespace {
        /// The one that an open file descriptor of the sender names.
        ///
        /// @param descriptor of a file below /proc/PID/ns or /run/netns
        record OfDescriptor(int descriptor) implements Namespace {}

        /// The one that a process is in.
        ///
        /// @param process a process or thread number, as the sender sees it
        record OfProcess(int process) implements Namespace {}
    }

    /// A message about the link of an index, with nothing else said.
    public static LinkMessage of(int index) {
        return new Builder().index(index).build();
    }

    /// A message about the link of a name, with nothing else said.
    public static LinkMessage of(String name) {
        return new Builder().name(name).build();
    }

    /// Starts with nothing said.
    public static Builder builder() {
        return new Builder();
    }

    /// Whether the link is switched on.
    public boolean isUp() {
        return (flags & IfLink.IFF_UP) != 0;
    }

    /// Whether the link is on and has a carrier.
    public boolean isRunning() {
        return (flags & IfLink.IFF_RUNNING) != 0;
    }

    /// The kind, such as `veth`; empty for hardware.
    public Optional<String> kind() {
        return info.map(LinkInfo::kind);
    }

    /// Reads the message that `m` stands on.
    public static LinkMessage read(MessageReader m) {
        Builder b = new Builder().hardwareType(m.u16(2)).index(m.i32(4)).flags(m.i32(8), m.i32(12));
        return b.attributes(m.attributes(FIXED_LENGTH)).build();
    }

    /// Reads the link message that the attribute `a` holds, as a veth's data has one. Nobody gives that one a type.
    static LinkMessage read(AttributeReader a) {
        if (a.length() < FIXED_LENGTH) {
            throw new MalformedMessageException("a peer of " + a.length() + " octets is no link message");
        }
        return new Builder()
                .index(a.i32(4))
                .flags(a.i32(8), a.i32(12))
                .attributes(a.nested(FIXED_LENGTH))
                .build();
    }

    @Override
    public void writeTo(MessageWriter w) {
        w.u8(0).u8(0).u16(hardwareType).i32(index).i32(flags).i32(change);
        name.ifPresent(v -> w.string(IfLink.IFLA_IFNAME, v));
        transmitQueueLength.ifPresent(v -> w.i32(IfLink.IFLA_TXQLEN, v));
        operationalState.ifPresent(v -> w.u8(IfLink.IFLA_OPERSTATE, v));
        mtu.ifPresent(v -> w.i32(IfLink.IFLA_MTU, v));
        address.ifPresent(v -> w.octets(IfLink.IFLA_ADDRESS, v.octets()));
        broadcast.ifPresent(v -> w.octets(IfLink.IFLA_BROADCAST, v.octets()));
        parent.ifPresent(v -> w.i32(IfLink.IFLA_LINK, v));
        master.ifPresent(v -> w.i32(IfLink.IFLA_MASTER, v));
        namespace.ifPresent(v -> {
            switch (v) {
                case Namespace.OfDescriptor(int descriptor) -> w.i32(IfLink.IFLA_NET_NS_FD, descriptor);
                case Namespace.OfProcess(int process) -> w.i32(IfLink.IFLA_NET_NS_PID, process);
            }
        });
        info.ifPresent(v -> w.nested(IfLink.IFLA_LINKINFO, v));
    }

    /// Collects what is said about a link.
    public static final class Builder {
        private int index;
        private int hardwareType;
        private int flags;
        private int change;
        private Optional<String> name = Optional.empty();
        private OptionalInt mtu = OptionalInt.empty();
        private OptionalInt transmitQueueLength = OptionalInt.empty();
        private Optional<OctetString> address = Optional.empty();
        private Optional<OctetString> broadcast = Optional.empty();
        private OptionalInt parent = OptionalInt.empty();
        private OptionalInt master = OptionalInt.empty();
        private OptionalInt operationalState = OptionalInt.empty();
        private Optional<Namespace> namespace = Optional.empty();
        private Optional<LinkInfo> info = Optional.empty();

        private Builder() {}

        /// The interface index.
        public Builder index(int value) {
            index = value;
            return this;
        }

        /// The hardware type.
        public Builder hardwareType(int value) {
            hardwareType = value;
            return this;
        }

        /// The flags, and in a request which of them to change.
        public Builder flags(int values, int mask) {
            flags = values;
            change = mask;
            return this;
        }

        /// The name.
        public Builder name(String value) {
            name = Optional.of(value);
            return this;
        }

        /// The MTU in octets.
        public Builder mtu(int octets) {
            mtu = OptionalInt.of(octets);
            return this;
        }

        /// The transmit queue length in packets.
        public Builder transmitQueueLength(int packets) {
            transmitQueueLength = OptionalInt.of(packets);
            return this;
        }

        /// The hardware address.
        public Builder address(OctetString value) {
            address = Optional.of(value);
            return this;
        }

        /// The hardware broadcast address.
        public Builder broadcast(OctetString value) {
            broadcast = Optional.of(value);
            return this;
        }

        /// The interface it stands on.
        public Builder parent(int interfaceIndex) {
            parent = OptionalInt.of(interfaceIndex);
            return this;
        }

        /// The bridge or bond it belongs to; 0 for none.
        public Builder master(int interfaceIndex) {
            master = OptionalInt.of(interfaceIndex);
            return this;
        }

        /// The operational state.
        public Builder operationalState(int value) {
            operationalState = OptionalInt.of(value);
            return this;
        }

        /// Where the link shall go.
        public Builder namespace(Namespace value) {
            namespace = Optional.of(value);
            return this;
        }

        /// The kind of link.
        public Builder info(LinkInfo value) {
            info = Optional.of(value);
            return this;
        }

        private Builder attributes(AttributeReader a) {
            while (a.next()) {
                switch (a.type()) {
                    case IfLink.IFLA_IFNAME -> name(a.string());
                    case IfLink.IFLA_MTU -> mtu(a.i32());
                    case IfLink.IFLA_TXQLEN -> transmitQueueLength(a.i32());
                    case IfLink.IFLA_ADDRESS -> address(OctetString.of(a.octets()));
                    case IfLink.IFLA_BROADCAST -> broadcast(OctetString.of(a.octets()));
                    case IfLink.IFLA_LINK -> parent(a.i32());
                    case IfLink.IFLA_MASTER -> master(a.i32());
                    case IfLink.IFLA_OPERSTATE -> operationalState(a.u8());
                    case IfLink.IFLA_NET_NS_FD -> namespace(new Namespace.OfDescriptor(a.i32()));
                    case IfLink.IFLA_NET_NS_PID -> namespace(new Namespace.OfProcess(a.i32()));
                    case IfLink.IFLA_LINKINFO -> LinkInfo.read(a.nested()).ifPresent(this::info);
                    default -> {}
                }
            }
            return this;
        }

        /// The message.
        public LinkMessage build() {
            return new LinkMessage(
                    index,
                    hardwareType,
                    flags,
                    change,
                    name,
                    mtu,
                    transmitQueueLength,
                    address,
                    broadcast,
                    parent,
                    master,
                    operationalState,
                    namespace,
                    info);
        }
    }
}
