package adit.netns;

import adit.device.Device;
import adit.device.Errno;
import adit.ip.IpConfiguration;
import adit.ip.IpException;
import adit.ip.IpInterface;
import adit.ip.NeighbourEntry;
import adit.netlink.MessageReader;
import adit.netlink.MessageWriter;
import adit.netlink.Neigh;
import adit.netlink.NeighbourMessage;
import adit.netlink.Netlink;
import adit.netlink.OctetString;
import adit.netlink.Rtnetlink;
import adit.wire.Ip4Address;
import adit.wire.Ip6Address;
import adit.wire.IpAddress;
import adit.wire.MacAddress;
import java.util.List;
import java.util.Optional;

/// RTM_NEWNEIGH, RTM_DELNEIGH and RTM_GETNEIGH.
final class NeighbourRequests {
    private static final String NEW = "RTM_NEWNEIGH";
    private static final String DELETE = "RTM_DELNEIGH";
    private static final String GET = "RTM_GETNEIGH";
    private static final int FIXED_LENGTH = 12;
    private static final int NTF_ROUTER = 0x80;
    private static final int NDA_DST = 1;
    private static final int NDA_IFINDEX = 8;
    private static final int NDA_MASTER = 9;
    /// By the numbers of NDA attributes.
    private static final AttributePolicy POLICY = AttributePolicy.upTo(17)
            .strictFrom(13)
            .binary(32, 1, 2)
            .atLeast(16, 3)
            .u32(4, 7, 8, 9, 13)
            .u16(5, 6)
            .u8(12)
            .nested(14)
            .bits(5, 15);

    private final Namespace namespace;

    NeighbourRequests(Namespace namespace) {
        this.namespace = namespace;
    }

    void add(MessageReader m) throws IpException {
        NeighbourMessage wanted = read(m, NEW);
        IpAddress address = address(wanted, NEW);
        IpInterface link = link(wanted, NEW);
        Optional<MacAddress> mac = mac(wanted, link.device());
        IpConfiguration configuration = namespace.ip().configuration();
        if (address instanceof Ip6Address && !link.hasIp6()) {
            throw new IpException(NEW, Errno.EINVAL, "IPv6 is disabled on this device.");
        }
        boolean there = configuration.hasNeighbour(link, address);
        if (there && m.has(Netlink.NLM_F_EXCL)) {
            throw new IpException(NEW, Errno.EEXIST, "The neighbour is known.");
        }
        if (!there && !m.has(Netlink.NLM_F_CREATE)) {
            throw new IpException(NEW, Errno.ENOENT, "The neighbour is not known, and is not to be made.");
        }
        boolean isRouter = (wanted.flags() & NTF_ROUTER) != 0;
        configuration.neighbour(new NeighbourEntry(link, address, mac, wanted.state(), isRouter));
    }

    void delete(MessageReader m) throws IpException {
        NeighbourMessage wanted = read(m, DELETE);
        namespace.ip().configuration().deleteNeighbour(link(wanted, DELETE), address(wanted, DELETE));
    }

    /// Linux's `neigh_get`, which looks at requests strictly whatever the session asked for.
    MessageWriter.Body get(MessageReader m) throws IpException {
        if (m.length() < 16 + FIXED_LENGTH) {
            throw new IpException(GET, Errno.EINVAL, "Invalid header for neighbor get request");
        }
        if (m.u8(1) != 0 || m.u16(2) != 0 || m.u16(8) != 0 || m.u8(11) != 0) {
            throw new IpException(GET, Errno.EINVAL, "Invalid values in header for neighbor get request");
        }
        if ((m.u8(10) & ~Neigh.NTF_PROXY) != 0) {
            throw new IpException(GET, Errno.EINVAL, "Invalid flags in header for neighbor get request");
        }
        boolean isProxy = (m.u8(10) & Neigh.NTF_PROXY) != 0;
        int index = m.i32(4);
        if (!isProxy && index == 0) {
            throw new IpException(GET, Errno.EINVAL, "No device specified");
        }
        AttributePolicy.Parsed said = POLICY.parse(m, FIXED_LENGTH, GET, AttributePolicy.Look.STRICT);
        int family = m.u8(0);
        if (family != Netlink.AF_INET && family != Netlink.AF_INET6) {
            throw new IpException(GET, Errno.EAFNOSUPPORT, "Unsupported family in header for neighbor get request");
        }
        int length = family == Netlink.AF_INET ? Integer.BYTES : 2 * Long.BYTES;
        if (said.get(NDA_DST).isEmpty()) {
            throw AttributeException.missing(GET, NDA_DST);
        }
        if (said.hasOther(NDA_DST)) {
            throw new IpException(GET, Errno.EINVAL, "Unsupported attribute in neighbor get request");
        }
        if (said.get(NDA_DST).get().limit() != length) {
            throw new IpException(GET, Errno.EINVAL, "Invalid network address in neighbor get request");
        }
        if (index != 0 && namespace.devices().byIndex(index) == null) {
            throw new IpException(GET, Errno.ENODEV, "Unknown device ifindex");
        }
        if (isProxy) {
            throw new IpException(GET, Errno.ENOENT, "Proxy neighbour entry not found");
        }
        IpAddress address = NeighbourMessage.read(m).destination().orElseThrow();
        for (NeighbourEntry entry : namespace.ip().configuration().neighbours()) {
            if (entry.link().device().index() == index && entry.address().equals(address)) {
                return body(entry);
            }
        }
        throw new IpException(GET, Errno.ENOENT, "Neighbour entry not found");
    }

