package adit.netns;

import static org.assertj.core.api.Assertions.assertThat;

import adit.linux.Netns;
import adit.netlink.AddressMessage;
import adit.netlink.IfLink;
import adit.netlink.LinkInfo;
import adit.netlink.LinkMessage;
import adit.netlink.MessageReader;
import adit.netlink.Neigh;
import adit.netlink.NeighbourMessage;
import adit.netlink.Netlink;
import adit.netlink.OctetString;
import adit.netlink.Rtnetlink;
import adit.port.VirtualTime;
import adit.wire.Ip4Address;
import adit.wire.IpAddress;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Which neighbours the running kernel forgets when something happens to their link, and which of them it tells
/// listeners of: a namespace in memory does the same.
class NeighboursAgainstKernelTest {
    private static final int INDEX = 100;
    private static final String NAME = "d0";
    private static final String PEER = "p0";
    private static final OctetString MAC = OctetString.of(new byte[] {2, 0, 0, 0, 0, 1});
    private static final OctetString OTHER_MAC = OctetString.of(new byte[] {2, 0, 0, 0, 0, 5});
    private static final OctetString NEIGHBOURS_MAC = OctetString.of(new byte[] {2, 0, 0, 0, 0, 9});
    private static final IpAddress OWN = IpAddress.parse("10.0.0.1");
    private static final IpAddress FURTHER = IpAddress.parse("10.0.1.1");
    /// The kernel looks at carriers once a second.
    private static final int PATIENCE_SECONDS = 20;
    /// The operational state "up" of RFC 2863.
    private static final int OPERATIONAL = 6;

    /// What happens to the link, while it is up and has a carrier if nothing else is said.
    enum Event {
        SAME_ADDRESS {
            @Override
            void happen(Conversation c) throws IOException {
                c.client.change(LinkMessage.builder().index(INDEX).address(MAC).build());
            }
        },
        OTHER_ADDRESS {
            @Override
            void happen(Conversation c) throws IOException {
                c.client.change(
                        LinkMessage.builder().index(INDEX).address(OTHER_MAC).build());
            }
        },
        SAME_ADDRESS_BESIDE_AN_UNKNOWN_KIND {
            @Override
            void happen(Conversation c) throws IOException {
                c.client.change(LinkMessage.builder()
                        .index(INDEX)
                        .address(MAC)
                        .info(LinkInfo.of("nonsense"))
                        .build());
            }
        },
        NO_ARP {
            @Override
            void happen(Conversation c) throws IOException {
                c.flags(IfLink.IFF_NOARP, IfLink.IFF_NOARP);
            }
        },
        NO_ARP_WHILE_DOWN {
            @Override
            void before(Conversation c) throws IOException {
                c.flags(0, IfLink.IFF_UP);
            }

            @Override
            void happen(Conversation c) throws IOException {
                c.flags(IfLink.IFF_NOARP, IfLink.IFF_NOARP);
                c.flags(IfLink.IFF_UP, IfLink.IFF_UP);
                c.flags(0, IfLink.IFF_MULTICAST);
            }
        },
        NO_MULTICAST {
            @Override
            void happen(Conversation c) throws IOException {
                c.flags(0, IfLink.IFF_MULTICAST);
            }
        },
        NO_CARRIER {
            @Override
            void happen(Conversation c) throws IOException {
                c.peer(0);
            }
        },
        ANOTHER_FLAG_WITHOUT_CARRIER {
            @Override
            void before(Conversation c) throws Exception {
                c.peer(0);
                c.awaitCarrier(false);
            }

            @Override
            void happen(Conversation c) throws IOException {
                c.flags(0, IfLink.IFF_MULTICAST);
            }
        },
        DOWN {
            @Override
            void happen(Conversation c) throws IOException {
                c.flags(0, IfLink.IFF_UP);
            }
        },
        UP {
            @Override
            void before(Conversation c) throws IOException {
                c.flags(0, IfLink.IFF_UP);
            }

            @Override
            void happen(Conversation c) throws IOException {
                c.flags(IfLink.IFF_UP, IfLink.IFF_UP);
            }
        },
        NO_ADDRESS {
            @Override
            void happen(Conversation c) throws IOException {
                c.client.request(Rtnetlink.RTM_DELADDR, 0, AddressMessage.of(INDEX, OWN, 24, 0));
            }
        },
        ONE_ADDRESS_OF_TWO {
            @Override
            void before(Conversation c) throws IOException {
                c.client.request(Rtnetlink.RTM_NEWADDR, Netlink.NLM_F_CREATE, AddressMessage.of(INDEX, FURTHER, 24, 0));
            }

            @Override
            void happen(Conversation c) throws IOException {
                c.client.request(Rtnetlink.RTM_DELADDR, 0, AddressMessage.of(INDEX, OWN, 24, 0));
            }
        },
        MTU {
            @Override
            void happen(Conversation c) throws IOException {
                c.client.change(LinkMessage.builder().index(INDEX).mtu(1400).build());
            }
        },
        DELETED {
            @Override
            void happen(Conversation c) throws IOException {
                c.client.request(Rtnetlink.RTM_DELLINK, 0, LinkMessage.of(INDEX));
            }
        };

        /// What comes before there are neighbours.
        void before(Conversation c) throws Exception {}

        abstract void happen(Conversation c) throws IOException;
    }

