package adit.netns;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import adit.linux.Netns;
import adit.netlink.AddressMessage;
import adit.netlink.IfLink;
import adit.netlink.LinkInfo;
import adit.netlink.LinkMessage;
import adit.netlink.MessageReader;
import adit.netlink.Netlink;
import adit.netlink.RouteMessage;
import adit.netlink.Rtnetlink;
import adit.port.VirtualTime;
import adit.wire.IpAddress;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What is told of IPv4 addresses and routes when their link goes: what the running kernel tells, in its order.
class LinkRemovalAgainstKernelTest {
    private static final int LINK = 100;
    private static final int PEER = 101;

    /// A link's addresses, behind `up` or `down` for the state in which it goes.
    @ParameterizedTest
    @ValueSource(
            strings = {
                "up 10.2.0.1/16",
                "down 10.2.0.1/16",
                "up 10.2.0.1/16 10.2.0.2/16 10.3.0.1/24",
                "up 10.2.0.1/16 10.2.0.2/24 10.2.0.1/24",
                "down 10.2.0.1/16 10.2.0.2/24 10.2.0.1/24",
                "up 10.2.0.2/24 10.2.0.1/24 10.2.0.1/16",
                "up 10.2.0.1/32 10.2.0.1/31 10.2.0.1/8",
            })
    void tellsOfAddressesAndThenOfTheirRoutes(String link) throws Exception {
        assumeTrue(System.getProperty("os.version").startsWith("6.18."), "needs Linux 6.18, which this follows");
        Needs.namespaces();
        try (Netns kernel = Netns.create();
                Namespace memory =
                        Namespace.builder().time(new VirtualTime()).seed(1).open();
                NetlinkSession session = memory.netlink();
                NetlinkSession listening = memory.netlink()) {
            listening.join(Rtnetlink.RTNLGRP_IPV4_IFADDR);
            listening.join(Rtnetlink.RTNLGRP_IPV4_ROUTE);
            List<String> ours = told(RtnetlinkServer.of(session), link, () -> heard(listening));
            List<String> theirs = kernel.call(() -> {
                try (KernelRtnetlink socket = new KernelRtnetlink();
                        KernelRtnetlink listener = new KernelRtnetlink()) {
                    listener.join(Rtnetlink.RTNLGRP_IPV4_IFADDR);
                    listener.join(Rtnetlink.RTNLGRP_IPV4_ROUTE);
                    // Who has sent something has an address, by which he hears.
                    new RtnetlinkClient(listener, _ -> {})
                            .exchange(Rtnetlink.RTM_GETLINK, 0, LinkMessage.of(1), _ -> {});
                    return told(socket, link, listener::heard);
                }
            });
            assertThat(theirs).contains("gone address 10.2.0.1");
            assertThat(ours).isEqualTo(theirs);
        }
    }

    private static List<byte[]> heard(NetlinkSession listening) throws IOException {
        List<byte[]> all = new ArrayList<>();
        for (byte[] next = listening.receive(); next != null; next = listening.receive()) {
            all.add(next);
        }
        return all;
    }

    @FunctionalInterface
    private interface Listener {
        List<byte[]> heard() throws IOException;
    }

    private static List<String> told(RtnetlinkServer server, String link, Listener listener) throws IOException {
        RtnetlinkClient client = new RtnetlinkClient(server, _ -> {});
        LinkMessage peer = LinkMessage.builder().index(PEER).name("b").build();
        LinkMessage pair = LinkMessage.builder()
                .index(LINK)
                .name("a")
                .info(LinkInfo.veth(peer))
                .build();
        int create = Netlink.NLM_F_CREATE | Netlink.NLM_F_EXCL;
        client.request(Rtnetlink.RTM_NEWLINK, create, pair);
        client.change(LinkMessage.builder()
                .index(LINK)
                .flags(IfLink.IFF_UP, IfLink.IFF_UP)
                .build());
        List<String> words = List.of(link.split(" "));
        for (String address : words.subList(1, words.size())) {
            String[] parts = address.split("/");
            IpAddress local = IpAddress.parse(parts[0]);
            client.request(
                    Rtnetlink.RTM_NEWADDR, create, AddressMessage.of(LINK, local, Integer.parseInt(parts[1]), 0));
        }
        if (words.getFirst().equals("down")) {
            client.change(
                    LinkMessage.builder().index(LINK).flags(0, IfLink.IFF_UP).build());
        }
        listener.heard();
        client.request(Rtnetlink.RTM_DELLINK, 0, LinkMessage.of(LINK));
        List<String> told = new ArrayList<>();
        for (byte[] datagram : listener.heard()) {
            MessageReader m = new MessageReader(MemorySegment.ofArray(datagram), 0, datagram.length);
            while (m.next()) {
                told.add(words(m));
            }
        }
        return told;
    }

    private static String words(MessageReader m) {
        return switch (m.type()) {
            case Rtnetlink.RTM_DELADDR ->
                "gone address " + text(AddressMessage.read(m).local());
            case Rtnetlink.RTM_DELROUTE -> {
                RouteMessage r = RouteMessage.read(m);
                yield "gone route type " + r.type() + " " + text(r.destination()) + "/" + r.destinationLength()
                        + " table " + r.table() + " source " + text(r.preferredSource());
            }
            default -> "message " + m.type();
        };
    }

    private static String text(Optional<IpAddress> address) {
        return address.map(IpAddress::toString).orElse("none");
    }
}