    private static NeighbourMessage read(MessageReader m, String call) throws IpException {
        if (m.length() < 16 + FIXED_LENGTH) {
            throw new IpException(call, Errno.EINVAL, "The message is too short for a neighbour.");
        }
        NeighbourMessage wanted = NeighbourMessage.read(m);
        if ((wanted.flags() & Neigh.NTF_PROXY) != 0) {
            throw new IpException(call, Errno.EOPNOTSUPP, "Nobody answers for others here: there are no proxies.");
        }
        return wanted;
    }

    private static IpAddress address(NeighbourMessage wanted, String call) throws IpException {
        IpAddress address = wanted.destination()
                .orElseThrow(() -> new IpException(call, Errno.EINVAL, "The request names no address."));
        if (wanted.family() != Netlink.AF_INET && wanted.family() != Netlink.AF_INET6) {
            throw new IpException(call, Errno.EAFNOSUPPORT, "There are neighbours of IPv4 and IPv6 only.");
        }
        if (address instanceof Ip4Address != (wanted.family() == Netlink.AF_INET)) {
            throw new IpException(call, Errno.EINVAL, "The address is not of the family that the request names.");
        }
        return address;
    }

    private IpInterface link(NeighbourMessage wanted, String call) throws IpException {
        if (wanted.index() == 0) {
            throw new IpException(call, Errno.EINVAL, "The request names no link.");
        }
        Device device = namespace.devices().byIndex(wanted.index());
        if (device == null) {
            throw new IpException(call, Errno.ENODEV, "There is no link " + wanted.index() + ".");
        }
        return namespace.ip().of(device);
    }

    /// The link address that is given, of which a device without any takes none.
    private static Optional<MacAddress> mac(NeighbourMessage wanted, Device device) throws IpException {
        if (wanted.linkAddress().isEmpty()) {
            return Optional.empty();
        }
        byte[] all = wanted.linkAddress().get().octets();
        if (all.length < device.addressLength()) {
            throw new IpException(
                    NEW,
                    Errno.EINVAL,
                    "Link addresses of " + device.name() + " have " + device.addressLength() + " octets.");
        }
        long bits = 0;
        for (int i = 0; i < device.addressLength(); i++) {
            bits = bits << 8 | (all[i] & 0xff);
        }
        return Optional.of(new MacAddress(bits));
    }

    void collect(MessageReader m, Dump dump) throws IpException {
        boolean isWhole = m.length() >= 16 + FIXED_LENGTH;
        AttributePolicy.Parsed said = dump.isStrict() ? strict(m, isWhole) : loose(m, isWhole);
        dump.warn(said.warning());
        if (isWhole && m.u8(10) == Neigh.NTF_PROXY) {
            return;
        }
        int family = m.u8(0);
        int index = said.i32(NDA_IFINDEX);
        int master = said.i32(NDA_MASTER);
        dump.rowsAreFiltered(index != 0 || master != 0);
        if (!LinkDumps.belongsTo(master)) {
            return;
        }
        for (int table : List.of(Netlink.AF_INET, Netlink.AF_INET6)) {
            for (NeighbourEntry entry : namespace.ip().configuration().neighbours()) {
                int of = entry.address() instanceof Ip4Address ? Netlink.AF_INET : Netlink.AF_INET6;
                boolean isWanted = family == Netlink.AF_UNSPEC || family == of;
                boolean isThere = index == 0 || index == entry.link().device().index();
                if (of == table && isWanted && isThere) {
                    dump.add(body(entry));
                }
            }
        }
    }

    private static AttributePolicy.Parsed loose(MessageReader m, boolean isWhole) {
        if (!isWhole) {
            return AttributePolicy.Parsed.nothing("Invalid header length");
        }
        try {
            return POLICY.parse(m, FIXED_LENGTH, GET, AttributePolicy.Look.LOOSE);
        } catch (AttributeException e) {
            return AttributePolicy.Parsed.nothing(e.reason());
        }
    }

    private static AttributePolicy.Parsed strict(MessageReader m, boolean isWhole) throws IpException {
        if (!isWhole) {
            throw new IpException(GET, Errno.EINVAL, "Invalid header for neighbor dump request");
        }
        if (m.u8(1) != 0 || m.u16(2) != 0 || m.i32(4) != 0 || m.u16(8) != 0 || m.u8(11) != 0) {
            throw new IpException(GET, Errno.EINVAL, "Invalid values in header for neighbor dump request");
        }
        if ((m.u8(10) & ~Neigh.NTF_PROXY) != 0) {
            throw new IpException(GET, Errno.EINVAL, "Invalid flags in header for neighbor dump request");
        }
        AttributePolicy.Parsed said = POLICY.parse(m, FIXED_LENGTH, GET, AttributePolicy.Look.STRICT);
        if (said.hasOther(NDA_IFINDEX, NDA_MASTER)) {
            throw new IpException(GET, Errno.EINVAL, "Unsupported attribute in neighbor dump request");
        }
        return said;
    }

    static MessageWriter.Body body(NeighbourEntry entry) {
        byte[] mac = new byte[entry.link().device().addressLength()];
        entry.linkAddress().ifPresent(a -> put(a.bits(), mac));
        return new NeighbourMessage(
                entry.address() instanceof Ip4Address ? Netlink.AF_INET : Netlink.AF_INET6,
                entry.link().device().index(),
                entry.state(),
                entry.isRouter() ? NTF_ROUTER : 0,
                Rtnetlink.RTN_UNICAST,
                Optional.of(entry.address()),
                entry.linkAddress().map(_ -> OctetString.of(mac)));
    }

    private static void put(long bits, byte[] octets) {
        for (int i = 0; i < octets.length; i++) {
            octets[i] = (byte) (bits >>> ((octets.length - 1 - i) * Byte.SIZE));
        }
    }
}
