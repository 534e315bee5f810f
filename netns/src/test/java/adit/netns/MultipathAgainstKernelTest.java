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
import adit.netlink.MessageWriter;
import adit.netlink.Netlink;
import adit.netlink.RouteHop;
import adit.netlink.RouteMessage;
import adit.netlink.RouteMetrics;
import adit.netlink.Rtnetlink;
import adit.port.VirtualTime;
import adit.wire.IpAddress;
import adit.wire.IpPrefix;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.OptionalInt;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/// The same requests about routes of several next hops to the running kernel and to a namespace in memory: the same
/// error numbers, the same notifications and the same dumps, octet for octet behind the netlink headers.
class MultipathAgainstKernelTest {
    private static final int A = 100;
    private static final int PEER_OF_A = 101;
    private static final int B = 102;
    private static final int PEER_OF_B = 103;
    private static final int ADD = Netlink.NLM_F_CREATE | Netlink.NLM_F_EXCL;
    private static final int APPEND = Netlink.NLM_F_CREATE | Netlink.NLM_F_APPEND;
    private static final int PREPEND = Netlink.NLM_F_CREATE;
    private static final int REPLACE = Netlink.NLM_F_CREATE | Netlink.NLM_F_REPLACE;
    private static final int CHANGE = Netlink.NLM_F_REPLACE;
    private static final int NODAD = 2;
    private static final int NOOP = 1;
    private static final int HEADER = 16;
    private static final int PROTOCOL = 5;
    /// The kernel hears of carriers later.
    private static final int PATIENCE_SECONDS = 20;

    private final List<String> differences = new ArrayList<>();
    private Side theirs;
    private Side mine;
    private Namespace ours;
    private int family;

    /// Whom both ask, and what these have said to those who listen.
    private record Side(RtnetlinkServer server, Listener listener) {}

    @FunctionalInterface
    private interface Listener {
        List<byte[]> heard() throws IOException;
    }

    private void meet(int ofFamily, int group, Scenario scenario) throws Exception {
        assumeTrue(System.getProperty("os.version").startsWith("6.18."), "needs Linux 6.18, which this follows");
        Needs.namespaces();
        family = ofFamily;
        try (Netns kernel = Netns.create();
                Namespace memory =
                        Namespace.builder().time(new VirtualTime()).seed(1).open();
                NetlinkSession session = memory.netlink();
                NetlinkSession listening = memory.netlink()) {
            listening.join(group);
            ours = memory;
            kernel.call(() -> {
                try (KernelRtnetlink socket = new KernelRtnetlink();
                        KernelRtnetlink listener = new KernelRtnetlink()) {
                    listener.join(group);
                    // Who has sent something has an address, by which he hears.
                    listener.exchange(octets(NOOP, 0, _ -> {}));
                    theirs = new Side(socket, listener::heard);
                    mine = new Side(RtnetlinkServer.of(session), () -> heard(listening));
                    links();
                    scenario.run();
                }
                return null;
            });
        }
        assertThat(differences).isEmpty();
    }

    @FunctionalInterface
    private interface Scenario {
        void run() throws Exception;
    }

    private static List<byte[]> heard(NetlinkSession session) throws IOException {
        List<byte[]> all = new ArrayList<>();
        for (byte[] next = session.receive(); next != null; next = session.receive()) {
            all.add(next);
        }
        return all;
    }

    private void links() throws Exception {
        for (int[] pair : new int[][] {{A, PEER_OF_A}, {B, PEER_OF_B}}) {
            LinkMessage peer =
                    LinkMessage.builder().index(pair[1]).name("l" + pair[1]).build();
            quietly(
                    Rtnetlink.RTM_NEWLINK,
                    ADD,
                    LinkMessage.builder()
                            .index(pair[0])
                            .name("l" + pair[0])
                            .info(LinkInfo.veth(peer))
                            .build());
        }
        for (int link : List.of(PEER_OF_A, A, PEER_OF_B, B)) {
            quietly(Rtnetlink.RTM_NEWLINK, 0, state(link, IfLink.IFF_UP));
        }
        address(A, "10.0.0.1/24");
        address(B, "10.0.1.1/24");
        address(A, "2001:db8::1/64");
        address(B, "2001:db8:1::1/64");
    }

    private static LinkMessage state(int link, int flags) {
        return LinkMessage.builder().index(link).flags(flags, IfLink.IFF_UP).build();
    }

