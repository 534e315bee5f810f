package adit.netns;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import adit.linux.Netns;
import adit.netlink.AddressMessage;
import adit.netlink.ErrorMessage;
import adit.netlink.IfLink;
import adit.netlink.LinkInfo;
import adit.netlink.LinkMessage;
import adit.netlink.MessageReader;
import adit.netlink.Netlink;
import adit.netlink.RouteMessage;
import adit.netlink.Rtnetlink;
import adit.port.VirtualTime;
import adit.wire.IpAddress;
import adit.wire.IpPrefix;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// Dumps of routes by the running kernel, on a socket that has it look at requests strictly, and by a namespace in
/// memory: of one family and of all, of one table and of all, message for message, with their flags and octets. Such
/// answers are marked as filtered (NLM_F_DUMP_FILTERED), because they leave out the path MTUs that have been learned.
class RouteDumpsAgainstKernelTest {
    private static final int LOOPBACK = 1;
    private static final int LINK = 100;
    private static final int PEER = 101;
    private static final int CREATE = Netlink.NLM_F_CREATE | Netlink.NLM_F_EXCL;
    private static final int NODAD = 2;
    private static final int SMALL_TABLE = 77;
    private static final int LARGE_TABLE = 1000;
    private static final int ABSENT_TABLE = 78;
    /// The kernel hears of carriers later, and then of what IPv6 makes of them.
    private static final int PATIENCE_SECONDS = 20;

    @Test
    void tellsWhatTheKernelTells() throws Exception {
        assumeTrue(System.getProperty("os.version").startsWith("6.18."), "needs Linux 6.18, which this follows");
        Needs.namespaces();
        try (Netns kernel = Netns.create();
                Namespace memory =
                        Namespace.builder().time(new VirtualTime()).seed(1).open();
                NetlinkSession session = memory.netlink()) {
            session.option(Netlink.NETLINK_GET_STRICT_CHK, 1);
            kernel.call(() -> {
                try (KernelRtnetlink socket = new KernelRtnetlink()) {
                    socket.lookStrictly();
                    RtnetlinkClient theirs = new RtnetlinkClient(socket, _ -> {});
                    RtnetlinkClient mine = new RtnetlinkClient(RtnetlinkServer.of(session), _ -> {});
                    make(theirs);
                    make(mine);
                    compare(theirs, mine);
                }
                return null;
            });
        }
    }

    private static void compare(RtnetlinkClient theirs, RtnetlinkClient mine) throws Exception {
        Map<String, List<String>> ours = dumps(mine);
        long end = System.nanoTime() + PATIENCE_SECONDS * 1_000_000_000L;
        Map<String, List<String>> expected = dumps(theirs);
        while (!ours.equals(expected) && System.nanoTime() < end) {
            Thread.sleep(50);
            expected = dumps(theirs);
        }
        assertThat(ours).containsExactlyEntriesOf(expected);
        assertThat(ours.get("family 0 table 0")).hasSizeGreaterThan(12);
    }

    private static void make(RtnetlinkClient c) throws IOException {
        LinkMessage peer = LinkMessage.builder().index(PEER).name("l1").build();
        c.request(
                Rtnetlink.RTM_NEWLINK,
                CREATE,
                LinkMessage.builder()
                        .index(LINK)
                        .name("l0")
                        .info(LinkInfo.veth(peer))
                        .build());
        for (int link : List.of(LOOPBACK, PEER, LINK)) {
            c.change(LinkMessage.builder()
                    .index(link)
                    .flags(IfLink.IFF_UP, IfLink.IFF_UP)
                    .build());
        }
        address(c, "10.0.0.1", 24);
        address(c, "2001:db8::1", 64);
        for (int table : List.of(Rtnetlink.RT_TABLE_MAIN, SMALL_TABLE, LARGE_TABLE)) {
            route(c, "10.9.0.0/16", table, "10.0.0.2");
            route(c, "0.0.0.0/0", table, "10.0.0.3");
            route(c, "2001:db8:9::/48", table, "2001:db8::2");
            route(c, "::/0", table, "2001:db8::3");
        }
    }

    private static void address(RtnetlinkClient c, String address, int length) throws IOException {
        c.request(Rtnetlink.RTM_NEWADDR, CREATE, AddressMessage.of(LINK, IpAddress.parse(address), length, NODAD));
    }

    private static void route(RtnetlinkClient c, String to, int table, String gateway) throws IOException {
        IpPrefix prefix = IpPrefix.parse(to);
        RouteMessage.Builder route = RouteMessage.builder(to.indexOf(':') < 0 ? Netlink.AF_INET : Netlink.AF_INET6)
                .table(table)
                .device(LINK)
                .gateway(IpAddress.parse(gateway));
        if (prefix.length() > 0) {
            route.destination(prefix.address(), prefix.length());
        }
        c.request(Rtnetlink.RTM_NEWROUTE, CREATE, route.build());
    }

    /// What each question is answered with.
    private static Map<String, List<String>> dumps(RtnetlinkClient c) throws IOException {
        Map<String, List<String>> all = new LinkedHashMap<>();
        for (int family : List.of(Netlink.AF_UNSPEC, Netlink.AF_INET, Netlink.AF_INET6)) {
            for (int table : List.of(
                    Rtnetlink.RT_TABLE_UNSPEC,
                    Rtnetlink.RT_TABLE_MAIN,
                    Rtnetlink.RT_TABLE_LOCAL,
                    SMALL_TABLE,
                    LARGE_TABLE,
                    ABSENT_TABLE)) {
                RouteMessage question = RouteMessage.builder(family)
                        .table(table)
                        .protocol(0)
                        .type(0)
                        .build();
                List<String> answers = new ArrayList<>();
                c.exchange(Rtnetlink.RTM_GETROUTE, Netlink.NLM_F_DUMP, question, m -> answers.add(text(m)));
                answers.removeIf(String::isEmpty);
                all.put("family " + family + " table " + table, answers);
            }
        }
        return all;
    }

    /// Nothing for what IPv6 brings to each link, which stands as they got their carriers and has addresses by chance.
    private static String text(MessageReader m) {
        if (m.type() == Netlink.NLMSG_ERROR) {
            return "errno " + ErrorMessage.read(m).errno();
        }
        if (m.type() == Netlink.NLMSG_DONE && m.i32(0) != 0) {
            return "errno " + -m.i32(0);
        }
        if (m.type() == Netlink.NLMSG_DONE) {
            return "done, flags " + m.flags();
        }
        RouteMessage route = RouteMessage.read(m);
        boolean isOfEachLink = route.destination()
                .filter(d -> d.isMulticast() || (d.isLinkLocal() && d.length() > Integer.BYTES))
                .isPresent();
        byte[] body = new byte[m.length() - 16];
        for (int i = 0; i < body.length; i++) {
            body[i] = (byte) m.u8(i);
        }
        return isOfEachLink
                ? ""
                : m.type() + " flags " + m.flags() + " " + HexFormat.of().formatHex(body);
    }
}
