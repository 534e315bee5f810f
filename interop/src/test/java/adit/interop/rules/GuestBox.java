package adit.interop.rules;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import adit.interop.guest.FrameWire;
import adit.interop.guest.Guest;
import adit.tunnel.Carrier;
import adit.tunnel.PathMtu;
import adit.tunnel.Steering;
import adit.tunnel.TunnelSpec;
import adit.wire.Ip4Address;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/// The tunnels of a Linux kernel, seen through the guest's two wires: its `lan` is the overlay, its `wire` the
/// underlay.
///
/// The guest forwards between `lan` and the tunnels, which takes one off each inner TTL; this box adds it
/// again, so that one sees what the tunnels alone do. To know that nothing more will come out, it sends a
/// numbered datagram each way behind what it puts in, and waits until both have arrived on the other side,
/// twice: by then the packets that the kernel had put aside for later are through as well.
final class GuestBox implements Machine {
    private static final Duration LIMIT = Duration.ofMinutes(1);
    private static final int MARKER_PORT = 9;
    private static final int PORT = 40000;
    private static final int IPV4 = 0x0800;
    private static final int IPV6 = 0x86dd;
    private static final int IGMP = 2;
    private static final byte[] NEAR_MAC = HexFormat.of().parseHex("020000000001");

    private final Guest guest;
    private final Side wire;
    private final Side lan;
    private List<String> stations = List.of();
    private String first;
    private int markers;
    /// Whether more than tunnels was changed, which other tests take as it is.
    private boolean unsettled;

    /// The box in this guest, whose interfaces `wire` and `lan` have the addresses of [TunnelBox].
    GuestBox(Guest guest) {
        this.guest = guest;
        wire = new Side(guest.wire("wire"), "525400ad1701", new ArrayList<>());
        lan = new Side(guest.wire("lan"), "525400ad1702", new ArrayList<>());
    }

    @Override
    public void bare() {
        guest.run("""
                ip netns pids beside > /dev/null 2>&1 && {
                    ip -n beside link del t1
                    ip link del cable
                    ip netns del beside
                    ip netns del main
                } > /dev/null 2>&1
                sysctl -q -w net.ipv4.conf.all.accept_redirects=0 net.core.fb_tunnels_only_for_init_net=0
                echo /bin/modprobe > /proc/sys/kernel/modprobe
                """ + adit.interop.Tunnel.tearDown() + """
                ip -force -batch - << end > /dev/null 2>&1
                link set wire mtu 1500 up
                address flush dev wire to 224.0.0.0/4
                address replace 198.51.100.2/24 dev wire
                neigh replace 198.51.100.1 lladdr 02:00:00:00:00:01 dev wire nud permanent
                route flush root 100.64.0.0/10
                end
                :
                """);
        first = "";
        unsettled = false;
    }

    @Override
    public List<Ran> ip(String... lines) {
        // Routes that are not the tunnels' own stay behind, and so does what happens to the underlay's interface.
        unsettled |= List.of(lines).stream().anyMatch(line -> line.contains(" wire") || line.contains("route"));
        return GuestIp.run(guest, List.of(lines));
    }

    @Override
    public void sysctl(String key, int value) {
        unsettled = true;
        guest.run("sysctl -q -w " + key + "=" + value);
    }

    @Override
    public long counter(String line, String field) {
        String[] rows = guest.run("grep -h '^" + line + ": ' /proc/net/snmp /proc/net/netstat")
                .split("\n");
        List<String> names = List.of(rows[0].split(" "));
        return Long.parseLong(rows[1].split(" ")[names.indexOf(field)]);
    }

    @Override
    public long unexpectedCongestion() {
        return Long.parseLong(guest.run("dmesg | grep -c 'non-ECT from 198.51.100.1 with TOS=0x2[9-b]' || :")
                .strip());
    }

    @Override
    public List<String> stations() {
        return stations;
    }