    private void address(int link, String text) throws Exception {
        int slash = text.indexOf('/');
        IpAddress address = IpAddress.parse(text.substring(0, slash));
        int length = Integer.parseInt(text.substring(slash + 1));
        quietly(Rtnetlink.RTM_NEWADDR, ADD, AddressMessage.of(link, address, length, NODAD));
    }

    // ---- Requests

    private static MemorySegment octets(int type, int flags, MessageWriter.Body body) {
        MemorySegment s = Arena.ofAuto().allocate(2048, 8);
        MessageWriter w = new MessageWriter(s).message(type, Netlink.NLM_F_REQUEST | flags, 1, 0, body);
        return s.asSlice(0, w.length());
    }

    private static void read(List<byte[]> datagrams, Consumer<MessageReader> each) {
        for (byte[] datagram : datagrams) {
            MessageReader m = new MessageReader(MemorySegment.ofArray(datagram), 0, datagram.length);
            while (m.next()) {
                each.accept(m);
            }
        }
    }

    private static int errno(Side side, int type, int flags, MessageWriter.Body body) throws IOException {
        List<Integer> errors = new ArrayList<>();
        read(
                side.server.exchange(octets(type, flags | Netlink.NLM_F_ACK, body)),
                m -> errors.add(ErrorMessage.read(m).errno()));
        assertThat(errors).hasSize(1);
        return errors.getFirst();
    }

    private void quietly(int type, int flags, MessageWriter.Body body) throws Exception {
        assertThat(errno(theirs, type, flags, body)).as("the kernel's answer").isZero();
        assertThat(errno(mine, type, flags, body)).as("our answer").isZero();
    }

    /// What is said of routes that the administrator made, without the netlink headers.
    private List<String> said(List<byte[]> datagrams) {
        List<String> all = new ArrayList<>();
        for (byte[] datagram : datagrams) {
            MessageReader m = new MessageReader(MemorySegment.ofArray(datagram), 0, datagram.length);
            int at = 0;
            while (m.next()) {
                byte[] body = Arrays.copyOfRange(datagram, at + HEADER, at + m.length());
                if (m.type() != Netlink.NLMSG_DONE && body[0] == family && body[PROTOCOL] != Rtnetlink.RTPROT_KERNEL) {
                    all.add(m.type() + " " + HexFormat.of().formatHex(body));
                }
                at += (m.length() + 3) & ~3;
            }
        }
        return all;
    }

    private List<String> dump(Side side) throws IOException {
        MessageWriter.Body body = RouteMessage.builder(family)
                .table(Rtnetlink.RT_TABLE_UNSPEC)
                .protocol(0)
                .type(0)
                .build();
        return said(side.server.exchange(octets(Rtnetlink.RTM_GETROUTE, Netlink.NLM_F_DUMP, body)));
    }

    /// Makes the request of both, and compares what comes of it.
    private void step(String what, int type, int flags, MessageWriter.Body body) throws Exception {
        theirs.listener.heard();
        mine.listener.heard();
        int kernels = errno(theirs, type, flags, body);
        int ours = errno(mine, type, flags, body);
        if (kernels != ours) {
            differences.add(what + ": kernel " + kernels + ", ours " + ours);
        }
        compare(what + " dump", dump(mine), () -> dump(theirs));
        compare(what + " notification", said(mine.listener.heard()), () -> said(theirs.listener.heard()));
    }

    @FunctionalInterface
    private interface Source {
        List<String> get() throws IOException;
    }

    private void compare(String what, List<String> ours, Source kernel) throws Exception {
        List<String> expected = new ArrayList<>(kernel.get());
        long end = System.nanoTime() + PATIENCE_SECONDS * 1_000_000_000L;
        while (!what.endsWith("notification") && !expected.equals(ours) && System.nanoTime() < end) {
            Thread.sleep(50);
            expected = kernel.get();
        }
        if (!expected.equals(ours)) {
            differences.add("\n" + what + "\n kernel " + expected + "\n ours   " + ours);
        }
    }

    private void route(String verb, int flags, String to, MessageWriter.Body... hops) throws Exception {
        int type = verb.equals("del") ? Rtnetlink.RTM_DELROUTE : Rtnetlink.RTM_NEWROUTE;
        RouteMessage.Builder b = builder(to);
        if (verb.equals("del")) {
            b.protocol(0).scope(Rtnetlink.RT_SCOPE_NOWHERE);
        }
        RouteMessage route = b.build();
        step(verb + " " + to + " of " + hops.length, type, flags, several(route, hops));
    }

