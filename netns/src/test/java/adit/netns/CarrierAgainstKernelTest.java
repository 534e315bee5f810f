package adit.netns;

import static org.assertj.core.api.Assertions.assertThat;

import adit.linux.Netns;
import adit.netlink.IfLink;
import adit.netlink.LinkInfo;
import adit.netlink.LinkMessage;
import adit.netlink.Netlink;
import adit.netlink.RouteMessage;
import adit.netlink.Rtnetlink;
import adit.port.VirtualTime;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Flags and operational states of both ends of a cable as the ends go up and down: those of the running kernel.
class CarrierAgainstKernelTest {
    private static final List<Integer> ENDS = List.of(100, 101);
    /// The kernel looks at carriers once a second.
    private static final int PATIENCE_SECONDS = 20;
    /// After so long it has done so, and does not remember an end from an earlier change.
    private static final int LOOK_MILLIS = 1200;

    /// Each letter is an end and what it does: a capital one goes up, a small one down.
    @ParameterizedTest
    @ValueSource(strings = {"", "A", "AB", "ABb", "ABa", "ABab", "ABba", "ABbB", "BAaA", "ABabA", "ABabB"})
    void saysOfBothEndsWhatTheKernelSays(String steps) throws Exception {
        compare(steps, 0, Cable::states);
    }

    /// The routes of IPv6 to groups and to the links stand in the order in which it began on the ends. Nobody asks for
    /// a link here: the kernel would look at the carrier of that one at once.
    @ParameterizedTest
    @ValueSource(strings = {"AB", "BA", "ABaA", "ABbB", "ABabAB"})
    void beginsOnBothEndsInTheOrderOfTheKernel(String steps) throws Exception {
        compare(steps, LOOK_MILLIS, Cable::routes);
    }

    /// What to ask a cable.
    @FunctionalInterface
    private interface Question {
        List<String> ask(Cable cable) throws IOException;
    }

    private static void compare(String steps, int rest, Question question) throws Exception {
        Needs.namespaces();
        try (Netns kernel = Netns.create();
                Namespace memory =
                        Namespace.builder().time(new VirtualTime()).seed(1).open();
                NetlinkSession session = memory.netlink()) {
            kernel.call(() -> {
                try (KernelRtnetlink socket = new KernelRtnetlink()) {
                    compare(steps, rest, question, new Cable(socket), new Cable(RtnetlinkServer.of(session)));
                }
                return null;
            });
        }
    }

    private static void compare(String steps, int rest, Question question, Cable theirs, Cable ours) throws Exception {
        assertSame("made", question, theirs, ours);
        for (int i = 0; i < steps.length(); i++) {
            Thread.sleep(rest);
            ours.take(steps.charAt(i));
            theirs.take(steps.charAt(i));
            assertSame(steps.substring(0, i + 1), question, theirs, ours);
        }
    }

    private static void assertSame(String when, Question question, Cable theirs, Cable ours) throws Exception {
        List<String> said = question.ask(ours);
        long end = System.nanoTime() + PATIENCE_SECONDS * 1_000_000_000L;
        while (System.nanoTime() < end && !question.ask(theirs).equals(said)) {
            Thread.sleep(20);
        }
        assertThat(said).as(when).isEqualTo(question.ask(theirs));
    }

    private static final class Cable {
        private final RtnetlinkClient client;

        Cable(RtnetlinkServer server) throws IOException {
            client = new RtnetlinkClient(server, notification -> {});
            LinkMessage peer =
                    LinkMessage.builder().index(ENDS.get(1)).name("b").build();
            LinkMessage pair = LinkMessage.builder()
                    .index(ENDS.get(0))
                    .name("a")
                    .info(LinkInfo.veth(peer))
                    .build();
            client.request(Rtnetlink.RTM_NEWLINK, Netlink.NLM_F_CREATE | Netlink.NLM_F_EXCL, pair);
        }

        void take(char step) throws IOException {
            int end = ENDS.get(Character.toLowerCase(step) - 'a');
            int flags = Character.isUpperCase(step) ? IfLink.IFF_UP : 0;
            client.change(
                    LinkMessage.builder().index(end).flags(flags, IfLink.IFF_UP).build());
        }

        List<String> states() throws IOException {
            List<String> said = new ArrayList<>();
            for (int end : ENDS) {
                client.exchange(Rtnetlink.RTM_GETLINK, 0, LinkMessage.of(end), m -> {
                    assertThat(m.type()).isEqualTo(Rtnetlink.RTM_NEWLINK);
                    LinkMessage link = LinkMessage.read(m);
                    said.add("flags %x state %s".formatted(link.flags(), link.operationalState()));
                });
            }
            return said;
        }

        List<String> routes() throws IOException {
            List<String> said = new ArrayList<>();
            RouteMessage all = RouteMessage.builder(Netlink.AF_INET6).build();
            client.exchange(Rtnetlink.RTM_GETROUTE, Netlink.NLM_F_DUMP, all, m -> {
                if (m.type() != Netlink.NLMSG_DONE) {
                    RouteMessage route = RouteMessage.read(m);
                    if (route.type() == Rtnetlink.RTN_MULTICAST || route.table() == Rtnetlink.RT_TABLE_MAIN) {
                        said.add("to " + route.destination().orElseThrow() + " by "
                                + route.device().orElseThrow());
                    }
                }
            });
            return said;
        }
    }
}
