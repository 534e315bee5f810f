package adit.netns;

import adit.device.Device;
import adit.device.Dummy;
import adit.device.Errno;
import adit.device.Veth;
import adit.ip.IpException;
import adit.ip.IpInterface;
import adit.netlink.AttributeReader;
import adit.netlink.IfLink;
import adit.netlink.LinkInfo;
import adit.netlink.MalformedMessageException;
import adit.netlink.MessageReader;
import adit.netlink.Netlink;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.Set;

/// RTM_GETLINK for all links (Linux's `rtnl_dump_ifinfo`), for those that have IPv6 (`inet6_dump_ifinfo`), and for the
/// ports of bridges, of which there are none here (`rtnl_bridge_getlink`).
final class LinkDumps {
    private static final String GET = "RTM_GETLINK";
    private static final int FIXED_LENGTH = 16;
    private static final int IFLA_TARGET_NETNSID = 46;
    private static final Set<String> KINDS = Set.of(LinkInfo.TUN, Veth.KIND, Dummy.KIND);
    private static final AttributePolicy POLICY = policy();

    private final Namespace namespace;
    private final LinkBody body;

    LinkDumps(Namespace namespace, LinkBody body) {
        this.namespace = namespace;
        this.body = body;
    }

    /// What requests about links say, by the numbers of IFLA attributes.
    static AttributePolicy policy() {
        return AttributePolicy.upTo(69)
                .strictFrom(65)
                .binary(32, 1, 2, 34, 36)
                .text(15, 3)
                .text(127, 53)
                .endedText(56)
                .binary(255, 20)
                .u32(4, 5, 10, 13, 15, 19, 27, 28, 29, 30, 31, 32, 35, 40, 44, 47, 48, 50, 51, 58, 64)
                .u32AtLeast(193, 41, 63)
                .u8(16, 17, 33, 39)
                .s32(37, 46)
                .s32AtLeast(1, 49)
                .nested(18, 22, 24, 25, 26, 43, 52, 55)
                .atLeast(32, 14)
                .refused(54, 59, 60, 61, 67, 68, 69);
    }

    void collect(MessageReader m, Dump dump) throws IpException {
        switch (m.u8(0)) {
            case Netlink.AF_INET6 -> collectIp6(m, dump);
            case Netlink.AF_BRIDGE -> requireBridge(m, dump);
            default -> collectAll(m, dump);
        }
    }

    private void collectAll(MessageReader m, Dump dump) throws IpException {
        if (dump.isStrict()) {
            requireHeader(m);
        }
        // Before Linux 3.9 requests had four octets, and are taken for that still.
        int fixed = m.length() < 16 + FIXED_LENGTH ? 1 : FIXED_LENGTH;
        AttributePolicy.Parsed said;
        try {
            said = POLICY.parse(m, fixed, GET, dump.look());
        } catch (AttributeException e) {
            if (dump.isStrict()) {
                throw e;
            }
            said = AttributePolicy.Parsed.nothing(e.reason());
        }
        int other = dump.isStrict()
                ? said.firstBut(IfLink.IFLA_EXT_MASK, IfLink.IFLA_MASTER, IfLink.IFLA_LINKINFO, IFLA_TARGET_NETNSID)
                : Integer.MAX_VALUE;
        if (other > IFLA_TARGET_NETNSID && said.get(IFLA_TARGET_NETNSID).isPresent()) {
            throw new IpException(GET, Errno.EINVAL, "Invalid target network namespace id");
        }
        if (other < Integer.MAX_VALUE) {
            throw new IpException(GET, Errno.EINVAL, "Unsupported attribute in link dump request");
        }
        int master = said.i32(IfLink.IFLA_MASTER);
        String kind = said.get(IfLink.IFLA_LINKINFO).map(LinkDumps::kind).orElse("");
        boolean isOfKind = KINDS.contains(kind) || namespace.kind(kind) != null;
        LinkBody.Detail detail = LinkBody.Detail.of(said.i32(IfLink.IFLA_EXT_MASK));
        dump.rowsAreFiltered(master != 0 || isOfKind);
        for (Device device : namespace.devices().devices()) {
            if (belongsTo(master) && (!isOfKind || kind.equals(device.kind()))) {
                dump.add(body.of(device, detail));
            }
        }
        // Behind rows Linux has forgotten it.
        dump.warn(dump.rows().isEmpty() ? said.warning() : "");
    }

    /// Whether links are of those that IFLA_MASTER or NDA_MASTER asks for, where none belongs to another: 0 asks for
    /// all, and -1 for such.
    static boolean belongsTo(int master) {
        return master == 0 || master == -1;
    }

    private static void requireHeader(MessageReader m) throws IpException {
        if (m.length() < 16 + FIXED_LENGTH) {
            throw new IpException(GET, Errno.EINVAL, "Invalid header for link dump");
        }
        if (saysMore(m)) {
            throw new IpException(GET, Errno.EINVAL, "Invalid values in header for link dump request");
        }
        if (m.i32(4) != 0) {
            throw new IpException(GET, Errno.EINVAL, "Filter by device index not supported for link dumps");
        }
    }

    /// Padding, type, flags or changes.
    static boolean saysMore(MessageReader m) {
        return m.u8(1) != 0 || m.u16(2) != 0 || m.i32(8) != 0 || m.i32(12) != 0;
    }

    private static String kind(ByteBuffer info) {
        AttributeReader a = new AttributeReader(MemorySegment.ofBuffer(info), 0, info.limit());
        try {
            while (a.next()) {
                if (a.type() == IfLink.IFLA_INFO_KIND) {
                    return a.string();
                }
            }
        } catch (MalformedMessageException _) {
            // What can't be read says nothing, as in Linux.
            return "";
        }
        return "";
    }

    private void collectIp6(MessageReader m, Dump dump) throws IpException {
        if (dump.isStrict()) {
            if (m.length() < 16 + FIXED_LENGTH) {
                throw new IpException(GET, Errno.EINVAL, "ipv6: Invalid header for link dump request");
            }
            if (m.length() > 16 + FIXED_LENGTH) {
                throw new IpException(GET, Errno.EINVAL, "ipv6: Invalid data after header");
            }
            if (saysMore(m) || m.i32(4) != 0) {
                throw new IpException(GET, Errno.EINVAL, "ipv6: Invalid values in header for dump request");
            }
        }
        namespace.ip().interfaces().stream()
                .filter(IpInterface::hasIp6)
                .forEach(link -> dump.add(Ip6LinkWords.body(link.device())));
    }

    private static void requireBridge(MessageReader m, Dump dump) throws IpException {
        boolean isShort = m.length() < 16 + FIXED_LENGTH;
        if (!dump.isStrict()) {
            dump.warn(isShort ? "Invalid header length" : looseWarning(m));
            return;
        }
        if (isShort) {
            throw new IpException(GET, Errno.EINVAL, "Invalid header for bridge link dump");
        }
        if (saysMore(m) || m.i32(4) != 0) {
            throw new IpException(GET, Errno.EINVAL, "Invalid values in header for bridge link dump request");
        }
        if (POLICY.parse(m, FIXED_LENGTH, GET, dump.look()).hasOther(IfLink.IFLA_EXT_MASK)) {
            throw new IpException(GET, Errno.EINVAL, "Unsupported attribute in bridge link dump request");
        }
    }

    private static String looseWarning(MessageReader m) {
        try {
            return POLICY.parse(m, FIXED_LENGTH, GET, AttributePolicy.Look.LOOSE)
                    .warning();
        } catch (AttributeException e) {
            return e.reason();
        }
    }
}