    private static RouteMessage.Builder builder(String to) {
        IpPrefix prefix = IpPrefix.parse(to);
        int family = to.indexOf(':') < 0 ? Netlink.AF_INET : Netlink.AF_INET6;
        return RouteMessage.builder(family)
                .protocol(Rtnetlink.RTPROT_BOOT)
                .destination(prefix.address(), prefix.length());
    }

    private static MessageWriter.Body several(RouteMessage route, MessageWriter.Body... hops) {
        return w -> {
            route.writeTo(w);
            w.nested(Rtnetlink.RTA_MULTIPATH, all -> List.of(hops).forEach(h -> h.writeTo(all)));
        };
    }

    private static MessageWriter.Body hop(String gateway, int device, int weight, int flags) {
        return w -> RouteHop.write(w, flags, weight, device, h -> {
            if (!gateway.isEmpty()) {
                h.octets(Rtnetlink.RTA_GATEWAY, AddressRequests.octets(IpAddress.parse(gateway)));
            }
        });
    }

    private static MessageWriter.Body hop(String gateway) {
        return hop(gateway, 0, 1, 0);
    }

    // ---- What is compared

    @Test
    void saysTheSameOfRoutesOfSeveralNextHopsInIp4() throws Exception {
        meet(Netlink.AF_INET, Rtnetlink.RTNLGRP_IPV4_ROUTE, () -> {
            String to = "10.9.0.0/16";
            route("add", ADD, to, hop("10.0.0.2"), hop("10.0.1.2", 0, 3, 0));
            route("add", ADD, to, hop("10.0.0.2"), hop("10.0.1.2", 0, 3, 0));
            route("append", APPEND, to, hop("10.0.0.2"), hop("", B, 256, 0));
            route("prepend", PREPEND, to, hop("10.0.0.2", A, 1, 0), hop("10.77.0.1", B, 7, Rtnetlink.RTNH_F_ONLINK));
            route("change", CHANGE, to, hop("10.0.1.9"), hop("10.0.1.2"), hop("10.0.0.3"));
            route("replace", REPLACE, "10.8.0.0/16", hop("10.0.1.9"), hop("10.0.1.2"));
            route("add", ADD, "10.7.0.0/16", hop("10.0.1.9", 0, 9, 0));
            route("del", 0, to, hop("10.0.0.2"));
            route("del", 0, to, hop("10.0.0.2"), hop("", B, 1, 0));
            faults(to);
            RouteMessage.Builder full = builder("10.6.0.0/16")
                    .priority(5)
                    .tos(0x10)
                    .table(1000)
                    .flags(Rtnetlink.RTNH_F_ONLINK)
                    .preferredSource(IpAddress.parse("10.0.0.1"))
                    .metrics(new RouteMetrics(OptionalInt.of(1300), 4, OptionalInt.of(9), OptionalInt.of(1200)));
            step("all", Rtnetlink.RTM_NEWROUTE, ADD, several(full.build(), hop("10.0.0.2"), hop("10.0.1.2")));
            step(
                    "one",
                    Rtnetlink.RTM_NEWROUTE,
                    APPEND,
                    full.flags(0).gateway(IpAddress.parse("10.0.0.2")).build());
            step("down", Rtnetlink.RTM_NEWLINK, 0, state(A, 0));
            route("add", ADD, "10.5.0.0/16", hop("10.0.1.2"), hop("10.0.0.2", A, 1, 0));
            step("up", Rtnetlink.RTM_NEWLINK, 0, state(A, IfLink.IFF_UP));
            step("no carrier", Rtnetlink.RTM_NEWLINK, 0, state(PEER_OF_A, 0));
            step("nor there", Rtnetlink.RTM_NEWLINK, 0, state(PEER_OF_B, 0));
            route("add", ADD, "10.4.0.0/16", hop("10.0.1.2"), hop("10.0.0.2"));
            step("carrier", Rtnetlink.RTM_NEWLINK, 0, state(PEER_OF_A, IfLink.IFF_UP));
            step("gone", Rtnetlink.RTM_DELLINK, 0, LinkMessage.of(A));
        });
    }

