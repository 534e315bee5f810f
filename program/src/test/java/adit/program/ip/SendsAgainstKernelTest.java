package adit.program.ip;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import adit.device.Errno;
import adit.ip.Endpoint;
import adit.ip.IpException;
import adit.ip.IpInterface;
import adit.ip.IpSocket;
import adit.ip.Sockets;
import adit.ip.UdpSocket;
import adit.lab.HostSpec;
import adit.lab.Lab;
import adit.lab.LabHost;
import adit.lab.LabSpec;
import adit.linux.KernelTunDriver;
import adit.linux.Netns;
import adit.netns.Namespace;
import adit.program.Needs;
import adit.tun.TunChannel;
import adit.tun.TunSpec;
import adit.wire.IpAddress;
import adit.wire.IpProtocol;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import jdk.net.ExtendedSocketOptions;
import org.junit.jupiter.api.Test;

/// What a UDP socket may send where: sockets of the running kernel and of a namespace in memory with the same
/// links, addresses and routes are refused alike, and what they send comes out at the TUN device alike. The
/// identifications, with which the hosts are free, are masked, and the checksums over them.
class SendsAgainstKernelTest {
    private static final int PORT = 4000;
    private static final String GROUP4 = "224.1.1.1";
    private static final String ALL_HOSTS = "224.0.0.1";
    private static final String ALL_NODES = "ff02::1";
    private static final String GROUP6 = "ff05::7";
    private static final Map<String, String> ERRORS = Map.of(
            "Permission denied", "EACCES",
            "Network is unreachable", "ENETUNREACH",
            "No route to host", "EHOSTUNREACH",
            "Invalid argument", "EINVAL",
            "Message too long", "EMSGSIZE",
            "Cannot assign requested address", "EADDRNOTAVAIL");

    private static final List<String> COMMANDS = List.of(
            "link set lo up",
            "link set tun0 addrgenmode none",
            "link set tun0 up",
            "addr add 10.1.0.1/16 broadcast 10.1.255.255 dev tun0",
            "addr add 10.1.0.2/16 broadcast 10.1.255.255 dev tun0",
            "addr add 10.3.0.1 peer 10.3.0.9 dev tun0",
            "addr add fd01::1/64 dev tun0 nodad",
            "addr add fe80::1/64 dev tun0 nodad",
            "route add prohibit 20.0.0.0/8",
            "route add unreachable 21.0.0.0/8",
            "route add blackhole 22.0.0.0/8",
            "route add throw 23.0.0.0/8",
            "route add 24.0.0.0/8 via 10.1.0.9",
            "route add 25.0.0.0/8 dev tun0 src 10.1.0.2",
            "route add broadcast 26.0.0.0/8 dev tun0",
            "route add local 10.9.0.0/16 dev lo",
            "route add prohibit 2001:20::/32",
            "route add unreachable 2001:21::/32",
            "route add blackhole 2001:22::/32",
            "route add 2001:24::/32 via fd01::9",
            "route add local 2001:29::/32 dev lo");

    private static final List<String> IP4 = List.of(
            "0.0.0.0",
            "0.1.2.3",
            "10.1.0.0",
            "10.1.0.1",
            "10.1.0.2",
            "10.1.0.7",
            "10.1.255.255",
            "10.3.0.1",
            "10.3.0.9",
            "10.9.1.1",
            "10.255.255.255",
            "127.0.0.1",
            "127.3.4.5",
            "127.255.255.255",
            "192.0.2.1",
            "20.0.0.1",
            "21.0.0.1",
            "22.0.0.1",
            "23.0.0.1",
            "24.0.0.1",
            "25.0.0.1",
            "26.0.0.1",
            "240.0.0.1",
            GROUP4,
            "224.1.1.2",
            ALL_HOSTS,
            "255.255.255.255");

    private static final List<String> IP6 = List.of(
            "::",
            "::1",
            "fd01::",
            "fd01::1",
            "fd01::7",
            ALL_NODES,
            GROUP6,
            "ff05::8",
            "2001:20::1",
            "2001:21::1",
            "2001:22::1",
            "2001:24::1",
            "2001:29::1",
            "2001:db8::1");

