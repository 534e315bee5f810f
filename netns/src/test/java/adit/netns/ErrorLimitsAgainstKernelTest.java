package adit.netns;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import adit.linux.Netns;
import adit.linux.RtNetlink;
import adit.linux.TunDevice;
import adit.port.VirtualTime;
import adit.tun.MemoryTunFile;
import adit.tun.TunSpec;
import adit.wire.Icmp4;
import adit.wire.IpAddress;
import adit.wire.IpProtocol;
import adit.wire.Ipv4;
import adit.wire.Octets;
import adit.wire.TransportChecksum;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// How many ICMP messages a router sends when far more packets give reason to: the running kernel with the limits
/// that it has from the start, and one of ours. The time of ours is that at which the kernel got each packet.
class ErrorLimitsAgainstKernelTest {
    private static final int BURST = 30;
    private static final int NETWORK = 0x0a01_0100;
    private static final int LARGEST = 2000;
    /// The kernel counts in ticks, and what becomes free with a tick may be there for the one already, and not for
    /// the other.
    private static final int TICK = 1;
    private static final long REST_MILLIS = 2500;

    /// What is wrong with the packets of a sender of its own, and what the router has to say about it.
    enum Reason {
        NO_PORT(0x0a01_0001, 64, 100, IpProtocol.UDP),
        NO_TTL(0x0a02_0002, 1, 100, IpProtocol.UDP),
        NO_ROUTE(0x6363_6363, 64, 100, IpProtocol.UDP),
        PROHIBITED(0x1400_0001, 64, 100, IpProtocol.UDP),
        UNREACHABLE(0x1500_0001, 64, 100, IpProtocol.UDP),
        TOO_BIG(0x0a02_0002, 64, 1600, IpProtocol.UDP),
        ECHO(0x0a01_0001, 64, 100, IpProtocol.ICMP);

        private final int destination;
        private final int ttl;
        private final int length;
        private final int protocol;

        Reason(int destination, int ttl, int length, int protocol) {
            this.destination = destination;
            this.ttl = ttl;
            this.length = length;
            this.protocol = protocol;
        }

        int sender() {
            return NETWORK + ordinal();
        }

        byte[] packet() {
            return packet(sender());
        }

        byte[] packet(int from) {
            byte[] octets = new byte[length];
            MemorySegment s = MemorySegment.ofArray(octets);
            Ipv4.emit(s, 0, 0, length, 1, Ipv4.DONT_FRAGMENT, 0, ttl, protocol, from, destination);
            if (protocol == IpProtocol.ICMP) {
                Icmp4.emit(s, 20, length - 20, Icmp4.ECHO_REQUEST, 0, 1);
            } else {
                Octets.put16(s, 20, 40000);
                Octets.put16(s, 22, 9);
                Octets.put16(s, 24, length - 20);
                TransportChecksum.fill(s, 0);
            }
            return octets;
        }
    }

    private static void count(Map<Integer, Integer> told, byte[] packet) {
        MemorySegment s = MemorySegment.ofArray(packet);
        if (packet.length >= Ipv4.MIN_HEADER_LENGTH && Ipv4.protocol(s, 0) == IpProtocol.ICMP) {
            told.merge(Ipv4.destination(s, 0), 1, Integer::sum);
        }
    }

    private static void compare(List<List<byte[]>> bursts, int tolerance) throws Exception {
        Needs.tun();
        List<List<Long>> times = new ArrayList<>();
        List<Map<Integer, Integer>> theirs = new ArrayList<>();
        try (Netns kernel = Netns.create()) {
            kernel.call(() -> {
                try (KernelRouter router = new KernelRouter()) {
                    for (List<byte[]> burst : bursts) {
                        Thread.sleep(times.isEmpty() ? 0 : REST_MILLIS);
                        List<Long> at = new ArrayList<>();
                        for (byte[] packet : burst) {
                            router.send(packet);
                            at.add(System.nanoTime());
                        }
                        times.add(at);
                        theirs.add(router.told());
                    }
                }
                return null;
            });
        }
        List<Map<Integer, Integer>> ours = new ArrayList<>();
        VirtualTime time = new VirtualTime();
        try (OurRouter router = new OurRouter(time)) {
            long now = times.getFirst().getFirst();
            for (int i = 0; i < bursts.size(); i++) {
                for (int k = 0; k < bursts.get(i).size(); k++) {
                    time.advanceBy(times.get(i).get(k) - now);
                    now = times.get(i).get(k);
                    router.send(bursts.get(i).get(k));
                }
                ours.add(router.told());
            }
        }
        for (int i = 0; i < ours.size(); i++) {
            assertThat(ours.get(i).keySet())
                    .as("who was told")
                    .isEqualTo(theirs.get(i).keySet());
            for (int sender : ours.get(i).keySet()) {
                assertThat(ours.get(i).get(sender))
                        .as("burst %d, sender %08x; kernel %s, ours %s", i, sender, theirs.get(i), ours.get(i))
                        .isBetween(
                                theirs.get(i).get(sender) - tolerance,
                                theirs.get(i).get(sender) + tolerance);
            }
        }
    }

