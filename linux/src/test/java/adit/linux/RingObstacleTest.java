package adit.linux;

import static adit.linux.RoutedNet.LEFT;
import static adit.linux.RoutedNet.RIGHT;
import static org.assertj.core.api.Assertions.assertThat;

import adit.linux.sys.Libc;
import adit.netlink.MessageWriter;
import adit.netlink.Netlink;
import adit.packet.PacketBatch;
import adit.packet.PacketBuffer;
import adit.packet.Refusal;
import adit.wire.IpProtocol;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// What makes packets go by the socket instead of the packet ring, and back: routes, neighbours, interfaces, rules.
class RingObstacleTest extends RingRig {
    private static final String GATEWAY = "192.0.2.254";

    RingObstacleTest() {
        super(Set.of(IpProtocol.IPIP, IpProtocol.MPLS), Set.of(IpProtocol.IPIP, IpProtocol.MPLS));
    }

    @Test
    void learnsOfAPathThatGetsNarrowerBehindTheRouter() throws Exception {
        awaitObstacle(RingObstacle.NONE);
        net.narrow(1300);
        Await.until(() -> {
            Refusal refusal = send(left, packet(RIGHT, 1400));
            PacketBatch news = new PacketBatch(8);
            left.receive(news);
            news.releaseAll();
            return refusal == Refusal.TOO_BIG;
        });
        assertArrives(1280);
        assertThat(left.obstacle()).isEqualTo(RingObstacle.NONE);
    }

    @Test
    void followsTheMtuOfTheInterface() throws Exception {
        awaitObstacle(RingObstacle.NONE);
        net.left.ip("link", "set", "l0", "mtu", "1200");
        Await.until(() -> send(left, packet(RIGHT, 1300)) == Refusal.TOO_BIG);
        drain();
        assertArrives(1180);
        assertThat(left.obstacle()).isEqualTo(RingObstacle.NONE);
    }

    @Test
    void followsANeighbourWithANewAddress() throws Exception {
        awaitObstacle(RingObstacle.NONE);
        net.router.ip("link", "set", "r0", "address", "02:00:5e:00:53:01");
        net.left.ip("neigh", "replace", GATEWAY, "lladdr", "02:00:5e:00:53:01", "dev", "l0", "nud", "reachable");
        // Whatever went to the old address is lost, as it would be by the socket.
        Await.until(() -> {
            assertThat(send(left, packet(RIGHT, 60))).isEqualTo(Refusal.NONE);
            PacketBatch in = new PacketBatch(64);
            right.receive(in);
            boolean came = !in.isEmpty();
            in.releaseAll();
            return came;
        });
        assertThat(left.obstacle()).isEqualTo(RingObstacle.NONE);
    }

    @Test
    void leavesItToTheKernelToFindANeighbour() throws Exception {
        awaitObstacle(RingObstacle.NONE);
        net.left.ip("neigh", "flush", "dev", "l0");
        Await.until(() -> {
            send(left, packet(RIGHT, 61));
            return left.obstacle() == RingObstacle.NO_NEIGHBOUR;
        });
        awaitObstacle(RingObstacle.NONE);
        assertArrives(62);
    }

    @Test
    void letsTheKernelConfirmAStaleNeighbour() throws Exception {
        awaitObstacle(RingObstacle.NONE);
        net.left.ip("neigh", "change", GATEWAY, "dev", "l0", "nud", "stale");
        assertThat(net.left.ip("neigh", "show", GATEWAY)).contains("STALE");
        awaitState(List.of("DELAY", "PROBE", "REACHABLE"));
        assertThat(left.obstacle()).isEqualTo(RingObstacle.NONE);
    }

    private void awaitState(List<String> wanted) throws Exception {
        long until = System.nanoTime() + 20_000_000_000L;
        String state;
        do {
            send(left, packet(RIGHT, 63));
            Thread.sleep(20);
            state = net.left.ip("neigh", "show", GATEWAY);
        } while (wanted.stream().noneMatch(state::contains) && System.nanoTime() < until);
        assertThat(wanted).anyMatch(state::contains);
    }

    @Test
    void followsARouteToAnotherInterface() throws Exception {
        awaitObstacle(RingObstacle.NONE);
        net.addSecondWay();
        awaitArrivalBy("r2");
        assertThat(left.obstacle()).isEqualTo(RingObstacle.NONE);
        net.left.ip("route", "replace", "198.51.100.0/24", "via", GATEWAY);
        awaitArrivalBy("r0");
        assertThat(left.obstacle()).isEqualTo(RingObstacle.NONE);
    }

    /// Until packets come to the router by this interface, and those that do are sent by the ring.
    private void awaitArrivalBy(String link) throws Exception {
        long before = received(link);
        Await.until(() -> {
            for (int i = 0; i < 50; i++) {
                send(left, packet(RIGHT, 64));
            }
            return left.obstacle() == RingObstacle.NONE && received(link) - before > 200;
        });
        drain();
    }

