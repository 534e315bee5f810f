package adit.interop.rules;

import static org.assertj.core.api.Assertions.assertThat;

import adit.device.InterfaceRequest;
import adit.ip.Endpoint;
import adit.ip.IpCounter;
import adit.ip.RouteEncapsulation;
import adit.ip.Sockets;
import adit.ip.UdpSocket;
import adit.ipip.Ipip;
import adit.ipip.Profile;
import adit.netlink.ErrorMessage;
import adit.netlink.FamilyMessage;
import adit.netlink.FouMessage;
import adit.netlink.Genl;
import adit.netlink.MessageReader;
import adit.netlink.MessageWriter;
import adit.netlink.Netlink;
import adit.netns.Configuration;
import adit.netns.Namespace;
import adit.netns.NetlinkSession;
import adit.netns.RouteWords;
import adit.netns.TunnelWords;
import adit.port.VirtualTime;
import adit.tun.Ifreq;
import adit.tun.MemoryTunFile;
import adit.tun.TunIoctl;
import adit.tunnel.Carrier;
import adit.tunnel.PathMtu;
import adit.tunnel.Steering;
import adit.tunnel.TunnelSpec;
import adit.wire.EtherType;
import adit.wire.Ip4Address;
import adit.wire.MacAddress;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/// The tunnel devices of a namespace in memory, between two TAP devices: its `lan` is the overlay, its `wire`
/// the underlay. Set up as the guest is, and so what it does to inner packets beside the tunnels is the same:
/// it forwards.
final class NamespaceBox implements Machine {
    private static final int LARGEST = 70_000;
    private static final int ETHERNET = 14;
    private static final String WIRE_MAC = "52:54:00:ad:17:01";
    private static final String LAN_MAC = "52:54:00:ad:17:02";

    /// What lies between two questions, so that no limit on ICMP messages is reached; the guest has none.
    private static final Duration PAUSE = Duration.ofMillis(1100);

    private final VirtualTime time = new VirtualTime();
    private final Ipip ipip = Ipip.of(Profile.LINUX_6_12);
    private Namespace namespace;
    private MemoryTunFile wire;
    private MemoryTunFile lan;
    private final Map<String, Namespace> others = new HashMap<>();
    private List<String> stations = List.of();
    private String first;