    /// What is wrong with the octets of a request.
    private void faults(String to) throws Exception {
        RouteMessage route = builder(to).build();
        byte[] half = {8, 0, 0, 0, A, 0};
        step("nothing", Rtnetlink.RTM_NEWROUTE, ADD, several(route));
        step("half", Rtnetlink.RTM_NEWROUTE, ADD, several(route, w -> w.octets(half)));
        step("one and a half", Rtnetlink.RTM_NEWROUTE, ADD, several(route, hop("10.0.0.2"), w -> w.octets(half)));
        route("add a dead one to", ADD, to, hop("10.0.0.2", A, 1, Rtnetlink.RTNH_F_DEAD));
        route("add without a carrier", ADD, to, hop("10.0.0.2", A, 1, Rtnetlink.RTNH_F_LINKDOWN));
        route("add nobody's device to", ADD, to, hop("", 999, 1, 0));
        route("add by nobody's device", ADD, to, hop("10.0.0.2", 999, 1, 0));
        route("add onlink there", ADD, to, hop("10.0.0.2", 999, 1, Rtnetlink.RTNH_F_ONLINK));
        route("add an address of ours", ADD, to, hop("10.0.0.1"), hop("10.0.1.2"));
        route("add no address", ADD, to, hop("0.0.0.0", A, 1, 0), hop("10.0.1.2"));
        MessageWriter.Body via = w -> RouteHop.write(
                w,
                0,
                1,
                A,
                h -> h.nested(Rtnetlink.RTA_VIA, v -> v.u16(Netlink.AF_INET).octets(new byte[] {10, 0, 0, 7})));
        route("add via", PREPEND, to, via, hop("10.0.1.2"));
    }

    @Test
    void routesInJavaAreThoseOfTheSameMessages() throws Exception {
        meet(Netlink.AF_INET, Rtnetlink.RTNLGRP_IPV4_ROUTE, () -> {
            MessageWriter.Body near = hop("10.0.0.2", 0, 3, 0);
            MessageWriter.Body far = hop("10.77.0.1", B, 1, Rtnetlink.RTNH_F_ONLINK);
            RouteMessage route = builder("10.9.0.0/16").priority(5).build();
            assertThat(errno(theirs, Rtnetlink.RTM_NEWROUTE, ADD, several(route, near, far)))
                    .isZero();
            ours.configure()
                    .route("10.9.0.0/16")
                    .metric(5)
                    .nexthop()
                    .via("10.0.0.2")
                    .weight(3)
                    .nexthop()
                    .via("10.77.0.1")
                    .dev("l" + B)
                    .onlink()
                    .add();
            compare("added dump", dump(mine), () -> dump(theirs));
            assertThat(errno(theirs, Rtnetlink.RTM_NEWROUTE, APPEND, several(route, far, near)))
                    .isZero();
            String device = "l" + B;
            RouteWords turned = ours.configure().route("10.9.0.0/16").metric(5);
            turned.nexthop().via("10.77.0.1").dev(device).onlink();
            turned.nexthop().via("10.0.0.2").weight(3);
            turned.append();
            compare("appended dump", dump(mine), () -> dump(theirs));
            turned.delete();
            RouteMessage gone = builder("10.9.0.0/16")
                    .priority(5)
                    .protocol(0)
                    .scope(Rtnetlink.RT_SCOPE_NOWHERE)
                    .build();
            assertThat(errno(theirs, Rtnetlink.RTM_DELROUTE, 0, several(gone, far, near)))
                    .isZero();
            compare("deleted dump", dump(mine), () -> dump(theirs));
            assertThat(dump(mine)).hasSize(1);
        });
    }