    @ParameterizedTest
    @EnumSource
    void forgetsThoseWhomTheKernelForgets(Event event) throws Exception {
        Needs.namespaces();
        try (Netns kernel = Netns.create();
                Namespace memory =
                        Namespace.builder().time(new VirtualTime()).seed(1).open();
                NetlinkSession session = memory.netlink()) {
            session.join(Rtnetlink.RTNLGRP_NEIGH);
            kernel.call(() -> {
                try (KernelRtnetlink socket = new KernelRtnetlink()) {
                    socket.join(Rtnetlink.RTNLGRP_NEIGH);
                    compare(event, new Conversation(socket), new Conversation(RtnetlinkServer.of(session)));
                }
                return null;
            });
        }
    }

    private static void compare(Event event, Conversation theirs, Conversation ours) throws Exception {
        ours.meet(event);
        theirs.meet(event);
        assertThat(theirs.known).hasSize(5).containsExactlyInAnyOrderElementsOf(ours.known);
        event.happen(ours);
        event.happen(theirs);
        ours.look();
        theirs.look();
        long end = System.nanoTime() + PATIENCE_SECONDS * 1_000_000_000L;
        while (System.nanoTime() < end && !(theirs.known.equals(ours.known) && theirs.gone.equals(ours.gone))) {
            Thread.sleep(20);
            theirs.look();
        }
        assertThat(ours.known).as("neighbours that are left").isEqualTo(theirs.known);
        assertThat(ours.gone).as("neighbours whose end was told").isEqualTo(theirs.gone);
    }

    /// Requests to one of the two, and what it has said.
    static final class Conversation {
        private final RtnetlinkClient client;
        /// The neighbours that it has, in order.
        List<String> known = List.of();
        /// The neighbours of whose end it told since somebody met them, in order.
        final List<String> gone = new ArrayList<>();

        Conversation(RtnetlinkServer server) {
            client = new RtnetlinkClient(server, this::hear);
        }

        /// Makes a link with a carrier and then its neighbours, of three states in two families.
        void meet(Event event) throws Exception {
            LinkMessage link = LinkMessage.builder()
                    .index(INDEX)
                    .name(NAME)
                    .address(MAC)
                    .info(LinkInfo.veth(LinkMessage.of(PEER)))
                    .build();
            client.request(Rtnetlink.RTM_NEWLINK, Netlink.NLM_F_CREATE | Netlink.NLM_F_EXCL, link);
            flags(IfLink.IFF_UP, IfLink.IFF_UP);
            peer(IfLink.IFF_UP);
            client.request(Rtnetlink.RTM_NEWADDR, Netlink.NLM_F_CREATE, AddressMessage.of(INDEX, OWN, 24, 0));
            awaitCarrier(true);
            event.before(this);
            neighbour("10.0.0.2", Neigh.NUD_PERMANENT);
            neighbour("10.0.0.3", Neigh.NUD_STALE);
            neighbour("10.0.0.4", Neigh.NUD_NOARP);
            neighbour("fe80::2", Neigh.NUD_PERMANENT);
            neighbour("fe80::3", Neigh.NUD_STALE);
            gone.clear();
            look();
        }

        private void neighbour(String address, int state) throws IOException {
            IpAddress to = IpAddress.parse(address);
            client.request(
                    Rtnetlink.RTM_NEWNEIGH,
                    Netlink.NLM_F_CREATE | Netlink.NLM_F_EXCL,
                    new NeighbourMessage(
                            to instanceof Ip4Address ? Netlink.AF_INET : Netlink.AF_INET6,
                            INDEX,
                            state,
                            0,
                            0,
                            Optional.of(to),
                            Optional.of(NEIGHBOURS_MAC)));
        }

        void flags(int values, int mask) throws IOException {
            client.change(LinkMessage.builder().index(INDEX).flags(values, mask).build());
        }

        void peer(int up) throws IOException {
            client.change(
                    LinkMessage.builder().name(PEER).flags(up, IfLink.IFF_UP).build());
        }

        private void hear(MessageReader m) {
            if (m.type() == Rtnetlink.RTM_DELNEIGH) {
                String text = text(NeighbourMessage.read(m));
                if (text != null) {
                    gone.add(text);
                    gone.sort(null);
                }
            }
        }

        /// Its groups are no neighbours that anybody met.
        private static String text(NeighbourMessage n) {
            String address = n.destination().map(Object::toString).orElse("?");
            return n.index() != INDEX || address.startsWith("ff") || address.startsWith("224.")
                    ? null
                    : address + " " + n.linkAddress() + " state " + n.state();
        }

        /// Asks which neighbours are left, and hears what else is said.
        void look() throws IOException {
            List<String> all = new ArrayList<>();
            NeighbourMessage any = NeighbourMessage.ofFamily(Netlink.AF_UNSPEC);
            client.exchange(Rtnetlink.RTM_GETNEIGH, Netlink.NLM_F_DUMP, any, m -> {
                String text = m.type() == Rtnetlink.RTM_NEWNEIGH ? text(NeighbourMessage.read(m)) : null;
                if (text != null) {
                    all.add(text);
                }
            });
            all.sort(null);
            known = all;
        }

        /// Waits until the link says that it works, or that it doesn't.
        void awaitCarrier(boolean present) throws Exception {
            long end = System.nanoTime() + PATIENCE_SECONDS * 1_000_000_000L;
            while (works() != present) {
                assertThat(System.nanoTime()).as("time for a carrier").isLessThan(end);
                Thread.sleep(5);
            }
        }

        private boolean works() throws IOException {
            AtomicInteger state = new AtomicInteger();
            client.exchange(
                    Rtnetlink.RTM_GETLINK,
                    0,
                    LinkMessage.of(INDEX),
                    m -> state.set(LinkMessage.read(m).operationalState().orElse(0)));
            return state.get() == OPERATIONAL;
        }
    }
}
