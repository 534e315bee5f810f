package adit.netns;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import adit.device.Errno;
import adit.device.InterfaceRequest;
import adit.ip.Endpoint;
import adit.ip.IpCounter;
import adit.ip.IpDrop;
import adit.ip.IpException;
import adit.ip.IpSocket;
import adit.ip.PingSocket;
import adit.ip.Sockets;
import adit.ip.UdpSocket;
import adit.netlink.AttributeTable;
import adit.netlink.LinkInfo;
import adit.netlink.LinkMessage;
import adit.netlink.MessageReader;
import adit.netlink.MessageWriter;
import adit.netlink.Netlink;
import adit.netlink.RouteMessage;
import adit.netlink.Rtnetlink;
import adit.netlink.TunData;
import adit.port.VirtualTime;
import adit.tun.Ifreq;
import adit.tun.MemoryTunFile;
import adit.tun.Profile;
import adit.tun.TunFile;
import adit.tun.TunIoctl;
import adit.wire.IpAddress;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.ClosedChannelException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class NamespaceTest {
    /// An ICMP echo request from 10.0.0.2 to 10.0.0.1, identifier 0x1234, sequence 1, four octets of payload,
    /// and the reply: both from RFC 792 and sums done by hand.
    private static final String PING =
            "45000020000140004001" + "26da" + "0a000002" + "0a000001" + "0800" + "2104" + "12340001" + "61626364";

    private static final long SECOND = 1_000_000_000L;

    private final VirtualTime time = new VirtualTime();

    private Namespace open() {
        return Namespace.builder().time(time).seed(7).open();
    }

    static MemoryTunFile tun(Namespace ns, String name) throws IOException {
        return file(ns, name, TunIoctl.IFF_TUN);
    }

    static MemoryTunFile tap(Namespace ns, String name) throws IOException {
        return file(ns, name, TunIoctl.IFF_TAP);
    }

    private static MemoryTunFile file(Namespace ns, String name, int kind) throws IOException {
        MemoryTunFile file = ns.tun().open();
        try (Arena arena = Arena.ofConfined()) {
            // struct ifreq: the name, and the flags behind it.
            MemorySegment ifreq = arena.allocate(40, 8);
            ifreq.setString(0, name);
            ifreq.set(ValueLayout.JAVA_SHORT, 16, (short) (kind | TunIoctl.IFF_NO_PI));
            assertThat(file.ioctl(TunIoctl.TUNSETIFF, ifreq)).isZero();
        }
        file.blocking(false);
        return file;
    }

    static List<byte[]> readAll(MemoryTunFile file) {
        List<byte[]> all = new ArrayList<>();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment buffer = arena.allocate(70_000);
            for (int n = file.read(buffer); n > 0; n = file.read(buffer)) {
                all.add(buffer.asSlice(0, n).toArray(ValueLayout.JAVA_BYTE));
            }
        }
        return all;
    }

    static int write(MemoryTunFile file, byte[] packet) {
        try (Arena arena = Arena.ofConfined()) {
            return file.write(arena.allocateFrom(ValueLayout.JAVA_BYTE, packet));
        }
    }

    @Test
    void answersAPingThatIsWrittenToATunFile() throws IOException {
        try (Namespace ns = open();
                MemoryTunFile file = tun(ns, "tun0")) {
            ns.configure().link("tun0").up();
            ns.configure().address("tun0", "10.0.0.1/24");
            byte[] ping = HexFormat.of().parseHex(PING);
            assertThat(write(file, ping)).isEqualTo(ping.length);
            List<byte[]> out = readAll(file);
            assertThat(out).hasSize(1);
            String reply = HexFormat.of().formatHex(out.getFirst());
            assertThat(reply)
                    .startsWith("45000020")
                    .contains("0a0000010a000002" + "0000" + "2904" + "1234000161626364");
            assertThat(ns.counters().get(IpCounter.ICMP_OUT_ECHO_REPS)).isEqualTo(1);
            assertThat(ns.lent()).isZero();
        }
    }

    @Test
    void talksUdpOverACableAfterAskingForTheLinkAddress() throws IOException {
        try (Namespace a = open();
                Namespace b = a.beside()) {
            Namespace.join(a, "eth0", b, "eth0");
            for (Namespace ns : List.of(a, b)) {
                ns.configure().link("eth0").up();
            }
            a.configure().address("eth0", "10.0.0.1/24").address("eth0", "fd00::1/64");
            b.configure().address("eth0", "10.0.0.2/24").address("eth0", "fd00::2/64");
            talk(a, b, "10.0.0.1", "10.0.0.2", Sockets.Family.IP4);
            talk(a, b, "fd00::1", "fd00::2", Sockets.Family.IP6);
            assertThat(a.ip().configuration().neighbours())
                    .anyMatch(n -> n.address().equals(IpAddress.parse("10.0.0.2")))
                    .anyMatch(n -> n.address().equals(IpAddress.parse("fd00::2")));
            assertThat(a.counters().drops()).isEmpty();
            assertThat(a.lent()).isZero();
        }
    }

    private static void talk(Namespace a, Namespace b, String one, String other, Sockets.Family family)
            throws IOException {
        try (UdpSocket client = a.sockets().udp(family);
                UdpSocket server = b.sockets().udp(family)) {
            server.bind(new Endpoint(IpAddress.parse(other), 53));
            server.waiting(IpSocket.Waiting.DO_NOT_WAIT);
            client.waiting(IpSocket.Waiting.DO_NOT_WAIT);
            client.connect(Endpoint.of(other, 53));
            for (int length : new int[] {1, 512, 4000, 20_000}) {
                client.fragmentation(UdpSocket.Fragmentation.ALLOW);
                server.fragmentation(UdpSocket.Fragmentation.ALLOW);
                ByteBuffer question = ByteBuffer.allocateDirect(length);
                for (int i = 0; i < length; i++) {
                    question.put(i, (byte) (i * 7));
                }
                client.write(question.duplicate());
                ByteBuffer got = ByteBuffer.allocateDirect(65_536);
                Endpoint from = server.receive(got);
                assertThat(from)
                        .isEqualTo(new Endpoint(
                                IpAddress.parse(one), client.localEndpoint().port()));
                assertThat(got.flip()).isEqualTo(question);
                server.send(got, from);
                ByteBuffer back = ByteBuffer.allocate(65_536);
                assertThat(client.read(back)).isEqualTo(length);
                assertThat(back.flip()).isEqualTo(question);
            }
        }
    }

    @Test
    void tellsAConnectedSocketThatNobodyListens() throws IOException {
        try (Namespace ns = open();
                UdpSocket socket = ns.sockets().udp(Sockets.Family.IP4)) {
            ns.configure().link("lo").up();
            socket.waiting(IpSocket.Waiting.DO_NOT_WAIT);
            socket.connect(Endpoint.of("127.0.0.1", 9));
            socket.write(ByteBuffer.allocate(3));
            assertThatThrownBy(() -> socket.read(ByteBuffer.allocate(10)))
                    .isInstanceOfSatisfying(
                            IpException.class, e -> assertThat(e.errno()).isEqualTo(Errno.ECONNREFUSED));
            assertThat(socket.pollError()).isPresent();
            assertThat(socket.read(ByteBuffer.allocate(10))).isEqualTo(-1);
        }
    }

    /// In hundredths of a second, as for whoever asks.
    @Test
    void tellsListenersHowLongARouteHasStill() throws IOException {
        try (Namespace ns = open();
                Namespace beside = ns.beside();
                NetlinkSession listening = ns.netlink();
                NetlinkSession asking = ns.netlink()) {
            Namespace.join(ns, "eth0", beside, "eth0");
            ns.configure().link("eth0").up();
            beside.configure().link("eth0").up();
            time.advanceBy(1000 * SECOND);
            listening.join(Rtnetlink.RTNLGRP_IPV6_ROUTE);
            RouteMessage route = RouteMessage.builder(Netlink.AF_INET6)
                    .type(Rtnetlink.RTN_UNICAST)
                    .destination(IpAddress.parse("2001:db8::"), 32)
                    .device(ns.devices().byName("eth0").index())
                    .build();
            new RtnetlinkClient(RtnetlinkServer.of(asking), _ -> {})
                    .request(Rtnetlink.RTM_NEWROUTE, Netlink.NLM_F_CREATE, w -> {
                        route.writeTo(w);
                        w.i32(Rtnetlink.RTA_EXPIRES, 100);
                    });
            MemorySegment octets = MemorySegment.ofArray(listening.receive());
            MessageReader told = new MessageReader(octets, 0, octets.byteSize());
            assertThat(told.next()).isTrue();
            assertThat(told.type()).isEqualTo(Rtnetlink.RTM_NEWROUTE);
            AttributeTable attributes = AttributeTable.read(told.attributes(RouteRequests.FIXED_LENGTH));
            ByteBuffer cacheInfo =
                    ByteBuffer.wrap(attributes.octets(Rtnetlink.RTA_CACHEINFO)).order(ByteOrder.nativeOrder());
            // struct rta_cacheinfo: rta_clntref, rta_lastuse, rta_expires.
            assertThat(cacheInfo.getInt(8)).isEqualTo(100 * 100);
        }
    }

    @Test
    void pingsItselfInBothFamilies() throws IOException {
        try (Namespace ns = open();
                PingSocket socket = ns.sockets().ping()) {
            ns.configure().link("lo").up();
            socket.waiting(IpSocket.Waiting.DO_NOT_WAIT);
            for (String to : List.of("127.0.0.1", "::1")) {
                socket.send(IpAddress.parse(to), 77, ByteBuffer.wrap(new byte[] {1, 2, 3}));
                ByteBuffer payload = ByteBuffer.allocate(10);
                Optional<PingSocket.Reply> reply = socket.receive(payload);
                assertThat(reply).contains(new PingSocket.Reply(IpAddress.parse(to), 77, 3, 64));
                assertThat(payload.flip()).isEqualTo(ByteBuffer.wrap(new byte[] {1, 2, 3}));
            }
            assertThat(ns.lent()).isZero();
        }
    }

    @Test
    void givesUpOnANeighbourThatDoesNotAnswerAndSaysSo() throws IOException {
        try (Namespace a = open();
                Namespace b = a.beside();
                UdpSocket socket = a.sockets().udp(Sockets.Family.IP4)) {
            Namespace.join(a, "eth0", b, "eth0");
            a.configure().link("lo").up();
            a.configure().link("eth0").up();
            b.configure().link("eth0").up();
            a.configure().address("eth0", "10.0.0.1/24");
            socket.waiting(IpSocket.Waiting.DO_NOT_WAIT);
            for (int i = 0; i < 100; i++) {
                socket.send(ByteBuffer.allocate(1), Endpoint.of("10.0.0.9", 1));
            }
            assertThat(a.counters().get(IpDrop.NEIGH_QUEUEFULL)).isEqualTo(36);
            for (int second = 1; second <= 3; second++) {
                assertThat(a.deadline()).isEqualTo(second * SECOND);
                time.advanceTo(second * SECOND);
                a.turn(time.getAsLong());
            }
            assertThat(a.counters().get(IpDrop.NEIGH_FAILED)).isEqualTo(64);
            assertThat(socket.pollError().orElseThrow().errno()).isEqualTo(Errno.EHOSTUNREACH);
            assertThat(a.lent()).isZero();
        }
    }

    @Test
    void wakesAReaderWhenItsSocketCloses() throws Exception {
        try (Namespace ns = Namespace.open()) {
            UdpSocket socket = ns.sockets().udp(Sockets.Family.IP4);
            CompletableFuture<Throwable> ended = new CompletableFuture<>();
            Thread reader = Thread.ofPlatform().start(() -> {
                try {
                    socket.receive(ByteBuffer.allocate(1));
                    ended.complete(null);
                } catch (IOException e) {
                    ended.complete(e);
                }
            });
            while (reader.getState() != Thread.State.WAITING) {
                Thread.onSpinWait();
            }
            socket.close();
            assertThat(ended.get(60, TimeUnit.SECONDS)).isInstanceOf(ClosedChannelException.class);
        }
    }

    @Test
    void doesTheSameAThousandTimesWithTheSameSeed() throws IOException {
        List<String> first = walk();
        for (int i = 0; i < 1000; i++) {
            assertThat(walk()).isEqualTo(first);
        }
    }

    private static List<String> walk() throws IOException {
        VirtualTime clock = new VirtualTime();
        List<String> seen = new ArrayList<>();
        try (Namespace ns = Namespace.builder().time(clock).seed(3).open();
                MemoryTunFile file = tun(ns, "tun0");
                PingSocket ping = ns.sockets().ping()) {
            ns.configure().link("tun0").up();
            ns.configure().address("tun0", "10.0.0.1/24").address("tun0", "fd00::1/64");
            for (int i = 0; i < 10; i++) {
                ping.send(IpAddress.parse("10.0.0.2"), i, ByteBuffer.allocate(3000));
                ping.send(IpAddress.parse("fd00::2"), i, ByteBuffer.allocate(3000));
            }
            for (byte[] packet : readAll(file)) {
                seen.add(HexFormat.of().formatHex(packet));
            }
            ns.ip().interfaces().forEach(link -> seen.add(link + " " + link.addresses6()));
            ns.devices()
                    .devices()
                    .forEach(device -> seen.add(device.statistics().toString()));
            seen.add(ns.counters().toString());
        }
        assertThat(seen).hasSizeGreaterThan(50);
        return seen;
    }

    @Test
    void saysNothingOfATunsSettingsAsLinux41() throws IOException {
        assertThat(settingsTold(Profile.LINUX_4_1)).isInstanceOf(LinkInfo.None.class);
        assertThat(settingsTold(Profile.LINUX_6_18)).isInstanceOf(TunData.class);
    }

    /// IFLA_INFO_DATA of a TUN, as rtnetlink answers it.
    private static LinkInfo.Data settingsTold(Profile profile) throws IOException {
        try (Namespace ns = Namespace.builder().profile(profile).open();
                Arena arena = Arena.ofConfined();
                TunFile file = ns.tun().open();
                NetlinkSession session = ns.netlink()) {
            MemorySegment request = arena.allocate(Ifreq.SIZE, 8);
            InterfaceRequest.name(request, "t0");
            InterfaceRequest.flags(request, TunIoctl.IFF_TUN);
            assertThat(file.ioctl(TunIoctl.TUNSETIFF, request)).isZero();
            MemorySegment s = arena.allocate(4096, 8);
            MessageWriter w = new MessageWriter(s)
                    .message(adit.netlink.Rtnetlink.RTM_GETLINK, Netlink.NLM_F_REQUEST, 1, 0, LinkMessage.of("t0"));
            session.send(s.asSlice(0, w.length()));
            MessageReader m = new MessageReader(s, 0, session.receive(s));
            assertThat(m.next()).isTrue();
            LinkInfo info = LinkMessage.read(m).info().orElseThrow();
            assertThat(info.kind()).isEqualTo("tun");
            return info.data();
        }
    }

    @Test
    void refusesAsIpDoes() throws IOException {
        try (Namespace ns = open()) {
            ns.configure().dummy("d0").link("d0").up();
            ns.configure().address("d0", "10.0.0.1/24");
            refused(Errno.EEXIST, () -> ns.configure().address("d0", "10.0.0.1/24"));
            refused(Errno.EEXIST, () -> ns.configure().dummy("d0"));
            refused(
                    Errno.ENETUNREACH,
                    () -> ns.configure().route("1.0.0.0/8").via("9.9.9.9").add());
            refused(Errno.ESRCH, () -> ns.configure().route("1.0.0.0/8").delete());
            refused(Errno.EADDRNOTAVAIL, () -> ns.configure().removeAddress("d0", "10.0.0.3/24"));
            refused(Errno.EOPNOTSUPP, () -> ns.configure().link("lo").delete());
            refused(Errno.EINVAL, () -> ns.configure().link("d0").mtu(-1));
            refused(Errno.ENODEV, () -> ns.configure().link("nobody"));
            ns.configure().route("1.0.0.0/8").via("10.0.0.2").add();
            refused(
                    Errno.EEXIST,
                    () -> ns.configure().route("1.0.0.0/8").via("10.0.0.2").add());
            ns.configure().route("1.0.0.0/8").via("10.0.0.3").replace();
            ns.configure().route("1.0.0.0/8").delete();
        }
    }

    private interface Call {
        void run() throws IOException;
    }

    private static void refused(int errno, Call call) {
        assertThatThrownBy(call::run)
                .isInstanceOfSatisfying(
                        IpException.class,
                        e -> assertThat(e.errno()).as(e.getMessage()).isEqualTo(errno));
    }
}
