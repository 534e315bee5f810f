package adit.interop.rules;

import static org.assertj.core.api.Assertions.assertThat;

import adit.device.InterfaceRequest;
import adit.ip.RouteEncapsulation;
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
import adit.netns.TunnelWords;
import adit.port.VirtualTime;
import adit.tun.Ifreq;
import adit.tun.MemoryTunFile;
import adit.tun.TunIoctl;
import adit.tunnel.Carrier;
import adit.tunnel.PathMtu;
import adit.tunnel.Steering;
import adit.tunnel.TunnelSpec;
import adit.wire.Ip4Address;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/// The tunnel devices of a namespace in memory, between two TUN devices: its `lan` is the overlay, its `wire`
/// the underlay. Set up as the guest is, and so what it does to inner packets beside the tunnels is the same:
/// it forwards.
final class NamespaceBox implements TunnelBox {
    private static final int LARGEST = 70_000;

    /// What lies between two questions, so that no limit on ICMP messages is reached; the guest has none.
    private static final Duration PAUSE = Duration.ofMillis(1100);

    private final VirtualTime time = new VirtualTime();
    private Namespace namespace;
    private MemoryTunFile wire;
    private MemoryTunFile lan;
    private String first;

    @Override
    public void tunnels(int mtu, List<TunnelSpec> specs) {
        shut();
        try {
            open();
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
        namespace = Namespace.builder()
                .time(time)
                .seed(7)
                .with(Ipip.of(Profile.LINUX_6_12))
                .open();
        namespace.forwarding(true);
        Configuration c = namespace.configure();
        c.link("lo").up();
        wire = tun("wire");
        lan = tun("lan");
        c.link("wire").up();
        c.link("lan").up();
        c.address("wire", HERE + "/24");
        c.address("lan", "203.0.113.2/24");
    }

    private MemoryTunFile tun(String name) throws IOException {
        MemoryTunFile file = namespace.tun().open();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment ifreq = arena.allocate(Ifreq.SIZE, Long.BYTES);
            InterfaceRequest.name(ifreq, name);
            InterfaceRequest.flags(ifreq, TunIoctl.IFF_TUN | TunIoctl.IFF_NO_PI);
            assertThat(file.ioctl(TunIoctl.TUNSETIFF, ifreq)).isZero();
        }
        file.blocking(false);
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
        Configuration.RouteWords words =
                namespace.configure().route("10.2.0.0/16").dev(first);
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
            write(lan, packet.withTtl(packet.ttl() + 1).octets());
        }
        return settle();
    }

    @Override
    public Output inbound(byte[]... outer) {
        for (byte[] packet : outer) {
            write(wire, packet);
        }
        return settle();
    }

    @Override
    public void tunnel6(int mtu, TunnelSpec spec) {
        throw new UnsupportedOperationException("the kind sit is another driver's");
    }

    @Override
    public Output outbound6(byte[]... inner) {
        throw new UnsupportedOperationException("the kind sit is another driver's");
    }

    private static void write(MemoryTunFile file, byte[] packet) {
        try (Arena arena = Arena.ofConfined()) {
            file.write(arena.allocateFrom(ValueLayout.JAVA_BYTE, packet));
        }
    }

    private static List<byte[]> read(MemoryTunFile file) {
        List<byte[]> all = new ArrayList<>();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment buffer = arena.allocate(LARGEST);
            for (int n = file.read(buffer); n > 0; n = file.read(buffer)) {
                all.add(buffer.asSlice(0, n).toArray(ValueLayout.JAVA_BYTE));
            }
        }
        return all;
    }

    private Output settle() {
        pass(PAUSE);
        return new Output(
                read(wire).stream().filter(NamespaceBox::isIpv4).toList(),
                read(lan).stream()
                        .filter(NamespaceBox::isIpv4)
                        .map(NamespaceBox::undoForwarding)
                        .toList());
    }

    /// The namespace has IPv6 on all links, and says so on them.
    private static boolean isIpv4(byte[] packet) {
        return packet[0] >> 4 == 4;
    }

    private static byte[] undoForwarding(byte[] octets) {
        Ipv4Packet packet = Ipv4Packet.parse(octets);
        return packet.source().equals("203.0.113.2")
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
        assertThat(namespace.lent()).as("packets not given back").isZero();
        namespace.close();
        namespace = null;
    }

    @Override
    public void close() {
        shut();
    }
}
