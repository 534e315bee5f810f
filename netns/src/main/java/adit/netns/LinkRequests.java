package adit.netns;

import adit.device.Device;
import adit.device.DeviceTable;
import adit.device.Dummy;
import adit.device.Errno;
import adit.device.LinkAddresses;
import adit.device.MtuRange;
import adit.device.Veth;
import adit.ip.IpException;
import adit.netlink.AttributeReader;
import adit.netlink.AttributeTable;
import adit.netlink.IfLink;
import adit.netlink.LinkInfo;
import adit.netlink.LinkMessage;
import adit.netlink.MessageReader;
import adit.netlink.Netlink;
import adit.netlink.OctetString;
import adit.wire.MacAddress;
import java.util.Optional;
import java.util.OptionalInt;

/// RTM_NEWLINK, RTM_SETLINK and RTM_DELLINK. Kinds that can be made: veth and dummy; TUN devices
/// are made by opening files, as in Linux.
final class LinkRequests {
    private static final String NEW = "RTM_NEWLINK";
    private static final int FIXED_LENGTH = 16;
    private static final int MAX_NAME = 15;
    private static final int MAX_OTHER_NAME = 127;
    private static final int MAX_ALIAS = 255;

    private final Namespace namespace;

    LinkRequests(Namespace namespace) {
        this.namespace = namespace;
    }

    void create(MessageReader m) throws IpException {
        LinkMessage wanted = read(m, NEW);
        if (wanted.kind().filter(LinkInfo.TUN::equals).isPresent()) {
            throw new IpException(NEW, Errno.EOPNOTSUPP, "TUN and TAP devices are made by opening files.");
        }
        namespace.devices().lock().lock();
        try {
            Device there = find(wanted, m);
            if (there != null) {
                if (m.has(Netlink.NLM_F_EXCL)) {
                    throw new IpException(NEW, Errno.EEXIST, "The link exists.");
                }
                if (m.has(Netlink.NLM_F_REPLACE)) {
                    throw new IpException(NEW, Errno.EOPNOTSUPP, "Links can't be replaced.");
                }
                change(there, wanted, m);
                return;
            }
            if (!m.has(Netlink.NLM_F_CREATE)) {
                throw new IpException(NEW, Errno.ENODEV, "There is no such link.");
            }
            make(wanted);
        } finally {
            namespace.devices().lock().unlock();
        }
    }

    void change(MessageReader m) throws IpException {
        LinkMessage wanted = read(m, "RTM_SETLINK");
        namespace.devices().lock().lock();
        try {
            change(require(wanted, m, "RTM_SETLINK"), wanted, m);
        } finally {
            namespace.devices().lock().unlock();
        }
    }

    void delete(MessageReader m) throws IpException {
        LinkMessage wanted = read(m, "RTM_DELLINK");
        namespace.devices().lock().lock();
        try {
            check("RTM_DELLINK", require(wanted, m, "RTM_DELLINK").delete(), "This link can't be deleted.");
        } finally {
            namespace.devices().lock().unlock();
        }
    }

    private LinkMessage read(MessageReader m, String call) throws IpException {
        if (m.length() < 16 + FIXED_LENGTH) {
            throw new IpException(call, Errno.EINVAL, "The message is too short for a link.");
        }
        AttributeReader a = m.attributes(FIXED_LENGTH);
        while (a.next()) {
            boolean name = (a.type() == IfLink.IFLA_IFNAME && a.string().length() > MAX_NAME)
                    || (a.type() == IfLink.IFLA_ALT_IFNAME && a.string().length() > MAX_OTHER_NAME);
            boolean number = (a.type() == IfLink.IFLA_MTU || a.type() == IfLink.IFLA_TXQLEN) && a.length() < 4;
            boolean alias = a.type() == IfLink.IFLA_IFALIAS && a.length() > MAX_ALIAS;
            if (name || number || alias) {
                throw new IpException(call, Errno.ERANGE, "Attribute failed policy validation");
            }
            if (a.type() == IfLink.IFLA_LINKINFO) {
                validate(AttributeTable.read(a.nested()));
            }
        }
        return LinkMessage.read(m);
    }

