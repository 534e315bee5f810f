package adit.netns;

import adit.device.Device;
import adit.device.Errno;
import adit.ip.InterfaceAddress;
import adit.ip.IpConfiguration;
import adit.ip.IpException;
import adit.ip.IpInterface;
import adit.ip.Lifetime;
import adit.netlink.AddressLifetime;
import adit.netlink.AddressMessage;
import adit.netlink.AttributeTable;
import adit.netlink.IfAddr;
import adit.netlink.MessageReader;
import adit.netlink.MessageWriter;
import adit.netlink.Netlink;
import adit.wire.Ip4Address;
import adit.wire.Ip4Prefix;
import adit.wire.Ip6Address;
import adit.wire.IpAddress;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/// RTM_NEWADDR, RTM_DELADDR and RTM_GETADDR.
final class AddressRequests {
    private static final String NEW = "RTM_NEWADDR";
    private static final String DELETE = "RTM_DELADDR";
    private static final String GET = "RTM_GETADDR";
    private static final int FIXED_LENGTH = 8;
    private static final int IFA_TARGET_NETNSID = 10;
    /// By the numbers of IFA attributes, as the next one.
    private static final AttributePolicy POLICY_4 = AttributePolicy.upTo(11)
            .u32(1, 2, 4, 8, 9)
            .text(15, 3)
            .atLeast(16, 6)
            .s32(10)
            .u8(11);
    private static final AttributePolicy POLICY_6 = AttributePolicy.upTo(11)
            .atLeast(16, 1, 2, 6)
            .atLeast(4, 8, 9)
            .s32(10)
            .u8(11);
    /// fec0::/10, which RFC 3879 took back and Linux still tells apart.
    private static final long SITE = 0x3fb;
    private static final int SITE_BITS = 54;
    /// How far a group is known stands in four bits of its address (RFC 4291 section 2.7).
    private static final int GROUP_SCOPE_BITS = 48;

    private static final int SETTABLE_4 = ~(InterfaceAddress.SECONDARY | InterfaceAddress.PERMANENT);
    private static final int SETTABLE_6 = InterfaceAddress.NO_DETECTION
            | InterfaceAddress.HOME
            | InterfaceAddress.TEMPLATE
            | InterfaceAddress.NO_PREFIX_ROUTE
            | InterfaceAddress.JOINED;

    private final Namespace namespace;

    AddressRequests(Namespace namespace) {
        this.namespace = namespace;
    }

    void add(MessageReader m) throws IpException {
        AddressMessage wanted = read(m, NEW);
        IpAddress local = wanted.local()
                .orElseThrow(() -> new IpException(NEW, Errno.EINVAL, "The request names no local address."));
        IpAddress peer = wanted.peer().orElse(local);
        if ((local instanceof Ip4Address) != (peer instanceof Ip4Address)
                || (local instanceof Ip4Address) != (wanted.family() == Netlink.AF_INET)) {
            throw new IpException(NEW, Errno.EINVAL, "The address is not of the family that the request names.");
        }
        int most = local.length() * Byte.SIZE;
        if (wanted.prefixLength() > most) {
            throw new IpException(NEW, Errno.EINVAL, "The prefix length must be 0 to " + most + ".");
        }
        IpInterface link = link(wanted, NEW);
        Optional<Ip4Address> broadcast = wanted.broadcast()
                .filter(Ip4Address.class::isInstance)
                .map(Ip4Address.class::cast)
                .filter(b -> !b.isUnspecified());
        Lifetime lifetime =
                wanted.lifetime().isPresent() ? lifetime(wanted.lifetime().get()) : Lifetime.FOREVER;
        int flags = (wanted.flags() & (local instanceof Ip4Address ? SETTABLE_4 : SETTABLE_6))
                | (lifetime.validSeconds() == Lifetime.INFINITE ? InterfaceAddress.PERMANENT : 0)
                | (lifetime.preferredSeconds() == 0 ? InterfaceAddress.DEPRECATED : 0);
        InterfaceAddress address = new InterfaceAddress(
                local,
                peer,
                wanted.prefixLength(),
                broadcast,
                local instanceof Ip4Address ? wanted.scope() : scope((Ip6Address) local),
                flags,
                wanted.label().orElse(link.device().name()),
                wanted.priority(),
                lifetime);
        namespace
                .ip()
                .configuration()
                .add(
                        link,
                        address,
                        m.has(Netlink.NLM_F_REPLACE) && !m.has(Netlink.NLM_F_EXCL)
                                ? IpConfiguration.Existing.REPLACE
                                : IpConfiguration.Existing.REFUSE);
    }