    private static boolean isSince(int major, int minor) {
        String[] version = System.getProperty("os.version").split("[^0-9]+", 3);
        int there = Integer.parseInt(version[0]);
        return there > major || (there == major && Integer.parseInt(version[1]) >= minor);
    }

    private static List<byte[]> burst(Reason reason, int packets) {
        List<byte[]> all = new ArrayList<>();
        for (int i = 0; i < packets; i++) {
            all.add(reason.packet());
        }
        return all;
    }

    @ParameterizedTest
    @EnumSource
    void tellsASenderAsOftenAsTheKernelDoes(Reason reason) throws Exception {
        compare(List.of(burst(reason, BURST), burst(reason, BURST)), TICK);
    }

    /// A host has one allowance, whatever it has done wrong.
    @Test
    void tellsASenderOfSeveralFaultsAsOftenAsTheKernelDoes() throws Exception {
        int sender = NETWORK;
        List<byte[]> burst = new ArrayList<>();
        for (int i = 0; i < BURST; i++) {
            Reason reason =
                    List.of(Reason.NO_PORT, Reason.NO_PORT, Reason.NO_ROUTE).get(i % 3);
            burst.add(reason.packet(sender));
        }
        compare(List.of(burst, burst), TICK);
    }

    /// What one is refused is not taken from what there is for all.
    @Test
    void oneWhoIsToldNothingMoreDoesNotKeepOthersFromBeingTold() throws Exception {
        assumeTrue(isSince(6, 12), "needs Linux 6.12: before 6.11 what a host was refused counted among all");
        List<byte[]> burst = burst(Reason.NO_PORT, 10 * BURST);
        for (int i = 1; i <= 20; i++) {
            burst.add(Reason.NO_PORT.packet(NETWORK + 0x100 + i));
        }
        compare(List.of(burst), TICK);
    }

    // ---- The kernel's

    private static final class KernelRouter implements AutoCloseable {
        private final Arena arena = Arena.ofShared();
        private final MemorySegment buffer = arena.allocate(LARGEST);
        private final TunDevice left = TunDevice.open(TunSpec.tun("left"));
        private final TunDevice right = TunDevice.open(TunSpec.tun("right"));

        KernelRouter() throws IOException {
            Files.writeString(Path.of("/proc/sys/net/ipv4/ip_forward"), "1");
            Files.writeString(Path.of("/proc/sys/net/ipv4/conf/all/rp_filter"), "0");
            try (RtNetlink net = RtNetlink.open()) {
                net.setUp(net.link("lo").index());
                net.setUp(left.index());
                net.addAddress(left.index(), IpAddress.parse("10.1.0.1"), 16);
                net.setUp(right.index());
                net.addAddress(right.index(), IpAddress.parse("10.2.0.1"), 16);
            }
            ip("prohibit", "20.0.0.0/8");
            ip("unreachable", "21.0.0.0/8");
        }

        private static void ip(String type, String prefix) throws IOException {
            try {
                Process p = new ProcessBuilder("ip", "route", "add", type, prefix)
                        .inheritIO()
                        .start();
                assertThat(p.waitFor()).isZero();
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
        }

        void send(byte[] packet) throws IOException {
            MemorySegment.copy(packet, 0, buffer, ValueLayout.JAVA_BYTE, 0, packet.length);
            left.queue(0).write(buffer.asSlice(0, packet.length));
        }

        /// The senders that were told something since this was asked, with the number of messages. All that a packet
        /// leads to has happened when its write returns.
        Map<Integer, Integer> told() throws IOException {
            Map<Integer, Integer> told = new HashMap<>();
            for (int n = left.queue(0).tryRead(buffer); n > 0; n = left.queue(0).tryRead(buffer)) {
                count(told, RandomPackets.copy(buffer, n));
            }
            return told;
        }

        @Override
        public void close() throws IOException {
            left.close();
            right.close();
            arena.close();
        }
    }

    // ---- Ours

    private static final class OurRouter implements AutoCloseable {
        private final Namespace namespace;
        private final MemoryTunFile left;
        private final MemoryTunFile right;

        OurRouter(VirtualTime time) throws IOException {
            namespace = Namespace.builder().time(time).seed(1).open();
            left = NamespaceTest.tun(namespace, "left");
            right = NamespaceTest.tun(namespace, "right");
            namespace.forwarding(true);
            Configuration c = namespace.configure();
            c.link("lo").up();
            c.link("left").up();
            c.link("right").up();
            c.address("left", "10.1.0.1/16").address("right", "10.2.0.1/16");
            c.route("20.0.0.0/8").prohibit().add();
            c.route("21.0.0.0/8").unreachable().add();
        }

        void send(byte[] packet) {
            NamespaceTest.write(left, packet.clone());
        }

        /// The senders that were told something since this was asked, with the number of messages.
        Map<Integer, Integer> told() {
            Map<Integer, Integer> told = new HashMap<>();
            NamespaceTest.readAll(left).forEach(packet -> count(told, packet));
            return told;
        }

        @Override
        public void close() {
            left.close();
            right.close();
            namespace.close();
        }
    }
}