    private void validate(AttributeTable info) throws IpException {
        LinkKind kind = info.has(IfLink.IFLA_INFO_KIND) ? namespace.kind(info.string(IfLink.IFLA_INFO_KIND)) : null;
        if (kind != null && info.has(IfLink.IFLA_INFO_DATA)) {
            kind.validate(info.elements(IfLink.IFLA_INFO_DATA));
        }
    }

    private Device find(LinkMessage wanted, MessageReader m) {
        return wanted.index() > 0
                ? namespace.devices().byIndex(wanted.index())
                : name(wanted, m).map(namespace.devices()::byName).orElse(null);
    }

    /// The name that a link is asked for by; a further one counts where there is no other.
    private static Optional<String> name(LinkMessage wanted, MessageReader m) {
        AttributeTable said = AttributeTable.read(m.attributes(FIXED_LENGTH));
        return wanted.name().isEmpty() && said.has(IfLink.IFLA_ALT_IFNAME)
                ? Optional.of(said.string(IfLink.IFLA_ALT_IFNAME))
                : wanted.name();
    }

    private Device require(LinkMessage wanted, MessageReader m, String call) throws IpException {
        if (wanted.index() <= 0 && name(wanted, m).isEmpty()) {
            throw new IpException(call, Errno.EINVAL, "Name the link by index or name.");
        }
        Device found = find(wanted, m);
        if (found == null) {
            throw new IpException(call, Errno.ENODEV, "There is no such link.");
        }
        return found;
    }

    private void make(LinkMessage wanted) throws IpException {
        String kind = wanted.kind().orElse("");
        LinkKind brought = namespace.kind(kind);
        if (brought != null) {
            make(brought, wanted);
            return;
        }
        Device device = switch (kind) {
            case Veth.KIND -> {
                yield Veth.pair(address(wanted), address(peer(wanted)));
            }
            case Dummy.KIND -> new Dummy(address(wanted));
            default -> throw new IpException(NEW, Errno.EOPNOTSUPP, "Unknown device type");
        };
        requireMtu(device, wanted);
        if (device instanceof Veth veth) {
            LinkMessage peer = peer(wanted);
            requireMtu(veth.peer(), peer);
            // Linux looks at the peer's index only beside one of the first end's own.
            register(veth.peer(), peer, "veth%d", wanted.index() == 0 ? 0 : peer.index());
            try {
                register(device, wanted, "veth%d", wanted.index());
            } catch (IpException e) {
                veth.peer().table().unregister(veth.peer());
                throw e;
            }
            check(NEW, set(veth.peer(), peer), "The other end can't be so.");
        } else {
            register(device, wanted, kind + "%d", wanted.index());
        }
        check(NEW, set(device, wanted), "The link can't be so.");
    }

    private void make(LinkKind kind, LinkMessage wanted) throws IpException {
        Device device = kind.make(wanted);
        register(device, wanted, kind.template(), wanted.index());
        kind.made(device, wanted);
        // The kind has seen to the MTU; the name is given.
        check(NEW, set(device, wanted, OptionalInt.empty()), "The link can't be so.");
    }

    private void register(Device device, LinkMessage wanted, String otherwise, int index) throws IpException {
        String name = wanted.name().orElse(otherwise);
        DeviceTable table = home(wanted, NEW).devices();
        check(NEW, table.register(device, name, index), "Name: " + name);
    }

    private static LinkMessage peer(LinkMessage wanted) {
        return wanted.info().map(LinkInfo::data).orElse(null) instanceof LinkInfo.VethPeer(LinkMessage peer)
                ? peer
                : LinkMessage.builder().build();
    }

    private MacAddress address(LinkMessage wanted) throws IpException {
        Optional<OctetString> given = wanted.address();
        if (given.isEmpty()) {
            return LinkAddresses.random(namespace.devices().random());
        }
        return new MacAddress(bits(given.get(), MacAddress.LENGTH));
    }