    @Override
    public void inject(Ipv4Packet inner) {
        lan.send(inner.withTtl(inner.ttl() + 1).octets());
        // It is answered behind that packet.
        lan.send(Ipv4Packet.icmp(INNER_HERE, LAN, 8, 0, 1).octets());
        for (byte[] frame = lan.frames.receive(LIMIT); ; frame = lan.frames.receive(LIMIT)) {
            if (frame == null) {
                throw new AssertionError("the guest no longer answers");
            }
            if (ByteBuffer.wrap(frame).getShort(12) == IPV4 && frame[14 + 20] == 0) {
                return;
            }
        }
    }

    @Override
    public void beside() {
        unsettled = true;
        guest.run("ip netns attach %s 1; ip netns add %s; ip -n %2$s link set lo up".formatted(MAIN, BESIDE));
    }

    /// Namespaces are taken down at leisure. Tunnels go before cables do, so they have gone when this cable
    /// has.
    @Override
    public void besideNoMore() {
        guest.run("""
                ip link add cable type veth peer name end netns beside
                ip netns del beside
                ip netns del main
                for i in $(seq 600); do
                    [ -e /sys/class/net/cable ] || exit 0
                    sleep 0.1
                done
                echo the cable is still there
                exit 1
                """);
    }

    @Override
    public Output datagram(String destination, int octets) {
        Programs.SENDER.install(guest);
        guest.run("%s %s %d %s %d %d".formatted(Programs.SENDER.path(), LAN, PORT, destination, 7, octets));
        return settle();
    }

    @Override
    public Output superPackets(byte[]... written) {
        Programs.TUN_WRITER.install(guest);
        StringBuilder lines = new StringBuilder();
        for (byte[] packet : written) {
            assumeTrue(
                    packet[1] != SuperPacket.Kind.UDP.gsoType()
                            || !guest.release().startsWith("6.1."),
                    "needs Linux 6.2 in the guest: before that a TUN device takes no super-packets of datagrams");
            lines.append(HexFormat.of().formatHex(packet)).append('\n');
        }
        guest.run("""
                modprobe tun
                %s << 'end-of-lines'
                %send-of-lines
                """.formatted(Programs.TUN_WRITER.path(), lines));
        return settle();
    }

    @Override
    public void overlay6() {
        guest.run("""
                sysctl -q -w net.ipv6.conf.all.forwarding=1 net.ipv6.conf.lan.disable_ipv6=0 net.ipv6.icmp.ratelimit=0
                ip address replace 2001:db8:1::2/64 dev lan nodad
                ip neigh replace %s lladdr 02:00:00:00:00:02 dev lan nud permanent
                """.formatted(INNER6_HERE));
    }

    @Override
    public void join(String group) {
        unsettled = true;
        guest.run("ip address add " + group + "/32 dev wire autojoin");
    }

    @Override
    public void ipipAlone() {
        unsettled = true;
        guest.run("""
                echo /bin/false > /proc/sys/kernel/modprobe
                for module in sit ip_gre gre ip_vti; do rmmod $module; done 2> /dev/null
                ls -d /sys/module/sit /sys/module/gre /sys/module/ip_vti 2> /dev/null && exit 1
                :
                """);
    }

    @Override
    public void tunnels(int mtu, List<TunnelSpec> specs) {
        StringBuilder batch = new StringBuilder();
        for (TunnelSpec spec : specs) {
            batch.append(create(spec));
            batch.append("link set %s mtu %d up\n".formatted(spec.name(), mtu));
        }
        first = specs.getFirst().name();
        batch.append(command(new Route.Plain()));
        guest.run(adit.interop.Tunnel.tearDown() + "ip -batch - << end\n" + batch + "\nend\n");
    }