    private Lifetime lifetime(AddressLifetime wanted) throws IpException {
        int preferred = wanted.preferredSeconds();
        int valid = wanted.validSeconds();
        if (valid == 0 || Integer.compareUnsigned(preferred, valid) > 0) {
            throw new IpException(NEW, Errno.EINVAL, "address lifetime invalid");
        }
        return new Lifetime(namespace.devices().now(), preferred, valid);
    }

    /// How far an IPv6 address is known follows from the address.
    private static int scope(Ip6Address address) {
        boolean isGroup = address.isMulticast();
        int ofGroup = isGroup ? (int) (address.high() >>> GROUP_SCOPE_BITS) & 0xf : 0;
        if (address.isLoopback() || ofGroup == 1) {
            return InterfaceAddress.SCOPE_HOST;
        }
        if (address.isLinkLocal() || ofGroup == 2) {
            return InterfaceAddress.SCOPE_LINK;
        }
        boolean isOfSite = address.high() >>> SITE_BITS == SITE || ofGroup == 5;
        return isOfSite ? InterfaceAddress.SCOPE_SITE : InterfaceAddress.SCOPE_UNIVERSE;
    }

    void delete(MessageReader m) throws IpException {
        AddressMessage wanted = read(m, DELETE);
        IpInterface link = link(wanted, DELETE);
        if (wanted.family() == Netlink.AF_INET) {
            namespace.ip().configuration().delete4(link, meant4(m, wanted));
            return;
        }
        IpAddress local = wanted.local()
                .orElseThrow(() -> new IpException(DELETE, Errno.EINVAL, "The request names no address."));
        namespace.ip().configuration().delete(link, local, wanted.prefixLength());
    }

    /// Which addresses of IPv4 a request means (Linux's `inet_rtm_deladdr`): what it does not say does not count, and
    /// the length of the prefix does only where IFA_ADDRESS names the link.
    private static Predicate<InterfaceAddress> meant4(MessageReader m, AddressMessage wanted) throws IpException {
        AttributeTable said = AttributeTable.read(m.attributes(FIXED_LENGTH));
        boolean namesLink = said.has(IfAddr.IFA_ADDRESS);
        Optional<IpAddress> local = said.has(IfAddr.IFA_LOCAL) ? wanted.local() : Optional.empty();
        IpAddress peer = namesLink ? wanted.peer().or(wanted::local).orElseThrow() : Ip4Address.ANY;
        if (!(peer instanceof Ip4Address beside)
                || local.filter(Ip6Address.class::isInstance).isPresent()) {
            throw new IpException(DELETE, Errno.EINVAL, "The address is not of the family that the request names.");
        }
        int length = wanted.prefixLength();
        return a -> (local.isEmpty() || local.get().equals(a.local()))
                && (wanted.label().isEmpty() || wanted.label().get().equals(a.label()))
                && (!namesLink || (length == a.prefixLength() && a.link().equals(Ip4Prefix.of(beside, length))));
    }

    private static AddressMessage read(MessageReader m, String call) throws IpException {
        if (m.length() < 16 + FIXED_LENGTH) {
            throw new IpException(call, Errno.EINVAL, "The message is too short for an address.");
        }
        AddressMessage wanted = AddressMessage.read(m);
        if (wanted.family() != Netlink.AF_INET && wanted.family() != Netlink.AF_INET6) {
            throw new IpException(call, Errno.EOPNOTSUPP, "There are addresses of IPv4 and IPv6 only.");
        }
        return wanted;
    }