    @Override
    public void bare() {
        shut();
        try {
            open();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        first = "";
    }

    @Override
    public List<Ran> ip(String... lines) {
        NamespaceIp ip = new NamespaceIp(namespace, others);
        List<Ran> ran = new ArrayList<>();
        for (String line : lines) {
            ran.add(ip.run(line, NamespaceIp.Reasons.WITHHELD));
            pass(Duration.ZERO);
        }
        return ran;
    }

    @Override
    public void sysctl(String key, int value) {
        switch (key) {
            case "net.ipv4.conf.all.accept_redirects" -> namespace.ip().acceptRedirects4(value != 0);
            case "net.core.fb_tunnels_only_for_init_net" -> ipip.fallbackOfNewcomers(Ipip.Fallback.values()[value]);
            case "net.mpls.platform_labels" -> namespace.ip().mpls().platformLabels(value);
            case "net.mpls.conf.t1.input" ->
                namespace
                        .ip()
                        .mpls()
                        .input(namespace.ip().of(namespace.devices().byName("t1")), value != 0);
            default -> throw new IllegalArgumentException(key);
        }
    }

    @Override
    public long counter(String line, String field) {
        for (IpCounter counter : IpCounter.values()) {
            if (counter.group().equals(line) && counter.field().equals(field)) {
                return namespace.counters().get(counter);
            }
        }
        throw new IllegalArgumentException(line + " " + field);
    }

    @Override
    public long unexpectedCongestion() {
        return ipip.unexpectedCongestion(namespace);
    }

    @Override
    public List<String> stations() {
        return stations;
    }

    @Override
    public void inject(Ipv4Packet inner) {
        outbound(inner);
    }

    @Override
    public void beside() {
        Namespace other = namespace.beside();
        others.put(BESIDE, other);
        others.put(MAIN, namespace);
        try {
            other.configure().link("lo").up();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void besideNoMore() {
        others.remove(BESIDE).close();
        others.remove(MAIN);
    }

    @Override
    public Output datagram(String destination, int octets) {
        try (UdpSocket socket = namespace.ip().sockets().udp(Sockets.Family.IP4)) {
            socket.bind(Endpoint.of(LAN, 40000));
            // What Linux's sockets do as long as nobody wants it otherwise.
            boolean whole = octets + 28 <= UNDERLAY_MTU;
            socket.fragmentation(whole ? UdpSocket.Fragmentation.DISCOVER : UdpSocket.Fragmentation.ALLOW);
            socket.send(ByteBuffer.wrap(Ipv4Packet.counting(octets)), Endpoint.of(destination, 7));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return settle();
    }

    @Override
    public Output superPackets(byte[]... written) {
        try (MemoryTunFile file = namespace.tun().open();
                Arena arena = Arena.ofConfined()) {
            MemorySegment ifreq = arena.allocate(Ifreq.SIZE, Long.BYTES);
            InterfaceRequest.name(ifreq, "super");
            InterfaceRequest.flags(ifreq, TunIoctl.IFF_TUN | TunIoctl.IFF_NO_PI | TunIoctl.IFF_VNET_HDR);
            assertThat(file.ioctl(TunIoctl.TUNSETIFF, ifreq)).isZero();
            namespace.configure().link("super").up();
            for (byte[] packet : written) {
                assertThat(file.write(arena.allocateFrom(ValueLayout.JAVA_BYTE, packet)))
                        .isEqualTo(packet.length);
            }
            return settle();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void tunnels(int mtu, List<TunnelSpec> specs) {
        bare();
        try {
            for (TunnelSpec spec : specs) {
                receiver(spec.carrier());
                if (!spec.name().equals(FALLBACK)) {
                    create(spec);
                }
                namespace.configure().link(spec.name()).mtu(mtu).up();
            }
            first = specs.getFirst().name();
            route(new Route.Plain());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void open() throws IOException {
        namespace = Namespace.builder().time(time).seed(7).with(ipip).open();
        namespace.forwarding(true);
        Configuration c = namespace.configure();
        c.link("lo").up();
        wire = tap("wire", WIRE_MAC);
        lan = tap("lan", LAN_MAC);
        c.address("wire", HERE + "/24");
        c.address("lan", LAN + "/24");
        c.neighbour("wire", PEER, "02:00:00:00:00:01");
        c.neighbour("lan", INNER_HERE, "02:00:00:00:00:02");
    }

    private MemoryTunFile tap(String name, String address) throws IOException {
        MemoryTunFile file = namespace.tun().open();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment ifreq = arena.allocate(Ifreq.SIZE, Long.BYTES);
            InterfaceRequest.name(ifreq, name);
            InterfaceRequest.flags(ifreq, TunIoctl.IFF_TAP | TunIoctl.IFF_NO_PI);
            assertThat(file.ioctl(TunIoctl.TUNSETIFF, ifreq)).isZero();
        }
        file.blocking(false);
        namespace.configure().link(name).address(MacAddress.parse(address)).up();
        return file;
    }

    private void create(TunnelSpec spec) throws IOException {
        TunnelWords t = namespace.configure().tunnel(spec.name());
        switch (spec.mode()) {
            case IPIP -> {}
            case MPLSIP -> t.mplsip();
            case ANY -> t.any();
        }
        if (spec.steering() == Steering.EXTERNAL) {
            t.external();
        } else {
            t.local(spec.local().toString()).remote(spec.remote().toString());
        }
        t.ttl(spec.ttl().value()).tos(spec.tos().value());
        if (spec.pathMtu() == PathMtu.IGNORE) {
            t.nopmtudisc();
        }
        if (spec.link() != 0) {
            t.dev(spec.link() == WIRE ? "wire" : "lan");
        }
        switch (spec.carrier()) {
            case Carrier.Direct direct -> {}
            case Carrier.Fou fou -> encapsulate(t, 1, fou.port(), fou.peerPort(), fou.checksum(), fou.sourcePort());
            case Carrier.Gue gue -> encapsulate(t, 2, gue.port(), gue.peerPort(), gue.checksum(), gue.sourcePort());
        }
        t.add();
    }

    private static void encapsulate(
            TunnelWords t,
            int type,
            int port,
            int peerPort,
            Carrier.UdpChecksum checksum,
            Carrier.SourcePort sourcePort) {
        t.encapsulation(
                type,
                checksum == Carrier.UdpChecksum.ON ? 1 : 0,
                sourcePort == Carrier.SourcePort.PER_FLOW ? 0 : port,
                peerPort);
    }

    /// Opens the port that a carrier receives on, by generic netlink.
    private void receiver(Carrier carrier) throws IOException {
        FouMessage wanted = switch (carrier) {
            case Carrier.Direct direct -> null;
            case Carrier.Fou fou -> FouMessage.of(Genl.FOU_CMD_ADD, fou.port(), Ipv4Packet.IPIP);
            case Carrier.Gue gue -> FouMessage.of(Genl.FOU_CMD_ADD, gue.port(), 0);
        };
        if (wanted == null) {
            return;
        }
        try (NetlinkSession session = namespace.netlink(Netlink.NETLINK_GENERIC)) {
            ask(session, Genl.GENL_ID_CTRL, FamilyMessage.get(FouMessage.FAMILY));
            int family = FamilyMessage.read(reader(session.receive())).id().orElseThrow();
            ask(session, family, wanted);
            assertThat(ErrorMessage.read(reader(session.receive())).errno()).isZero();
        }
    }

    private static void ask(NetlinkSession session, int type, MessageWriter.Body body) throws IOException {
        MemorySegment s = MemorySegment.ofArray(new byte[512]);
        MessageWriter w = new MessageWriter(s)
                .message(type, Netlink.NLM_F_REQUEST | (type == Genl.GENL_ID_CTRL ? 0 : Netlink.NLM_F_ACK), 1, 0, body);
        session.send(s.asSlice(0, w.length()));
    }

    private static MessageReader reader(byte[] datagram) {
        MessageReader m = new MessageReader(MemorySegment.ofArray(datagram), 0, datagram.length);
        assertThat(m.next()).isTrue();
        return m;
    }

    @Override
    public void route(Route route) {
        RouteWords words = namespace.configure().route("10.2.0.0/16").dev(first);
        switch (route) {
            case Route.Plain plain -> {}
            case Route.Via via -> words.via(via.gateway()).onlink();
            case Route.External md ->
                words.encapsulate(new RouteEncapsulation.Outer(
                        0,
                        Ip4Address.parse(HERE).bits(),
                        Ip4Address.parse(md.destination()).bits(),
                        md.tos(),
                        md.ttl(),
                        0));
            case Route.Labelled mpls ->
                words.encapsulate(new RouteEncapsulation.Labels(List.of(mpls.label()), mpls.ttl()));
        }
        try {
            words.replace();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void down(String tunnel) {
        try {
            namespace.configure().link(tunnel).down();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public Output outbound(Ipv4Packet... inner) {
        for (Ipv4Packet packet : inner) {
            write(lan, LAN_MAC, packet.withTtl(packet.ttl() + 1).octets());
        }
        return settle();
    }

    @Override
    public Output inbound(byte[]... outer) {
        for (byte[] packet : outer) {
            write(wire, WIRE_MAC, packet);
        }
        return settle();
    }

    @Override
    public void tunnel6(int mtu, TunnelSpec spec) {
        throw new UnsupportedOperationException("the kind sit is another driver's");
    }

    @Override
    public Output outbound6(byte[]... inner) {
        for (byte[] packet : inner) {
            write(lan, LAN_MAC, Ipv6Packet.withHopLimit(packet, 1));
        }
        return settle();
    }

    @Override
    public void overlay6() {
        set(
                "address replace 2001:db8:1::2/64 dev lan nodad",
                "neigh replace 2001:db8:1::1 lladdr 02:00:00:00:00:02 dev lan nud permanent");
    }

    @Override
    public void join(String group) {
        try {
            UdpSocket member = namespace.ip().sockets().udp(Sockets.Family.IP4);
            member.join(namespace.ip().of(namespace.devices().byName("wire")), Ip4Address.parse(group));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void ipipAlone() {
        // Others are not here.
    }

    private static void write(MemoryTunFile file, String address, byte[] packet) {
        byte[] frame = ByteBuffer.allocate(ETHERNET + packet.length)
                .put(HexFormat.ofDelimiter(":").parseHex(address))
                .put(HexFormat.of().parseHex("020000000001"))
                .putShort((short) (Ipv6Packet.is(packet) ? EtherType.IPV6 : EtherType.IPV4))
                .put(packet)
                .array();
        try (Arena arena = Arena.ofConfined()) {
            file.write(arena.allocateFrom(ValueLayout.JAVA_BYTE, frame));
        }
    }

    /// The frames with traffic among those that came out; hosts also say other things to each other on an
    /// Ethernet.
    private static List<byte[]> read(MemoryTunFile file) {
        List<byte[]> all = new ArrayList<>();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment buffer = arena.allocate(LARGEST);
            for (int n = file.read(buffer); n > 0; n = file.read(buffer)) {
                byte[] frame = buffer.asSlice(0, n).toArray(ValueLayout.JAVA_BYTE);
                if (ByteBuffer.wrap(frame).getShort(12) == EtherType.IPV4 || Ipv6Packet.isTraffic(packet(frame))) {
                    all.add(frame);
                }
            }
        }
        return all;
    }

    private Output settle() {
        pass(PAUSE);
        List<byte[]> underlay = read(wire);
        stations = underlay.stream()
                .map(frame -> HexFormat.ofDelimiter(":").formatHex(frame, 0, 6))
                .toList();
        return new Output(
                underlay.stream().map(NamespaceBox::packet).toList(),
                read(lan).stream()
                        .map(NamespaceBox::packet)
                        .map(NamespaceBox::undoForwarding)
                        .toList());
    }

    private static byte[] packet(byte[] frame) {
        return Arrays.copyOfRange(frame, ETHERNET, frame.length);
    }

    private static byte[] undoForwarding(byte[] octets) {
        if (Ipv6Packet.is(octets)) {
            return Ipv6Packet.undoForwarding(octets);
        }
        Ipv4Packet packet = Ipv4Packet.parse(octets);
        return packet.source().equals(LAN)
                ? octets
                : packet.withTtl(packet.ttl() + 1).octets();
    }

    @Override
    public void pass(Duration duration) {
        time.advanceBy(duration.toNanos());
        namespace.turn(time.getAsLong());
    }

    @Override
    public Map<String, Long> statistics(String tunnel) {
        Map<String, Long> statistics = new TreeMap<>();
        namespace
                .devices()
                .byName(tunnel)
                .statistics()
                .counters()
                .forEach((counter, value) -> statistics.put(counter.name().toLowerCase(Locale.ROOT), value));
        return statistics;
    }

    private void shut() {
        if (namespace == null) {
            return;
        }
        wire.close();
        lan.close();
        if (others.containsKey(BESIDE)) {
            besideNoMore();
        }
        assertThat(namespace.lent()).as("packets not given back").isZero();
        namespace.close();
        namespace = null;
    }

    @Override
    public void close() {
        shut();
    }
}