    @Override
    public void tunnel6(int mtu, TunnelSpec spec) {
        overlay6();
        guest.run(adit.interop.Tunnel.tearDown()
                + """
                modprobe sit
                ip -batch - << end
                %s
                link set t1 mtu %d up
                route replace 2001:db8:2::/64 dev t1
                end
                """.formatted(
                                create(spec)
                                        .replace("type ipip mode ipip", "type sit mode ip6ip")
                                        .strip(),
                                mtu));
        first = spec.name();
    }

    @Override
    public void route(Route route) {
        guest.run("ip " + command(route));
    }

    private String command(Route route) {
        String how = switch (route) {
            case Route.Plain plain -> "";
            case Route.Via via -> "via " + via.gateway() + " onlink";
            case Route.External md ->
                "encap ip id 0 src %s dst %s tos 0x%02x ttl %d".formatted(HERE, md.destination(), md.tos(), md.ttl());
            case Route.Labelled mpls -> "encap mpls %d ttl %d".formatted(mpls.label(), mpls.ttl());
        };
        return "route replace 10.2.0.0/16 " + how + " dev " + first;
    }

    @Override
    public void down(String tunnel) {
        guest.run("ip link set " + tunnel + " down");
    }

    private static String create(TunnelSpec spec) {
        String receiver = switch (spec.carrier()) {
            case Carrier.Direct direct -> "";
            case Carrier.Fou fou -> "fou add port %d ipproto 4%n".formatted(fou.port());
            case Carrier.Gue gue -> "fou add port %d gue%n".formatted(gue.port());
        };
        String carrier = switch (spec.carrier()) {
            case Carrier.Direct direct -> "";
            case Carrier.Fou fou -> encap("fou", fou.port(), fou.peerPort(), fou.checksum(), fou.sourcePort());
            case Carrier.Gue gue -> encap("gue", gue.port(), gue.peerPort(), gue.checksum(), gue.sourcePort());
        };
        if (spec.name().equals(FALLBACK)) {
            return receiver;
        }
        String addresses = spec.steering() == Steering.EXTERNAL
                ? "external"
                : "local %s remote %s".formatted(any(spec.local()), any(spec.remote()));
        return receiver
                + "link add %s type ipip mode %s %s %s ttl %s tos %s %s %s\n"
                        .formatted(
                                spec.name(),
                                spec.mode().name().toLowerCase(Locale.ROOT),
                                addresses,
                                link(spec.link()),
                                spec.ttl(),
                                spec.tos(),
                                spec.pathMtu() == PathMtu.DISCOVER ? "pmtudisc" : "nopmtudisc",
                                carrier);
    }

    private static String encap(
            String type, int port, int peerPort, Carrier.UdpChecksum checksum, Carrier.SourcePort sourcePort) {
        return "encap %s encap-sport %s encap-dport %d %s"
                .formatted(
                        type,
                        sourcePort == Carrier.SourcePort.PER_FLOW ? "auto" : Integer.toString(port),
                        peerPort,
                        checksum == Carrier.UdpChecksum.ON ? "encap-csum" : "noencap-csum");
    }

    private static String link(int index) {
        return switch (index) {
            case WIRE -> "dev wire";
            case ELSEWHERE -> "dev lan";
            default -> "";
        };
    }

    private static String any(Ip4Address address) {
        return address.isUnspecified() ? "any" : address.toString();
    }

    @Override
    public Output outbound(Ipv4Packet... inner) {
        for (Ipv4Packet packet : inner) {
            lan.send(packet.withTtl(packet.ttl() + 1).octets());
        }
        return settle();
    }

    @Override
    public Output outbound6(byte[]... inner) {
        for (byte[] packet : inner) {
            lan.send(Ipv6Packet.withHopLimit(packet, 1));
        }
        return settle();
    }

    @Override
    public Output inbound(byte[]... outer) {
        for (byte[] packet : outer) {
            wire.send(packet);
        }
        return settle();
    }