    private static final List<String> SOURCES4 =
            List.of("0.0.0.0", "10.1.0.2", "10.3.0.1", "10.9.0.5", "127.0.0.1", "10.1.255.255", "224.1.1.1");

    private enum Option {
        /// It is connected first.
        CONNECT,
        /// It may send to everybody.
        BROADCAST,
        /// What it sends to groups has a time to live of 7.
        FAR,
        /// What it sends must not be cut.
        WHOLE
    }

    /// A socket and what it is to do.
    private record Step(String source, String destination, int octets, Set<Option> options) {
        boolean isIp4() {
            return !destination.contains(":");
        }

        boolean has(Option option) {
            return options.contains(option);
        }
    }

    private static List<Step> steps() {
        List<Step> all = new ArrayList<>();
        for (String destination : IP4) {
            for (String source : SOURCES4) {
                for (int octets : new int[] {0, 10, 65_507, 65_508}) {
                    all.add(new Step(source, destination, octets, Set.of()));
                    all.add(new Step(source, destination, octets, Set.of(Option.BROADCAST)));
                }
                all.add(new Step(source, destination, 10, Set.of(Option.CONNECT)));
                all.add(new Step(source, destination, 10, Set.of(Option.CONNECT, Option.BROADCAST)));
                all.add(new Step(source, destination, 10, Set.of(Option.FAR)));
                all.add(new Step(source, destination, 1472, Set.of(Option.WHOLE)));
                all.add(new Step(source, destination, 1473, Set.of(Option.WHOLE)));
            }
        }
        for (String destination : IP6) {
            for (String source : List.of("::", "::1", "fd01::1", "2001:29::5")) {
                for (int octets : new int[] {0, 10, 65_527, 65_528}) {
                    all.add(new Step(source, destination, octets, Set.of()));
                }
                all.add(new Step(source, destination, 10, Set.of(Option.FAR)));
                all.add(new Step(source, destination, 1452, Set.of(Option.WHOLE)));
                all.add(new Step(source, destination, 1453, Set.of(Option.WHOLE)));
                // What means something on a link only, Linux wants with the link that is meant; ours takes the first.
                if (!destination.equals(ALL_NODES)) {
                    all.add(new Step(source, destination, 10, Set.of(Option.CONNECT)));
                }
            }
        }
        return all;
    }

    @Test
    void refusesAndSendsWhatTheKernelDoes() throws Exception {
        assumeTrue(System.getProperty("os.version").startsWith("6.18."), "needs Linux 6.18, which this follows");
        Needs.tun();
        Map<Step, String> theirs;
        try (Netns kernel = Netns.create()) {
            theirs = kernel.call(SendsAgainstKernelTest::theirs);
        }
        assertThat(theirs.values().stream().filter(a -> a.startsWith("E")))
                .as("calls that the kernel refuses")
                .hasSizeGreaterThan(100);
        assertThat(theirs.values().stream().filter(a -> a.contains("45")))
                .as("packets that leave the kernel")
                .hasSizeGreaterThan(100);
        Map<Step, String> ours = ours();
        List<String> differences = theirs.keySet().stream()
                .filter(step -> !theirs.get(step).equals(ours.get(step)))
                .map(step -> step + "\n  kernel " + theirs.get(step) + "\n  ours   " + ours.get(step))
                .toList();
        assertThat(differences).isEmpty();
    }

    // ---- Ours