    /// The first six octets, as far as there are so many. At least `least` are wanted: what is behind those of the
    /// link's type is passed over.
    private static long bits(OctetString octets, int least) throws IpException {
        byte[] given = octets.octets();
        if (given.length < least) {
            throw new IpException(NEW, Errno.EINVAL, "A link address of this type has " + least + " octets.");
        }
        long bits = 0;
        for (int i = 0; i < MacAddress.LENGTH; i++) {
            bits = bits << 8 | (i < given.length ? given[i] & 0xff : 0);
        }
        return bits;
    }

    private static void requireMtu(Device device, LinkMessage wanted) throws IpException {
        if (wanted.mtu().isPresent()) {
            MtuRange range = device.mtuRange();
            int mtu = wanted.mtu().getAsInt();
            if (mtu < range.minimum() || mtu > range.maximum()) {
                throw new IpException(
                        NEW, Errno.EINVAL, "The MTU must be " + range.minimum() + " to " + range.maximum() + ".");
            }
        }
    }

    /// The namespace that a link is to be in: this one, unless IFLA_NET_NS_FD says another. Processes have none
    /// here.
    private Namespace home(LinkMessage wanted, String call) throws IpException {
        if (wanted.namespace().isEmpty()) {
            return namespace;
        }
        Namespace there = wanted.namespace().get() instanceof LinkMessage.Namespace.OfDescriptor(int descriptor)
                ? namespace.ofDescriptor(descriptor)
                : null;
        if (there == null) {
            throw new IpException(call, Errno.EINVAL, "There is no such namespace.");
        }
        return there;
    }

    private void change(Device device, LinkMessage wanted, MessageReader m) throws IpException {
        Namespace home = home(wanted, NEW);
        if (!home.equals(namespace)) {
            namespace.move(device.name(), home, wanted.name().orElse(""));
        }
        if (wanted.info().isPresent() && !(wanted.info().get().data() instanceof LinkInfo.None)) {
            LinkKind kind = namespace.kind(wanted.info().get().kind());
            if (kind == null || !kind.name().equals(device.kind())) {
                throw new IpException(NEW, Errno.EOPNOTSUPP, "What is particular to the kind can't be changed.");
            }
            kind.change(device, wanted);
        }
        if (wanted.address().isPresent()) {
            check(
                    NEW,
                    device.address(device.hardwareType(), bits(wanted.address().get(), device.addressLength())),
                    "The link address can't be so.");
        }
        requireMtu(device, wanted);
        check(NEW, set(device, wanted), "The link can't be so.");
        rest(device, m);
    }

    /// IFLA_GROUP, IFLA_IFALIAS, and IFLA_CARRIER, which only devices have that somebody plays the other end of.
    private void rest(Device device, MessageReader m) throws IpException {
        AttributeReader a = m.attributes(FIXED_LENGTH);
        while (a.next()) {
            if (a.type() == IfLink.IFLA_IFALIAS) {
                device.alias(a.string());
            }
            if (a.type() == IfLink.IFLA_GROUP && a.length() >= Integer.BYTES) {
                device.group(a.i32());
            }
            if (a.type() == IfLink.IFLA_CARRIER && a.length() > 0) {
                check(NEW, device.changeCarrier(a.u8() != 0), "The carrier can't be so.");
            }
        }
    }

    /// Linux's order: MTU, name, queue length, flags.
    private int set(Device device, LinkMessage wanted) {
        return set(device, wanted, wanted.mtu());
    }

    private int set(Device device, LinkMessage wanted, OptionalInt mtu) {
        int answer = 0;
        if (mtu.isPresent()) {
            answer = device.mtu(mtu.getAsInt());
        }
        if (answer == 0
                && wanted.index() > 0
                && wanted.name().filter(n -> !n.isEmpty()).isPresent()) {
            answer = device.table().rename(device, wanted.name().get());
        }
        if (answer == 0 && wanted.transmitQueueLength().isPresent()) {
            answer = device.txQueueLength(wanted.transmitQueueLength().getAsInt());
        }
        int mask = wanted.change() != 0 ? wanted.change() : wanted.flags() != 0 ? -1 : 0;
        if (answer == 0 && mask != 0) {
            answer = device.flags(wanted.flags(), mask);
        }
        return answer;
    }

    private static void check(String call, int answer, String reason) throws IpException {
        if (answer < 0) {
            throw new IpException(call, -answer, reason);
        }
    }
}
