package adit.netns;

import adit.device.Errno;
import adit.ip.IpException;
import adit.netlink.MessageReader;
import adit.netlink.Netlink;
import adit.netlink.Rtnetlink;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.OptionalInt;

/// What RTM_GETROUTE for one address may say (Linux's `inet_rtm_valid_getroute_req`, `inet6_rtm_valid_getroute_req`).
final class RouteQuestions {
    private static final String GET = RouteLookup.GET;
    private static final int RTM_F_NOTIFY = 0x100;
    private static final int RTA_IP_PROTO = 27;
    private static final int RTA_SPORT = 28;
    private static final int RTA_DPORT = 29;
    private static final int ATTRIBUTE_HEADER = 4;
    private static final int TCP = 6;
    private static final int UDP = 17;
    private static final int ICMP = 1;
    private static final int ICMPV6 = 58;
    /// Of IPv6 alone.
    private static final int FLOW_LABEL = 31;
    /// By the numbers of RTA attributes.
    private static final AttributePolicy POLICY_6 = AttributePolicy.upTo(31)
            .strictFrom(30)
            .atLeast(16, 5, 7)
            .u32(3, 4, 6, 15, 16, 23, 25, 30)
            .plain(FLOW_LABEL)
            .u8(20, 27)
            .u16(21, 28, 29)
            .nested(8, 22)
            .atLeast(8, 9);

    private final String who;
    private final String question;
    private final String flagsRefused;
    private final AttributePolicy policy;
    private final int bits;
    private final int flags;
    private final String family;

    private RouteQuestions(boolean ip4) {
        who = ip4 ? "ipv4: " : "ipv6: ";
        question = ip4 ? "route get request" : "get route request";
        flagsRefused = ip4 ? "Unsupported rtm_flags for " : "Invalid flags for ";
        policy = ip4 ? RouteDumps.POLICY : POLICY_6;
        bits = ip4 ? Integer.SIZE : 4 * Integer.SIZE;
        flags = ip4
                ? RTM_F_NOTIFY | Rtnetlink.RTM_F_LOOKUP_TABLE | Rtnetlink.RTM_F_FIB_MATCH
                : Rtnetlink.RTM_F_FIB_MATCH;
        family = ip4 ? "IPv4" : "IPv6";
    }

    /// What a question says that Linux would look into.
    static AttributePolicy.Parsed read(MessageReader m, AttributePolicy.Look look) throws IpException {
        if (m.u8(0) != Netlink.AF_INET && m.u8(0) != Netlink.AF_INET6) {
            throw new IpException(GET, Errno.EOPNOTSUPP, "There are routes of IPv4 and IPv6 only.");
        }
        return new RouteQuestions(m.u8(0) == Netlink.AF_INET).check(m, look);
    }

    /// Requires a transport protocol, where one is named, that has ports or is ICMP.
    static void requireProtocol(AttributePolicy.Parsed said, boolean ip4) throws IpException {
        if (said.get(RTA_IP_PROTO).isEmpty()) {
            return;
        }
        int protocol = said.get(RTA_IP_PROTO).get().get(0);
        if (protocol != TCP && protocol != UDP && protocol != (ip4 ? ICMP : ICMPV6)) {
            throw new IpException(GET, Errno.EOPNOTSUPP, "Unsupported ip proto");
        }
    }

    private AttributePolicy.Parsed check(MessageReader m, AttributePolicy.Look look) throws IpException {
        if (m.length() < 16 + RouteRequests.FIXED_LENGTH) {
            throw refused("Invalid header for " + question);
        }
        boolean isStrict = look == AttributePolicy.Look.STRICT;
        if (isStrict) {
            checkHeader(m);
        }
        AttributePolicy.Parsed said = policy.parse(m, RouteRequests.FIXED_LENGTH, GET, look);
        if (isStrict) {
            checkAttributes(m, said);
        }
        return said;
    }

    /// Of 20 bits, of IPv6.
    private static void requireLabel(AttributePolicy.Parsed said) throws AttributeException {
        if (said.get(FLOW_LABEL).isEmpty()) {
            return;
        }
        ByteBuffer label = said.get(FLOW_LABEL).get();
        if (label.get(0) != 0 || (label.get(1) & 0xf0) != 0) {
            throw new AttributeException(
                    GET,
                    Errno.EINVAL,
                    "Invalid flow label",
                    OptionalInt.of(label.arrayOffset() - ATTRIBUTE_HEADER),
                    Optional.empty());
        }
    }

    private void checkHeader(MessageReader m) throws IpException {
        boolean lengths = (m.u8(1) == 0 || m.u8(1) == bits) && (m.u8(2) == 0 || m.u8(2) == bits);
        if (!lengths || m.u8(4) != 0 || m.u8(5) != 0 || m.u8(6) != 0 || m.u8(7) != 0) {
            throw refused("Invalid values in header for " + question);
        }
        if ((m.i32(8) & ~flags) != 0) {
            throw refused(flagsRefused + question);
        }
    }

    private void checkAttributes(MessageReader m, AttributePolicy.Parsed said) throws IpException {
        boolean lacksLength = (said.get(Rtnetlink.RTA_DST).isPresent() && m.u8(1) == 0)
                || (said.get(Rtnetlink.RTA_SRC).isPresent() && m.u8(2) == 0);
        if (lacksLength) {
            throw refused("rtm_src_len and rtm_dst_len must be " + bits + " for " + family);
        }
        requireLabel(said);
        boolean isOther = said.hasOther(
                Rtnetlink.RTA_DST,
                Rtnetlink.RTA_SRC,
                Rtnetlink.RTA_IIF,
                Rtnetlink.RTA_OIF,
                Rtnetlink.RTA_MARK,
                Rtnetlink.RTA_UID,
                RTA_IP_PROTO,
                RTA_SPORT,
                RTA_DPORT,
                FLOW_LABEL);
        if (isOther) {
            throw refused("Unsupported attribute in " + question);
        }
    }

    private IpException refused(String text) {
        return new IpException(GET, Errno.EINVAL, who + text);
    }
}