    private static Map<Step, String> ours() throws Exception {
        LabSpec spec = new LabSpec(
                "sends",
                "",
                LabSpec.Time.REAL,
                1,
                List.of(new HostSpec("host", List.of(), List.of(), List.of())),
                List.of());
        try (Lab lab = Lab.open(spec)) {
            LabHost host = lab.host("host").orElseThrow();
            try (TunChannel tun =
                    TunChannel.open(host.namespace().tun(), TunSpec.tun("tun0")).configureBlocking(false)) {
                COMMANDS.forEach(command -> ip(host, command));
                Namespace ns = host.namespace();
                IpInterface link = ns.ip().interfaces().stream()
                        .filter(i -> "tun0".equals(i.device().name()))
                        .findFirst()
                        .orElseThrow();
                Map<Step, String> answers = new LinkedHashMap<>();
                ByteBuffer buffer = ByteBuffer.allocate(70_000);
                try (UdpSocket ear4 = ns.sockets().udp(Sockets.Family.IP4);
                        UdpSocket ear6 = ns.sockets().udp(Sockets.Family.IP6)) {
                    ear4.waiting(IpSocket.Waiting.DO_NOT_WAIT);
                    ear4.bind(Endpoint.of("0.0.0.0", PORT + 1));
                    ear4.join(link, IpAddress.parse(GROUP4));
                    ear4.join(link, IpAddress.parse(ALL_HOSTS));
                    ear6.waiting(IpSocket.Waiting.DO_NOT_WAIT);
                    ear6.bind(Endpoint.of("::", PORT + 1));
                    ear6.join(link, IpAddress.parse(GROUP6));
                    ear6.join(link, IpAddress.parse(ALL_NODES));
                    for (Step step : steps()) {
                        read(tun, buffer);
                        String answer = answer(ns, step);
                        Endpoint from = (step.isIp4() ? ear4 : ear6).receive(buffer.clear());
                        String heard = from == null ? "" : heard(from.address().toString(), buffer);
                        answers.put(step, answer + heard + read(tun, buffer));
                    }
                }
                return answers;
            } finally {
                assertThat(lab.lent()).isZero();
            }
        }
    }

    private static void ip(LabHost host, String words) {
        StringWriter said = new StringWriter();
        PrintWriter out = new PrintWriter(said);
        assertThat(host.ip(out, out, words(words).toArray(String[]::new)))
                .as("ip %s: %s", words, said)
                .isZero();
    }

