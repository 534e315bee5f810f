package adit.netns;

import static org.assertj.core.api.Assertions.assertThat;

import adit.linux.Netns;
import adit.linux.RtNetlink;
import adit.linux.TunDevice;
import adit.linux.TunQueue;
import adit.port.VirtualTime;
import adit.tun.MemoryTunFile;
import adit.tun.TunSpec;
import adit.wire.IpAddress;
import adit.wire.Ipv4;
import adit.wire.Octets;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Thousands of packets, right and wrong, through a router of the running kernel and through one of ours, each
/// between two TUN devices: the same must come out on the same side, octet for octet.
///
/// What is masked, because it is by chance in Linux: the IPv4 identification and the IPv6 flow label of packets
/// that the router makes itself. What is passed over: answers that follow a source route back, which ours never do,
/// or say what the time is; the kernel's own router solicitations and group reports.
class ForwardingAgainstKernelTest {
    private static final int PACKETS = 2500;
    private static final long TEN_SECONDS = 10_000_000_000L;
    /// Linux answers packets with these along the route, if it can.
    private static final List<Integer> SOURCE_ROUTES = List.of(0x83, 0x89);

    private static final List<Integer> TIMESTAMP = List.of(0x44);

    /// What became of a packet that was written to the left device.
    private record Outcome(String accepted, List<String> left, List<String> right) {}

    @Test
    void forwardsIp4AsTheKernelDoes() throws Exception {
        RandomPackets random = new RandomPackets(41);
        compare(Redirects.AT_FIRST, random::next4);
    }

    @Test
    void forwardsIp6AsTheKernelDoes() throws Exception {
        RandomPackets random = new RandomPackets(61);
        compare(Redirects.AT_FIRST, random::next6);
    }

    /// `send_redirects` of all links, of links that come, and of the one that packets come in by; null where it
    /// stays as it is.
    private record Redirects(Boolean all, Boolean ofNew, Boolean left) {
        static final Redirects AT_FIRST = new Redirects(null, null, null);
    }

    @ParameterizedTest
    @CsvSource({",,", "false,,", "false,,false", ",,false", "false,false,", "false,false,true", "true,false,false"})
    void tellsSendersOnTheLinkOfNearerNextHopsAsTheKernelDoes(Boolean all, Boolean ofNew, Boolean left)
            throws Exception {
        // Each source is new, so that none has been told before: on the link, beyond no gateway; or without a way back.
        int[] number = {0};
        compare(new Redirects(all, ofNew, left), () -> {
            int i = number[0]++;
            byte[] packet = datagram(i % 8 == 7 ? 0x1e00_0000 + i : 0x0a01_1000 + i, 0x0a01_8000 + i % 50);
            packet[1] = (byte) i;
            Ipv4.fillChecksum(MemorySegment.ofArray(packet), 0);
            return packet;
        });
    }

    private static byte[] datagram(int source, int destination) {
        byte[] packet = HexFormat.of().parseHex("4500003c000700004011" + "0000" + "00".repeat(8 + 40));
        Octets.put32(MemorySegment.ofArray(packet), 12, source);
        Octets.put32(MemorySegment.ofArray(packet), 16, destination);
        return packet;
    }

    private static void compare(Redirects redirects, Supplier<byte[]> packets) throws Exception {
        Needs.tun();
        try (Netns kernel = Netns.create()) {
            kernel.call(() -> {
                compare(packets, new KernelRouter(redirects), redirects);
                return null;
            });
        }
    }

    private static void compare(Supplier<byte[]> packets, KernelRouter kernel, Redirects redirects) throws IOException {
        List<String> differences = new ArrayList<>();
        int passedOver = 0;
        try (kernel;
                OurRouter ours = new OurRouter(redirects)) {
            for (int i = 0; i < PACKETS; i++) {
                byte[] packet = packets.get();
                Outcome theirs = kernel.send(packet.clone());
                Outcome mine = ours.send(packet.clone());
                if (theirs.equals(mine)) {
                    continue;
                }
                boolean differs = !theirs.right.equals(mine.right) && !hasOption(packet, TIMESTAMP);
                if (!differs && (hasOption(packet, SOURCE_ROUTES) || hasOption(packet, TIMESTAMP))) {
                    passedOver++;
                } else {
                    differences.add("packet " + i + " "
                            + HexFormat.of().formatHex(packet, 0, Math.min(packet.length, 120)) + " ("
                            + packet.length + ")\n  kernel " + shorten(theirs) + "\n  ours   " + shorten(mine));
                }
            }
        }
        assertThat(differences)
                .as(differences.size() + " of " + PACKETS + " differ")
                .isEmpty();
        assertThat(passedOver).isLessThan(PACKETS / 20);
    }

