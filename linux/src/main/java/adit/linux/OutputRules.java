package adit.linux;

import adit.device.Errno;
import adit.linux.sys.Fcntl;
import adit.linux.sys.Libc;
import adit.netlink.AttributeReader;
import adit.netlink.MalformedMessageException;
import adit.netlink.MessageReader;
import adit.netlink.Netlink;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/// Looks whether somebody has given the kernel rules for IPv4 packets that packets written to the link directly
/// would pass by:
///
/// - IPsec policies for what leaves (`XFRM_MSG_GETSPDINFO`);
/// - nftables chains for IPv4 at any hook (`NFT_MSG_GETCHAIN`); those for what comes in count as well, because
///   they may know answers by the connection that the questions made;
/// - tables of the older iptables (`/proc/net/ip_tables_names`).
///
/// Where the kernel has no such thing there are no rules; where it refuses to tell they may be there. Hundreds of
/// chains, more than can be looked at without keeping packets waiting, count as one that is hooked: they are seldom
/// there for nothing. The rest of such a list is read the next times. For one thread.
final class OutputRules implements LinkTable.Rules {
    private static final int NETLINK_XFRM = 6;
    private static final int XFRM_MSG_NEWSPDINFO = 0x24;
    private static final int XFRM_MSG_GETSPDINFO = 0x25;
    private static final int XFRMA_SPD_INFO = 1;
    /// Of the counts in a `xfrmu_spdinfo`, the policies for what leaves.
    private static final int COUNTS_OUT = 1;

    private static final int NETLINK_NETFILTER = 12;
    private static final int NFT_MSG_NEWCHAIN = 10 << 8 | 3;
    private static final int NFT_MSG_GETCHAIN = 10 << 8 | 4;
    private static final int NFTA_CHAIN_HOOK = 4;
    private static final int NFGENMSG_LENGTH = 4;
    private static final int NFPROTO_INET = 1;
    private static final int NFPROTO_IPV4 = 2;

    private static final String TABLES = "/proc/thread-self/net/ip_tables_names";
    private static final int EPROTONOSUPPORT = 93;
    /// Datagrams of chains that are read in one go, each with dozens of them.
    private static final int PORTION = 8;

    private final NetlinkInquiry xfrm;
    private final NetlinkInquiry netfilter;
    private final Fd tables;
    private final boolean complete;
    private final MemorySegment policies =
            NetlinkInquiry.request(XFRM_MSG_GETSPDINFO, Netlink.NLM_F_REQUEST, w -> w.i32(0));
    private final MemorySegment chains = NetlinkInquiry.request(
            NFT_MSG_GETCHAIN,
            Netlink.NLM_F_REQUEST | Netlink.NLM_F_DUMP,
            w -> w.u8(0).u8(0).u16(0));
    private final MemorySegment errno;
    private final MemorySegment octet;
    /// Whether the kernel has more to tell about the chains that it was asked for.
    private boolean reading;

    private OutputRules(NetlinkInquiry xfrm, NetlinkInquiry netfilter, Fd tables, boolean complete) {
        this.xfrm = xfrm;
        this.netfilter = netfilter;
        this.tables = tables;
        this.complete = complete;
        Arena arena = Arena.ofAuto();
        errno = Libc.newErrnoState(arena);
        octet = arena.allocate(1);
    }

    /// Those of the network namespace that the calling thread is in.
    static OutputRules open() throws LinuxException {
        NetlinkInquiry xfrm = inquiry(NETLINK_XFRM);
        NetlinkInquiry netfilter = null;
        try {
            netfilter = inquiry(NETLINK_NETFILTER);
            Fd tables = null;
            boolean complete = true;
            try {
                tables = Fd.open(TABLES, Fcntl.O_RDONLY);
            } catch (LinuxException e) {
                complete = e.errno() == Errno.ENOENT;
            }
            return new OutputRules(xfrm, netfilter, tables, complete);
        } catch (Throwable t) {
            close(xfrm);
            close(netfilter);
            throw t;
        }
    }

    /// Null where the kernel has no such protocol.
    private static NetlinkInquiry inquiry(int protocol) throws LinuxException {
        try {
            return NetlinkInquiry.open(protocol);
        } catch (LinuxException e) {
            if (e.errno() != EPROTONOSUPPORT) {
                throw e;
            }
            return null;
        }
    }

    @Override
    public RingObstacle obstacle() {
        if (!complete) {
            return RingObstacle.UNKNOWN_RULES;
        }
        try {
            RingObstacle first = policies();
            if (first == RingObstacle.NONE) {
                first = chains();
            }
            return first == RingObstacle.NONE && hasTables() ? RingObstacle.NETFILTER : first;
        } catch (MalformedMessageException e) {
            return RingObstacle.UNKNOWN_RULES;
        }
    }

    private RingObstacle policies() {
        if (xfrm == null) {
            return RingObstacle.NONE;
        }
        if (!xfrm.ask(policies) || xfrm.answer().type() != XFRM_MSG_NEWSPDINFO) {
            return RingObstacle.UNKNOWN_RULES;
        }
        AttributeReader a = xfrm.answer().attributes(Integer.BYTES);
        while (a.next()) {
            if (a.type() == XFRMA_SPD_INFO) {
                return a.i32(COUNTS_OUT * Integer.BYTES) == 0 ? RingObstacle.NONE : RingObstacle.IPSEC;
            }
        }
        return RingObstacle.UNKNOWN_RULES;
    }

    private RingObstacle chains() {
        if (netfilter == null) {
            return RingObstacle.NONE;
        }
        boolean hooked = reading;
        boolean answered = reading ? netfilter.more() : netfilter.ask(chains);
        reading = false;
        for (int i = 0; answered && i < PORTION; i++) {
            MessageReader m = netfilter.answer();
            do {
                switch (m.type()) {
                    case NFT_MSG_NEWCHAIN -> hooked |= isHooked(m);
                    // An error tells that the kernel has no nftables, or that this process may not ask.
                    case Netlink.NLMSG_ERROR -> {
                        return m.i32(0) == -Errno.EPERM ? RingObstacle.UNKNOWN_RULES : RingObstacle.NONE;
                    }
                    case Netlink.NLMSG_DONE -> {
                        return hooked ? RingObstacle.NETFILTER : RingObstacle.NONE;
                    }
                    default -> {}
                }
            } while (m.next());
            if (i < PORTION - 1) {
                answered = netfilter.more();
            }
        }
        reading = answered;
        return answered ? RingObstacle.NETFILTER : RingObstacle.UNKNOWN_RULES;
    }

    private static boolean isHooked(MessageReader m) {
        int family = m.u8(0);
        if (family != NFPROTO_INET && family != NFPROTO_IPV4) {
            return false;
        }
        AttributeReader a = m.attributes(NFGENMSG_LENGTH);
        while (a.next()) {
            if (a.type() == NFTA_CHAIN_HOOK) {
                return true;
            }
        }
        return false;
    }

    private boolean hasTables() {
        int held = tables == null ? -1 : tables.hold();
        if (held < 0) {
            return false;
        }
        try {
            return Libc.pread(errno, held, octet, 0, 1, 0) > 0;
        } finally {
            tables.leave();
        }
    }

    private static void close(AutoCloseable each) {
        try {
            if (each != null) {
                each.close();
            }
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        close(xfrm);
        close(netfilter);
        close(tables);
    }
}