    /// Waits until the guest has nothing more to say.
    private Output settle() {
        List<byte[]> underlay = new ArrayList<>();
        List<byte[]> overlay = new ArrayList<>();
        wire.stations.clear();
        for (int round = 0; round < 2; round++) {
            byte[] number =
                    ByteBuffer.allocate(8).putInt(0xad17ad17).putInt(++markers).array();
            lan.send(Ipv4Packet.udp(INNER_HERE, PEER, MARKER_PORT, MARKER_PORT, number)
                    .octets());
            wire.collect(number, underlay);
            wire.send(Ipv4Packet.udp(PEER, INNER_HERE, MARKER_PORT, MARKER_PORT, number)
                    .octets());
            lan.collect(number, overlay);
        }
        stations = List.copyOf(wire.stations);
        return new Output(
                underlay, overlay.stream().map(GuestBox::undoForwarding).toList());
    }

    /// Adds to the TTL of a decapsulated packet what forwarding took off. ICMP errors are the guest's own and
    /// have not been forwarded.
    private static byte[] undoForwarding(byte[] octets) {
        if (Ipv6Packet.is(octets)) {
            return Ipv6Packet.undoForwarding(octets);
        }
        Ipv4Packet packet = Ipv4Packet.parse(octets);
        return packet.source().equals("203.0.113.2")
                ? octets
                : packet.withTtl(packet.ttl() + 1).octets();
    }

    @Override
    public void pass(Duration time) {
        try {
            Thread.sleep(time);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    @Override
    public Map<String, Long> statistics(String tunnel) {
        Map<String, Long> statistics = new TreeMap<>();
        guest.run("cd /sys/class/net/%s/statistics && grep . *".formatted(tunnel))
                .lines()
                .map(line -> line.split(":"))
                .filter(field -> !field[1].equals("0"))
                .forEach(field -> statistics.put(field[0], Long.parseLong(field[1])));
        return statistics;
    }

    @Override
    public void close() {
        if (unsettled) {
            bare();
        }
        wire.frames.clear();
        lan.frames.clear();
    }

    /// Programs of ours, made when the first is wanted.
    private static final class Programs {
        static final GuestProgram SENDER = GuestProgram.compile("send-datagram");
        static final GuestProgram TUN_WRITER = GuestProgram.compile("write-tun");
    }

    /// One of the guest's wires, and where the packets on it went since they were last forgotten.
    private record Side(FrameWire frames, String guestMac, List<String> stations) {
        void send(byte[] packet) {
            frames.send(ByteBuffer.allocate(14 + packet.length)
                    .put(HexFormat.of().parseHex(guestMac))
                    .put(NEAR_MAC)
                    .putShort((short) (Ipv6Packet.is(packet) ? IPV6 : IPV4))
                    .put(packet)
                    .array());
        }

        /// Adds to `packets` those that come until the marker with this number does.
        void collect(byte[] number, List<byte[]> packets) {
            while (true) {
                byte[] frame = frames.receive(LIMIT);
                if (frame == null) {
                    throw new AssertionError("the guest no longer forwards");
                }
                byte[] packet = Arrays.copyOfRange(frame, 14, frame.length);
                if (ByteBuffer.wrap(frame).getShort(12) != IPV4) {
                    if (Ipv6Packet.isTraffic(packet)) {
                        packets.add(packet);
                    }
                    continue;
                }
                Ipv4Packet parsed = Ipv4Packet.parse(packet);
                if (parsed.protocol() == Ipv4Packet.UDP
                        && parsed.payload().length >= 16
                        && Arrays.equals(
                                number, 0, 8, parsed.payload(), parsed.payload().length - 8, parsed.payload().length)) {
                    return;
                }
                if (parsed.protocol() == IGMP) {
                    // What a host says to others of the groups that it is in.
                    continue;
                }
                packets.add(Arrays.copyOf(packet, Math.min(packet.length, parsed.length())));
                stations.add(HexFormat.ofDelimiter(":").formatHex(frame, 0, 6));
            }
        }
    }
}