    /// Whether an octet of the options is one of these kinds.
    private static boolean hasOption(byte[] packet, List<Integer> kinds) {
        int end = Math.min(packet.length, 4 * (packet[0] & 0xf));
        for (int i = 20; i < end && (packet[0] & 0xf0) == 0x40; i++) {
            if (kinds.contains(packet[i] & 0xff)) {
                return true;
            }
        }
        return false;
    }

    private static String shorten(Outcome o) {
        return o.accepted + " left "
                + o.left.stream().map(ForwardingAgainstKernelTest::shorten).toList() + " right "
                + o.right.stream().map(ForwardingAgainstKernelTest::shorten).toList();
    }

    private static String shorten(String hex) {
        return hex.substring(0, Math.min(hex.length(), 112)) + "(" + hex.length() / 2 + ")";
    }

    /// Hides what is by chance in packets that a router made: identification or flow label; the random
    /// link-local address of a TUN device and the checksum that follows from it.
    private static String mask(byte[] packet) {
        MemorySegment s = MemorySegment.ofArray(packet);
        if (packet.length >= 44 && (packet[0] & 0xf0) == 0x60) {
            String source = HexFormat.of().formatHex(packet, 8, 24);
            boolean link = source.startsWith("fe80000000000000") && !source.endsWith("77");
            if (link || source.matches("fd0[12]0{27}[01]")) {
                Octets.put32(s, 0, Octets.i32(s, 0) & 0xfff0_0000);
            }
            if (link) {
                Octets.put64(s, 16, 0);
                Octets.put16(s, 42, 0);
            }
        } else if (packet.length >= 20 && (Octets.i32(s, 12) == 0x0a01_0001 || Octets.i32(s, 12) == 0x0a02_0001)) {
            Octets.put16(s, 4, 0);
            Octets.put16(s, 10, 0);
        }
        return HexFormat.of().formatHex(packet);
    }

    /// Router solicitations and group reports of the kernel: from a link-local address or none, to a group.
    private static boolean isChatter(byte[] p) {
        boolean ip6 = p.length >= 40 && (p[0] & 0xf0) == 0x60;
        boolean toGroup = ip6 && p[24] == (byte) 0xff;
        boolean fromLink = ip6 && (p[8] == (byte) 0xfe || (p[8] == 0 && p[23] == 0));
        boolean igmp = !ip6 && p.length >= 20 && p[9] == 2 && (p[16] & 0xf0) == 0xe0;
        return (toGroup && fromLink) || igmp;
    }

    // ---- The kernel's

    private static final class KernelRouter implements AutoCloseable {
        /// Goes from left to right without fail, so that everything before it has happened when it comes out.
        private static final byte[] SENTINEL =
                HexFormat.of().parseHex("4500001cfffe00004011" + "0000" + "0a01fffe" + "0a0200fe" + "0001000200080000");

        private final Arena arena = Arena.ofShared();
        private final MemorySegment buffer = arena.allocate(70_000);
        private final TunDevice left;
        private final TunDevice right;

        KernelRouter(Redirects redirects) throws IOException {
            sendRedirects("default", redirects.ofNew);
            left = TunDevice.open(TunSpec.tun("left"));
            right = TunDevice.open(TunSpec.tun("right"));
            sendRedirects("all", redirects.all);
            sendRedirects("left", redirects.left);
            Ipv4.fillChecksum(MemorySegment.ofArray(SENTINEL), 0);
            for (String setting : List.of(
                    "net/ipv4/ip_forward=1",
                    "net/ipv6/conf/all/forwarding=1",
                    "net/ipv4/icmp_ratemask=0",
                    "net/ipv4/conf/all/rp_filter=0",
                    "net/ipv6/icmp/ratemask=200",
                    "net/ipv6/icmp/ratelimit=0")) {
                String[] parts = setting.split("=");
                Files.writeString(Path.of("/proc/sys", parts[0]), parts[1]);
            }
            try (RtNetlink net = RtNetlink.open()) {
                net.setUp(net.link("lo").index());
                for (TunDevice device : List.of(left, right)) {
                    String digit = device.equals(left) ? "1" : "2";
                    net.setUp(device.index());
                    net.addAddress(device.index(), IpAddress.parse("10." + digit + ".0.1"), 16);
                    net.addAddress(device.index(), IpAddress.parse("fd0" + digit + "::1"), 64);
                }
            }
            for (String[] route : ROUTES) {
                String family = route[1].indexOf(':') >= 0 ? "-6" : "-4";
                ip(family, "route", "add", route[0], route[1]);
            }
        }