    private static String answer(Namespace ns, Step step) {
        Sockets.Family family = step.isIp4() ? Sockets.Family.IP4 : Sockets.Family.IP6;
        try (UdpSocket socket = ns.sockets().udp(family)) {
            socket.waiting(IpSocket.Waiting.DO_NOT_WAIT);
            if (step.has(Option.BROADCAST)) {
                socket.allowBroadcast();
            }
            if (step.has(Option.FAR)) {
                socket.multicastTimeToLive(7);
            }
            if (step.has(Option.WHOLE)) {
                socket.fragmentation(UdpSocket.Fragmentation.DISCOVER);
            }
            socket.bind(Endpoint.of(step.source(), PORT));
            ByteBuffer data = ByteBuffer.allocate(step.octets());
            if (step.has(Option.CONNECT)) {
                socket.connect(Endpoint.of(step.destination(), PORT + 1));
                return "connected " + socket.write(data);
            }
            return "sent " + socket.send(data, Endpoint.of(step.destination(), PORT + 1));
        } catch (IpException e) {
            return Errno.name(e.errno());
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    // ---- The kernel's

    private static Map<Step, String> theirs() throws Exception {
        try (TunChannel tun =
                TunChannel.open(new KernelTunDriver(), TunSpec.tun("tun0")).configureBlocking(false)) {
            for (String command : COMMANDS) {
                ip(command);
            }
            Map<Step, String> answers = new LinkedHashMap<>();
            ByteBuffer buffer = ByteBuffer.allocate(70_000);
            NetworkInterface link = NetworkInterface.getByName("tun0");
            try (DatagramChannel ear4 = DatagramChannel.open(StandardProtocolFamily.INET);
                    DatagramChannel ear6 = DatagramChannel.open(StandardProtocolFamily.INET6)) {
                ear6.configureBlocking(false);
                ear6.setOption(StandardSocketOptions.SO_REUSEADDR, true);
                ear6.bind(new InetSocketAddress(InetAddress.getByName("::"), PORT + 1));
                ear6.join(InetAddress.getByName(GROUP6), link);
                ear6.join(InetAddress.getByName(ALL_NODES), link);
                ear4.configureBlocking(false);
                ear4.setOption(StandardSocketOptions.SO_REUSEADDR, true);
                ear4.bind(new InetSocketAddress(InetAddress.getByName("0.0.0.0"), PORT + 1));
                // The JDK has sockets hear of groups alone that they joined themselves.
                ear4.join(InetAddress.getByName(GROUP4), link);
                ear4.join(InetAddress.getByName(ALL_HOSTS), link);
                for (Step step : steps()) {
                    read(tun, buffer);
                    // The kernel's IPv6 socket hears of IPv4, too.
                    while (ear6.receive(buffer.clear()) != null) {
                        read(tun, buffer);
                    }
                    String answer = answer(step);
                    InetSocketAddress from = (InetSocketAddress) (step.isIp4() ? ear4 : ear6).receive(buffer.clear());
                    String heard = from == null ? "" : heard(host(from.getAddress()), buffer);
                    answers.put(step, answer + heard + read(tun, buffer));
                }
            }
            return answers;
        }
    }

    private static void ip(String words) throws IOException, InterruptedException {
        Process ip = new ProcessBuilder(
                        Stream.concat(Stream.of("ip"), words(words).stream()).toList())
                .redirectErrorStream(true)
                .start();
        String said = new String(ip.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(ip.waitFor()).as("ip %s: %s", words, said).isZero();
    }

    private static String answer(Step step) throws IOException {
        StandardProtocolFamily family = step.isIp4() ? StandardProtocolFamily.INET : StandardProtocolFamily.INET6;
        try (DatagramChannel socket = DatagramChannel.open(family)) {
            socket.configureBlocking(false);
            socket.setOption(StandardSocketOptions.SO_BROADCAST, step.has(Option.BROADCAST));
            if (step.has(Option.FAR)) {
                socket.setOption(StandardSocketOptions.IP_MULTICAST_TTL, 7);
            }
            if (step.has(Option.WHOLE)) {
                socket.setOption(ExtendedSocketOptions.IP_DONTFRAGMENT, true);
            }
            socket.bind(new InetSocketAddress(InetAddress.getByName(step.source()), PORT));
            ByteBuffer data = ByteBuffer.allocate(step.octets());
            InetSocketAddress to = new InetSocketAddress(InetAddress.getByName(step.destination()), PORT + 1);
            if (step.has(Option.CONNECT)) {
                socket.connect(to);
                return "connected " + socket.write(data);
            }
            return "sent " + socket.send(data, to);
        } catch (IOException e) {
            return name(e);
        }
    }

    /// The JDK tells the error by its text.
    private static String name(IOException e) {
        return ERRORS.entrySet().stream()
                .filter(error -> e.getMessage().startsWith(error.getKey()))
                .map(Map.Entry::getValue)
                .findFirst()
                .orElseThrow(() -> new AssertionError(e));
    }

    private static String host(InetAddress address) {
        String text = address.getHostAddress();
        return IpAddress.parse(text.contains("%") ? text.substring(0, text.indexOf('%')) : text)
                .toString();
    }

    // ---- Both

    /// What came to this host itself.
    private static String heard(String from, ByteBuffer data) {
        return " heard " + from + " " + data.position();
    }

    private static List<String> words(String words) {
        return Stream.concat(Stream.of(words.contains("::") ? "-6" : "-4"), Stream.of(words.split(" ")))
                .toList();
    }

    /// How many packets there are, and the first 28 octets of the first (those of IPv6 48): fragments of one
    /// datagram follow from it.
    private static String read(TunChannel tun, ByteBuffer buffer) throws IOException {
        int packets = 0;
        String first = "";
        while (tun.read(buffer.clear()) > 0) {
            if (isDatagram(buffer.flip())) {
                packets += 1;
                first = packets > 1 ? first : shown(buffer);
            }
        }
        return packets == 0 ? "" : " " + packets + " " + first;
    }

    /// Or a piece of one; hosts send more that nobody asked for.
    private static boolean isDatagram(ByteBuffer packet) {
        int protocol = packet.get((packet.get(0) & 0xf0) == 0x40 ? 9 : 6);
        return protocol == IpProtocol.UDP || protocol == IpProtocol.FRAGMENT;
    }

    private static String shown(ByteBuffer packet) {
        byte[] octets = new byte[Math.min(packet.remaining(), (packet.get(0) & 0xf0) == 0x40 ? 28 : 48)];
        packet.get(octets);
        if ((octets[0] & 0xf0) == 0x40) {
            octets[4] = octets[5] = octets[10] = octets[11] = 0;
        } else {
            // Linux makes up a flow label, which tells routers the same as ports do.
            octets[1] &= (byte) 0xf0;
            octets[2] = octets[3] = 0;
            Arrays.fill(octets, 44, 48, (byte) 0);
        }
        return HexFormat.of().formatHex(octets);
    }
}