    @Test
    void saysTheSameOfRoutesOfSeveralNextHopsInIp6() throws Exception {
        meet(Netlink.AF_INET6, Rtnetlink.RTNLGRP_IPV6_ROUTE, () -> {
            String to = "2001:db8:9::/64";
            route("add", ADD, to, hop("2001:db8::2"), hop("2001:db8:1::2", 0, 3, 0));
            route("add", ADD, to, hop("2001:db8::2"), hop("2001:db8:1::2", 0, 3, 0));
            route("append", APPEND, to, hop("2001:db8:1::4"), hop("2001:db8:1::2"));
            route("append", APPEND, to, hop("2001:db8:1::4", 0, 256, 0), hop("2001:db8:1::5"));
            route("prepend", PREPEND, to, hop("2001:db8::6"), hop("2001:db8:1::6"));
            RouteMessage single =
                    builder(to).gateway(IpAddress.parse("2001:db8::8")).build();
            step("one more", Rtnetlink.RTM_NEWROUTE, APPEND, single);
            route("append", APPEND, to, hop("2001:db8:1::7"));
            route("append", APPEND, to, hop("2001:db8:1::7"));
            route("prepend", PREPEND, to, hop("2001:db8:1::8"));
            route("append alone", APPEND, "2001:db8:a::/64", hop("2001:db8:1::7"));
            route("del", 0, to, hop("2001:db8::2"), hop("2001:db8:1::2"));
            route("del", 0, to, hop("2001:db8::77"), hop("2001:db8::6"), hop("2001:db8::78"));
            route("replace", REPLACE, to, hop("2001:db8::2"), hop("2001:db8:1::9"));
            RouteMessage last = builder(to).protocol(0).device(B).build();
            step("by the last", Rtnetlink.RTM_DELROUTE, 0, last);
            route("change", CHANGE, to, hop("2001:db8::2"), hop("2001:db8:1::9"));
            route("add", ADD, to, hop("2001:db8::2"), hop("2001:db8::2"));
            route("add", ADD, to, hop("2001:db8::2"), hop("2001:db8:77::1"));
            route("add", ADD, to, hop("", A, 1, 0), hop("", B, 1, 0));
            route("add", ADD, to, hop("2001:db8::2", 0, 1, Rtnetlink.RTNH_F_ONLINK), hop("fe80::1", B, 1, 0));
            step("nothing", Rtnetlink.RTM_NEWROUTE, ADD, several(builder(to).build()));
            devicesBetweenGateways("2001:db8:4::/64");
            RouteMessage.Builder full = builder("2001:db8:6::/64")
                    .priority(5)
                    .table(1000)
                    .device(B)
                    .preferredSource(IpAddress.parse("2001:db8:1::1"))
                    .metrics(new RouteMetrics(OptionalInt.of(1300), 4, OptionalInt.of(9), OptionalInt.of(1200)));
            MessageWriter.Body onLink = hop("fe80::1", 0, 1, Rtnetlink.RTNH_F_ONLINK);
            step("all", Rtnetlink.RTM_NEWROUTE, ADD, several(full.build(), onLink, hop("fe80::2")));
            route("add", ADD, to, hop("fe80::1", A, 1, 0), hop("fe80::2", B, 1, 0), hop("fe80::3", B, 1, 0));
            step("down", Rtnetlink.RTM_NEWLINK, 0, state(A, 0));
            route("del", 0, to, hop("fe80::3"));
            route("del", 0, to, hop("fe80::2", B, 1, 0));
            step("up", Rtnetlink.RTM_NEWLINK, 0, state(A, IfLink.IFF_UP));
            step("no carrier", Rtnetlink.RTM_NEWLINK, 0, state(PEER_OF_B, 0));
            step("carrier", Rtnetlink.RTM_NEWLINK, 0, state(PEER_OF_B, IfLink.IFF_UP));
            route("add", ADD, "2001:db8:5::/64", hop("fe80::1", A, 1, 0), hop("fe80::2", B, 1, 0));
            step("gone", Rtnetlink.RTM_DELLINK, 0, LinkMessage.of(A));
            step("down", Rtnetlink.RTM_NEWLINK, 0, state(B, 0));
        });
    }

    /// Routes without a gateway share no packets, and come among those that do. The kernel does not tell of them then.
    private void devicesBetweenGateways(String to) throws Exception {
        RouteMessage device = builder(to).device(B).build();
        RouteMessage other = builder(to).device(A).build();
        RouteMessage gateway =
                builder(to).gateway(IpAddress.parse("2001:db8::9")).build();
        RouteMessage unsaid = builder(to).protocol(0).build();
        step("gateway", Rtnetlink.RTM_NEWROUTE, APPEND, gateway);
        step("device", Rtnetlink.RTM_NEWROUTE, APPEND, device);
        route("append", APPEND, to, hop("2001:db8:1::2"), hop("2001:db8:1::5"));
        step("other", Rtnetlink.RTM_NEWROUTE, APPEND, other);
        route("append", APPEND, to, hop("2001:db8:1::3"), hop("2001:db8:1::6"));
        route("del", 0, to, hop("2001:db8:1::3"), hop("2001:db8:1::6"));
        step("replaced", Rtnetlink.RTM_NEWROUTE, REPLACE, gateway);
        route("append", APPEND, to, hop("2001:db8:1::2"), hop("2001:db8:1::4"));
        route("del", 0, to, hop("2001:db8::9"));
        step("first", Rtnetlink.RTM_DELROUTE, 0, unsaid);
        step("second", Rtnetlink.RTM_DELROUTE, 0, unsaid);
        step("third", Rtnetlink.RTM_DELROUTE, 0, unsaid);
        step("fourth", Rtnetlink.RTM_DELROUTE, 0, unsaid);
    }
}