        private static void sendRedirects(String which, Boolean value) throws IOException {
            if (value != null) {
                Files.writeString(Path.of("/proc/sys/net/ipv4/conf", which, "send_redirects"), value ? "1" : "0");
            }
        }

        private static void ip(String... words) throws IOException {
            List<String> command = new ArrayList<>(List.of("ip"));
            command.addAll(List.of(words));
            try {
                Process p = new ProcessBuilder(command).inheritIO().start();
                assertThat(p.waitFor()).as(command.toString()).isZero();
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
        }

        Outcome send(byte[] packet) throws IOException {
            String accepted = "accepted";
            MemorySegment.copy(packet, 0, buffer, ValueLayout.JAVA_BYTE, 0, packet.length);
            try {
                left.queue(0).write(buffer.asSlice(0, packet.length));
            } catch (IOException _) {
                accepted = "refused";
            }
            MemorySegment.copy(SENTINEL, 0, buffer, ValueLayout.JAVA_BYTE, 0, SENTINEL.length);
            left.queue(0).write(buffer.asSlice(0, SENTINEL.length));
            List<String> out = new ArrayList<>();
            while (true) {
                byte[] next = RandomPackets.copy(buffer, right.queue(0).read(buffer));
                if (next.length == SENTINEL.length && next[4] == -1 && next[5] == -2 && next[19] == -2) {
                    break;
                }
                if (!isChatter(next)) {
                    out.add(mask(next));
                }
            }
            return new Outcome(accepted, drain(left.queue(0)), out);
        }

        private List<String> drain(TunQueue queue) throws IOException {
            List<String> out = new ArrayList<>();
            for (int n = queue.tryRead(buffer); n > 0; n = queue.tryRead(buffer)) {
                byte[] next = RandomPackets.copy(buffer, n);
                if (!isChatter(next)) {
                    out.add(mask(next));
                }
            }
            return out;
        }

        @Override
        public void close() throws IOException {
            left.close();
            right.close();
            arena.close();
        }
    }

    private static final String[][] ROUTES = {
        {"prohibit", "20.0.0.0/8"}, {"unreachable", "21.0.0.0/8"}, {"blackhole", "22.0.0.0/8"},
        {"prohibit", "2001:20::/32"}, {"unreachable", "2001:21::/32"}, {"blackhole", "2001:22::/32"}
    };

    // ---- Ours

    private static final class OurRouter implements AutoCloseable {
        final VirtualTime time = new VirtualTime();
        final Namespace namespace = Namespace.builder().time(time).seed(1).open();
        private final MemoryTunFile left;
        private final MemoryTunFile right;

        OurRouter(Redirects redirects) throws IOException {
            if (redirects.ofNew != null) {
                namespace.ip().sendRedirectsByNewLinks4(redirects.ofNew);
            }
            left = NamespaceTest.tun(namespace, "left");
            right = NamespaceTest.tun(namespace, "right");
            if (redirects.all != null) {
                namespace.ip().sendRedirects4(redirects.all);
            }
            if (redirects.left != null) {
                namespace.ip().of(namespace.devices().byName("left")).sendRedirects4(redirects.left);
            }
            namespace.forwarding(true);
            Configuration c = namespace.configure();
            c.link("lo").up();
            c.link("left").up();
            c.link("right").up();
            c.address("left", "10.1.0.1/16").address("left", "fd01::1/64");
            c.address("right", "10.2.0.1/16").address("right", "fd02::1/64");
            for (String[] route : ROUTES) {
                RouteWords words = c.route(route[1]);
                switch (route[0]) {
                    case "prohibit" -> words.prohibit();
                    case "unreachable" -> words.unreachable();
                    default -> words.blackhole();
                }
                words.add();
            }
        }

        Outcome send(byte[] packet) {
            time.advanceBy(TEN_SECONDS);
            int n = NamespaceTest.write(left, packet);
            return new Outcome(
                    n == packet.length ? "accepted" : "refused",
                    NamespaceTest.readAll(left).stream()
                            .map(ForwardingAgainstKernelTest::mask)
                            .toList(),
                    NamespaceTest.readAll(right).stream()
                            .map(ForwardingAgainstKernelTest::mask)
                            .toList());
        }

        @Override
        public void close() {
            left.close();
            right.close();
            namespace.close();
        }
    }
}