    private IpInterface link(AddressMessage wanted, String call) throws IpException {
        Device device = namespace.devices().byIndex(wanted.index());
        if (device == null) {
            throw new IpException(call, Errno.ENODEV, "There is no link " + wanted.index() + ".");
        }
        return namespace.ip().of(device);
    }

    void collect(MessageReader m, Dump dump) throws IpException {
        int family = m.u8(0);
        boolean isOfBoth = family != Netlink.AF_INET && family != Netlink.AF_INET6;
        int index = 0;
        if (dump.isStrict()) {
            boolean ip4 = family != Netlink.AF_INET6;
            index = index(m, dump, ip4 ? POLICY_4 : POLICY_6, ip4 ? "ipv4: " : "ipv6: ");
        }
        if (index != 0 && namespace.devices().byIndex(index) == null) {
            throw new IpException(GET, Errno.ENODEV, "");
        }
        for (boolean ip4 : List.of(true, false)) {
            if (!isOfBoth && ip4 != (family == Netlink.AF_INET)) {
                continue;
            }
            for (IpInterface link : namespace.ip().interfaces()) {
                if (index == 0 || index == link.device().index()) {
                    (ip4 ? link.addresses4() : link.addresses6()).forEach(a -> dump.add(body(link, a)));
                }
            }
        }
    }

    /// The link that a request strictly asks about; 0 for all.
    private static int index(MessageReader m, Dump dump, AttributePolicy policy, String who) throws IpException {
        if (m.length() < 16 + FIXED_LENGTH) {
            throw new IpException(GET, Errno.EINVAL, who + "Invalid header for address dump request");
        }
        if (m.u8(1) != 0 || m.u8(2) != 0 || m.u8(3) != 0) {
            throw new IpException(GET, Errno.EINVAL, who + "Invalid values in header for address dump request");
        }
        int index = m.i32(4);
        if (index != 0) {
            dump.rowsAreFiltered(true);
            dump.endIsFiltered();
        }
        AttributePolicy.Parsed said = policy.parse(m, FIXED_LENGTH, GET, AttributePolicy.Look.STRICT);
        if (said.firstBut(IFA_TARGET_NETNSID) < IFA_TARGET_NETNSID) {
            throw new IpException(GET, Errno.EINVAL, who + "Unsupported attribute in dump request");
        }
        if (said.get(IFA_TARGET_NETNSID).isPresent()) {
            throw new IpException(GET, Errno.EINVAL, who + "Invalid target network namespace id");
        }
        if (!said.attributes().isEmpty()) {
            throw new IpException(GET, Errno.EINVAL, who + "Unsupported attribute in dump request");
        }
        return index;
    }

    static MessageWriter.Body body(IpInterface link, InterfaceAddress a) {
        return w -> {
            boolean ip4 = a.local() instanceof Ip4Address;
            w.u8(ip4 ? Netlink.AF_INET : Netlink.AF_INET6).u8(a.prefixLength()).u8(a.flags() & 0xff);
            w.u8(a.scope()).i32(link.device().index());
            if (ip4) {
                w.octets(IfAddr.IFA_ADDRESS, octets(a.peer()));
                w.octets(IfAddr.IFA_LOCAL, octets(a.local()));
                a.broadcast().ifPresent(b -> w.octets(IfAddr.IFA_BROADCAST, octets(b)));
                w.string(IfAddr.IFA_LABEL, a.label());
            } else if (a.peer().equals(a.local())) {
                w.octets(IfAddr.IFA_ADDRESS, octets(a.local()));
            } else {
                w.octets(IfAddr.IFA_LOCAL, octets(a.local()));
                w.octets(IfAddr.IFA_ADDRESS, octets(a.peer()));
            }
            if (a.priority() != 0) {
                w.i32(IfAddr.IFA_RT_PRIORITY, a.priority());
            }
            w.i32(IfAddr.IFA_FLAGS, a.flags());
            long now = link.device().table().now();
            new AddressLifetime(a.lifetime().preferredLeft(now), a.lifetime().validLeft(now)).writeTo(w);
        };
    }

    static byte[] octets(IpAddress address) {
        byte[] octets = new byte[address.length()];
        address.emit(java.lang.foreign.MemorySegment.ofArray(octets), 0);
        return octets;
    }
}
