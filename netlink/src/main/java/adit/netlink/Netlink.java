package adit.netlink;

/// Numbers that all netlink families share: `linux/netlink.h`.
public final class Netlink {
    /// The protocol of links, addresses, routes and neighbours.
    public static final int NETLINK_ROUTE = 0;
    /// The protocol of families that are found by name.
    public static final int NETLINK_GENERIC = 16;

    /// Nothing.
    public static final int NLMSG_NOOP = 1;
    /// An error, or with error 0 an acknowledgement.
    public static final int NLMSG_ERROR = 2;
    /// The end of a multipart answer.
    public static final int NLMSG_DONE = 3;
    /// The first type that belongs to a family.
    public static final int NLMSG_MIN_TYPE = 0x10;

    /// A request.
    public static final int NLM_F_REQUEST = 0x1;
    /// One of several messages that NLMSG_DONE ends.
    public static final int NLM_F_MULTI = 0x2;
    /// Please answer with an acknowledgement or an error.
    public static final int NLM_F_ACK = 0x4;
    /// The table changed while it was dumped: ask again.
    public static final int NLM_F_DUMP_INTR = 0x10;
    /// The dump holds only what the request's filter asked for.
    public static final int NLM_F_DUMP_FILTERED = 0x20;
    /// Get: the whole table.
    public static final int NLM_F_ROOT = 0x100;
    /// Get: all that match.
    public static final int NLM_F_MATCH = 0x200;
    /// Get: dump the table.
    public static final int NLM_F_DUMP = NLM_F_ROOT | NLM_F_MATCH;
    /// New: replace what is there.
    public static final int NLM_F_REPLACE = 0x100;
    /// New: fail when it is there.
    public static final int NLM_F_EXCL = 0x200;
    /// New: make it when it is not there.
    public static final int NLM_F_CREATE = 0x400;
    /// New: add at the end of the list.
    public static final int NLM_F_APPEND = 0x800;
    /// Error: the request is not quoted beyond its header.
    public static final int NLM_F_CAPPED = 0x100;
    /// Error or done: attributes of the extended acknowledgement follow.
    public static final int NLM_F_ACK_TLVS = 0x200;

    /// Extended acknowledgement: a text.
    public static final int NLMSGERR_ATTR_MSG = 1;
    /// Extended acknowledgement: where in the request the offending attribute stands.
    public static final int NLMSGERR_ATTR_OFFS = 2;
    /// Extended acknowledgement: what the offending attribute should have held, nested NL_POLICY_TYPE attributes.
    public static final int NLMSGERR_ATTR_POLICY = 4;
    /// Extended acknowledgement: the attribute type that is missing.
    public static final int NLMSGERR_ATTR_MISS_TYPE = 5;

    /// Of what an attribute should hold: the NL_ATTR_TYPE, u32.
    public static final int NL_POLICY_TYPE_ATTR_TYPE = 1;
    /// Of what an attribute should hold: the smallest signed number, s64.
    public static final int NL_POLICY_TYPE_ATTR_MIN_VALUE_S = 2;
    /// Of what an attribute should hold: the largest signed number, s64.
    public static final int NL_POLICY_TYPE_ATTR_MAX_VALUE_S = 3;
    /// Of what an attribute should hold: the smallest number, u64.
    public static final int NL_POLICY_TYPE_ATTR_MIN_VALUE_U = 4;
    /// Of what an attribute should hold: the largest number, u64.
    public static final int NL_POLICY_TYPE_ATTR_MAX_VALUE_U = 5;
    /// Of what an attribute should hold: the most octets, u32.
    public static final int NL_POLICY_TYPE_ATTR_MAX_LENGTH = 7;
    /// Of what an attribute should hold: the bits that may be set, u64.
    public static final int NL_POLICY_TYPE_ATTR_MASK = 12;

    /// Socket option: hear a multicast group.
    public static final int NETLINK_ADD_MEMBERSHIP = 1;
    /// Socket option: hear a multicast group no more.
    public static final int NETLINK_DROP_MEMBERSHIP = 2;
    /// Socket option: which group a message came to, beside it.
    public static final int NETLINK_PKTINFO = 3;
    /// Socket option: who tells a group learns that somebody did not hear.
    public static final int NETLINK_BROADCAST_ERROR = 4;
    /// Socket option: lose what is not fetched without a word.
    public static final int NETLINK_NO_ENOBUFS = 5;
    /// Socket option: hear groups of all namespaces that have a number here.
    public static final int NETLINK_LISTEN_ALL_NSID = 8;
    /// Socket option: errors quote the request's header alone.
    public static final int NETLINK_CAP_ACK = 10;
    /// Socket option: say in words what is wrong.
    public static final int NETLINK_EXT_ACK = 11;
    /// Socket option: look strictly at requests for tables, and answer what they ask for alone.
    public static final int NETLINK_GET_STRICT_CHK = 12;

    /// Attribute type flag: the payload is a run of attributes.
    public static final int NLA_F_NESTED = 0x8000;
    /// Attribute type flag: the payload is in network byte order.
    public static final int NLA_F_NET_BYTEORDER = 0x4000;
    /// The bits of an attribute's type that are not flags.
    public static final int NLA_TYPE_MASK = 0x3fff;

    /// The protocol family of IPv4 messages.
    public static final int AF_INET = 2;
    /// The protocol family of bridges and their forwarding tables.
    public static final int AF_BRIDGE = 7;
    /// The protocol family of IPv6 messages.
    public static final int AF_INET6 = 10;
    /// The protocol family of MPLS messages.
    public static final int AF_MPLS = 28;
    /// No particular protocol family.
    public static final int AF_UNSPEC = 0;

    private Netlink() {}

    /// `length` rounded up to a multiple of four, as messages and attributes are placed.
    static long align(long length) {
        return (length + 3) & ~3L;
    }
}