    private long received(String link) {
        try {
            // "RX:  bytes packets errors ..." and the numbers in the next line
            List<String> lines =
                    net.router.ip("-s", "link", "show", link).lines().toList();
            int at = 0;
            while (!lines.get(at).strip().startsWith("RX:")) {
                at++;
            }
            return Long.parseLong(lines.get(at + 1).strip().split("\\s+")[1]);
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void comesBackAfterTheInterfaceWasDown() throws Exception {
        awaitObstacle(RingObstacle.NONE);
        net.left.ip("link", "set", "l0", "down");
        Await.until(() -> send(left, packet(RIGHT, 65)) == Refusal.UNREACHABLE);
        net.left.ip("link", "set", "l0", "up");
        net.left.ip("route", "replace", "198.51.100.0/24", "via", GATEWAY);
        awaitObstacle(RingObstacle.NONE);
        assertArrives(66);
    }

    @Test
    void leavesWhatGoesToThisHostItselfToTheSocket() {
        send(left, packet(LEFT, 67));
        assertThat(left.obstacle()).isEqualTo(RingObstacle.NOT_UNICAST);
        PacketBatch in = new PacketBatch(8);
        Await.until(() -> left.receive(in) > 0);
        assertThat(octets(in.get(0))).isEqualTo(payload(67));
        in.releaseAll();
    }

    @Test
    void leavesItToTheKernelToChooseASource() {
        awaitObstacle(RingObstacle.NONE);
        PacketBuffer p = packet(RIGHT, 73);
        p.addressing().source = 0;
        assertThat(send(left, p)).isEqualTo(Refusal.NONE);
        assertThat(left.obstacle()).isEqualTo(RingObstacle.NO_SOURCE);
        assertThat(arrivals(1).getFirst()).isEqualTo(payload(73));
    }

    @Test
    void leavesPacketsThatMustTakeAnotherInterfaceToTheSocket() throws Exception {
        awaitObstacle(RingObstacle.NONE);
        PacketBuffer p = packet(RIGHT, 74);
        p.addressing().link = 1;
        // By the loopback interface, where it is lost.
        assertThat(send(left, p)).isEqualTo(Refusal.NONE);
        assertThat(left.obstacle()).isEqualTo(RingObstacle.OTHER_INTERFACE);
        p = packet(RIGHT, 75);
        p.addressing().link = net.leftLink();
        assertThat(send(left, p)).isEqualTo(Refusal.NONE);
        assertThat(left.obstacle()).isEqualTo(RingObstacle.NONE);
        assertThat(arrivals(1).getFirst()).isEqualTo(payload(75));
    }

    @Test
    void leavesInterfacesWithoutNeighboursToTheSocket() throws Exception {
        awaitObstacle(RingObstacle.NONE);
        net.left.ip("link", "set", "l0", "arp", "off");
        Await.until(() -> {
            assertThat(send(left, packet(RIGHT, 68))).isEqualTo(Refusal.NONE);
            return left.obstacle() == RingObstacle.NOT_ETHERNET;
        });
    }

    @Test
    void leavesEverythingToTheSocketWhereThereAreIpsecPolicies() throws Exception {
        awaitObstacle(RingObstacle.NONE);
        net.left.ip("xfrm", "policy", "add", "dst", "198.51.100.0/24", "dir", "out", "action", "allow");
        awaitObstacle(RingObstacle.IPSEC);
        assertArrives(69);
        net.left.ip("xfrm", "policy", "flush");
        awaitObstacle(RingObstacle.NONE);
    }

    @Test
    void leavesEverythingToTheSocketWhereThereAreNetfilterChains() throws Exception {
        awaitObstacle(RingObstacle.NONE);
        net.left.netns.call(() -> {
            addChain();
            return null;
        });
        awaitObstacle(RingObstacle.NETFILTER);
        assertArrives(70);
    }

    /// `nft add table ip t; nft add chain ip t c { type filter hook input priority 0; }`, in a batch as the
    /// kernel wants it.
    private static void addChain() throws IOException {
        try (NetlinkSocket socket = NetlinkSocket.open(12);
                Arena arena = Arena.ofConfined()) {
            MemorySegment s = arena.allocate(1024);
            int create = Netlink.NLM_F_REQUEST | Netlink.NLM_F_CREATE;
            MessageWriter w = new MessageWriter(s);
            w.message(0x10, Netlink.NLM_F_REQUEST, 1, 0, m -> m.u8(0).u8(0).u16(0x0a00));
            w.message(10 << 8, create, 2, 0, m -> m.u8(2).u8(0).u16(0).string(1, "t"));
            w.message(
                    10 << 8 | 3,
                    create,
                    3,
                    0,
                    m -> m.u8(2)
                            .u8(0)
                            .u16(0)
                            .string(1, "t")
                            .string(3, "c")
                            .nested(4, h -> h.be32(1, 1).be32(2, 0))
                            .string(7, "filter"));
            w.message(0x11, Netlink.NLM_F_REQUEST, 4, 0, m -> m.u8(0).u8(0).u16(0x0a00));
            int held = socket.fd().holdOrThrow();
            try {
                assertThat(Libc.write(Libc.errnoState(), held, s, 0, w.length()))
                        .isEqualTo((int) w.length());
            } finally {
                socket.fd().leave();
            }
        }
    }
}
