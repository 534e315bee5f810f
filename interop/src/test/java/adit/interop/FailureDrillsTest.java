package adit.interop;

import static adit.interop.Conversation.FAR;
import static adit.interop.Conversation.NEAR;
import static org.assertj.core.api.Assertions.assertThat;

import adit.interop.Ping.Fragments;
import adit.interop.guest.Guest;
import adit.interop.guest.Nic;
import adit.interop.host.Host;
import adit.interop.host.Namespace;
import adit.interop.host.Outcome;
import adit.interop.rules.Ipv4Packet;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/// What goes wrong around a running `adit up`, and that it works again afterwards.
///
/// One process lives through all of it. The peer is a Linux kernel with two cables to it:
///
/// ```
/// namespace                        guest
/// under 192.0.2.1/24  ----------  under 192.0.2.2/24
/// other 192.0.3.1/24  ----------  other 192.0.3.2/24
/// ```
@ParameterizedClass(name = "{0}")
@EnumSource(
        value = Tunnel.class,
        names = {"IPIP", "FOU", "GUE"})
class FailureDrillsTest {
    /// For what takes a second or so on a machine with nothing else to do.
    private static final Duration LIMIT = Duration.ofMinutes(3);

    private static final int TRANSFER = 300_000;

    private static Namespace namespace;
    private static Guest guest;
    private static AditUp adit;
    private static int descriptors;

    @Parameter
    Tunnel tunnel;

    @BeforeParameterizedClassInvocation
    static void setUp(Tunnel tunnel) throws IOException {
        Needs.root();
        if (guest == null) {
            namespace = Namespace.make().addTap("under", "192.0.2.1/24").addTap("other", "192.0.3.1/24");
            boot();
        }
        guest.run(Tunnel.tearDown() + tunnel.setUp(FAR, NEAR));
        adit = AditUp.start(namespace, tunnel.configuration(NEAR, FAR));
        assertCarries();
        adit.status();
        descriptors = adit.descriptors();
    }

    private static void boot() throws IOException {
        guest = Guest.boot(Needs.kernel(), new Nic.Tap("under", namespace), new Nic.Tap("other", namespace));
        guest.run("""
                ip address add 192.0.2.2/24 dev under
                ip address add 192.0.3.2/24 dev other
                for device in under other; do ip link set $device up; done
                """);
    }

    @AfterParameterizedClassInvocation
    static void tearDown() {
        if (adit != null) {
            assertThat(adit.stop()).as("exit code").isZero();
            assertThat(adit.deviceIsUp()).as("the device is left behind").isFalse();
            adit = null;
        }
    }

    @AfterAll
    static void leave() {
        if (guest != null) {
            guest.close();
        }
        if (namespace != null) {
            namespace.close();
        }
    }

    @BeforeEach
    void ready() {
        assertThat(adit.running()).as("adit runs: %s", adit.log()).isTrue();
    }

    /// Whatever a drill that failed has left undone.
    @AfterEach
    void restore() {
        namespace.exec("""
                tc qdisc del dev under root
                for device in under other t1; do ip link set $device up; done
                ip address replace 192.0.2.1/24 dev under
                ip route del 192.0.2.2/32
                ip route flush cache
                """, LIMIT);
        guest.exec("ip link set under up", LIMIT);
    }

    // ---- The peer

    @Test
    void thePeersLinkGoesDownAndComesBack() {
        guest.run("ip link set under down");
        // Or the kernel would believe for half a minute more that the peer is there.
        namespace.run("ip neighbour flush dev under");
        await("the inner sender is told", () -> pingOnce().output().contains("Unreachable"));
        assertThat(AditUp.number(adit.status(), "icmp_noted")).isPositive();
        guest.run("ip link set under up");
        assertRecovers();
    }

    @Test
    void thePeerDiesAndIsBootedAnew() throws IOException {
        guest.close();
        assertThat(pingOnce().ok()).isFalse();
        boot();
        guest.run(tunnel.setUp(FAR, NEAR));
        assertRecovers();
    }

    // ---- The underlay

    @Test
    void theUnderlayInterfaceGoesDownAndComesBack() {
        long before = drops("no_path");
        namespace.run("ip link set under down");
        await("drops are counted", () -> {
            assertThat(pingOnce().ok()).isFalse();
            return drops("no_path") > before;
        });
        namespace.run("ip link set under up");
        assertRecovers();
    }

    @Test
    void theUnderlayAddressIsRemovedAndAdded() {
        long before = drops("no_path");
        namespace.run("ip address del 192.0.2.1/24 dev under");
        await("drops are counted", () -> {
            assertThat(pingOnce().ok()).isFalse();
            return drops("no_path") > before;
        });
        namespace.run("ip address add 192.0.2.1/24 dev under");
        assertRecovers();
    }

    @Test
    void theRouteToThePeerChanges() {
        namespace.run("ip route add 192.0.2.2/32 via 192.0.3.2 dev other src 192.0.2.1");
        long before = transmitted("other");
        assertRecovers();
        assertThat(transmitted("other")).isGreaterThan(before + TRANSFER);
        namespace.run("ip route change 192.0.2.2/32 via 192.0.3.2 dev other src 192.0.2.1 mtu 1000");
        int mtu = 1000 - (1500 - tunnel.mtu());
        await("the inner sender is told the new limit", () -> {
            Outcome outcome = new Ping(mtu + 1, Fragments.FORBIDDEN).send(namespace, FAR.overlay());
            return outcome.output().contains("mtu = " + mtu);
        });
        assertRecovers();
        long unreachable = drops("no_path");
        namespace.run("ip route del 192.0.2.2/32; ip route add unreachable 192.0.2.2/32");
        await("drops are counted", () -> {
            assertThat(pingOnce().ok()).isFalse();
            return drops("no_path") > unreachable;
        });
        namespace.run("ip route del 192.0.2.2/32; ip route flush cache");
        assertRecovers();
        assertAnswered(new Ping(tunnel.mtu(), Fragments.FORBIDDEN));
    }

    private static long transmitted(String device) {
        return Long.parseLong(namespace
                .run("cat /sys/class/net/" + device + "/statistics/tx_bytes")
                .strip());
    }

    @Test
    void theUnderlaysQueueIsFull() {
        long before = drops("underlay_full");
        // A queue that holds two packets and passes one in a quarter of a second. What follows at once would go
        // to it as one large packet, and of the pieces that it drops then nobody hears.
        namespace.run("tc qdisc replace dev under root tbf rate 32kbit burst 1600 limit 3000");
        await("drops are counted", () -> {
            namespace.exec("ping -q -n -c 100 -i 0.005 -W 1 -s 1000 " + FAR.overlay(), LIMIT);
            return drops("underlay_full") >= before + 10;
        });
        restore();
        assertRecovers();
    }

    /// Where the underlay queues more than a socket may have on its way, the socket refuses what is sent, which
    /// is another error than that of a full queue.
    @Test
    void theSocketsSendBufferIsFull() {
        long before = drops("underlay_full");
        namespace.run("tc qdisc replace dev under root tbf rate 32kbit burst 1600 limit 100mb");
        await("drops are counted", () -> {
            namespace.exec("ping -q -n -c 20000 -l 20000 -W 1 -s 1400 " + FAR.overlay(), LIMIT);
            return drops("underlay_full") >= before + 10;
        });
        assertThat(queueDrops()).as("packets that the queue itself has dropped").isZero();
        restore();
        assertRecovers();
    }

    /// How many packets the queueing discipline of the underlay's device has dropped.
    private static long queueDrops() {
        Matcher dropped = Pattern.compile("dropped (\\d+)").matcher(namespace.run("tc -s qdisc show dev under"));
        assertThat(dropped.find()).isTrue();
        return Long.parseLong(dropped.group(1));
    }

    // ---- Floods

    /// Errors about packets that were never sent, quotes that are too short, absurd path MTUs, and errors that
    /// count: of these each inner packet's sender hears of one, as on Linux, so they are few.
    @Test
    void icmpErrorsComeInAFlood() throws Exception {
        byte[] sent = sent(NEAR.underlay(), FAR.underlay());
        List<byte[]> flood = new ArrayList<>();
        for (int quoted : new int[] {0, 1, 19, 20, 27}) {
            flood.add(error(3, 1, 0, Arrays.copyOf(sent, quoted)));
        }
        for (int mtu : new int[] {0, 1, 67, 68, 551, 1501, 65535}) {
            flood.add(error(3, 4, mtu, sent));
        }
        flood.add(error(3, 1, 0, sent(NEAR.underlay(), "198.51.100.77")));
        flood.add(error(3, 1, 0, sent("198.51.100.77", FAR.underlay())));
        flood.add(error(11, 0, 0, sent));
        flood.add(error(12, 0, 0, sent));
        byte[] damaged = error(3, 1, 0, sent);
        damaged[damaged.length - 1] ^= 1;
        flood.add(damaged);

        try (Intruder intruder = Intruder.in(namespace)) {
            intruder.flood(2_000, flood);
            assertRecovers();
            // No smaller than Linux believes, and so still a way for all that may be fragmented.
            assertAnswered(new Ping(532 - (1480 - tunnel.mtu()), Fragments.FORBIDDEN));
            long noted = AditUp.number(adit.status(), "icmp_noted");
            intruder.flood(50, List.of(error(3, 1, 0, sent)));
            await("errors count", () -> AditUp.number(adit.status(), "icmp_noted") > noted);
            await("nobody is told any more", () -> {
                long told = AditUp.number(adit.status(), "told_unreachable");
                namespace.exec("ping -q -n -c 100 -i 0.01 -W 1 " + FAR.overlay(), LIMIT);
                return AditUp.number(adit.status(), "told_unreachable") == told;
            });
        }
        namespace.run("ip route flush cache");
        assertRecovers();
        assertAnswered(new Ping(tunnel.mtu(), Fragments.FORBIDDEN));
    }

    /// Packets that lie, and packets for no tunnel, while data go through.
    @Test
    void malformedPacketsComeInAFlood() throws Exception {
        List<byte[]> flood = malformed();
        long before = strays();
        try (Intruder intruder = Intruder.in(namespace)) {
            Thread flooding = intruder.keepFlooding(flood);
            assertArrives(namespace, guest, FAR);
            assertArrives(guest, namespace, NEAR);
            flooding.interrupt();
            flooding.join();
        }
        assertRecovers();
        assertThat(strays()).isGreaterThan(before + 1000);
    }

    /// How many packets were for no tunnel.
    private static long strays() {
        String status = adit.status();
        int start = status.indexOf("\"strays\"");
        String strays = status.substring(start, status.indexOf('}', start));
        return Pattern.compile("\\d+")
                .matcher(strays)
                .results()
                .mapToLong(n -> Long.parseLong(n.group()))
                .sum();
    }

    private List<byte[]> malformed() {
        byte[] inner = Ipv4Packet.udp(FAR.overlay(), NEAR.overlay(), 100).octets();
        byte[] badVersion = inner.clone();
        badVersion[0] = (byte) 0xf5;
        byte[] shortHeader = inner.clone();
        shortHeader[0] = 0x44;
        List<byte[]> insides = List.of(inner, badVersion, shortHeader, Arrays.copyOf(inner, 19), new byte[0]);
        List<byte[]> all = new ArrayList<>();
        for (byte[] inside : insides) {
            for (String from : new String[] {FAR.underlay(), "198.51.100.77"}) {
                switch (tunnel) {
                    case FOU -> all.add(outer(from, 5555, inside));
                    case GUE -> guise(inside).forEach(gue -> all.add(outer(from, 6080, gue)));
                    default -> {
                        all.add(Ipv4Packet.of(from, NEAR.underlay(), Ipv4Packet.IPIP, inside)
                                .octets());
                        all.add(Ipv4Packet.of(from, NEAR.underlay(), Ipv4Packet.IPIP, inside)
                                .withOptions(
                                        (byte) 7, (byte) 7, (byte) 4, (byte) 0, (byte) 0, (byte) 0, (byte) 0, (byte) 0)
                                .octets());
                        // Under the peer's address the peer would hear that nobody takes them, and believe it.
                        all.add(Ipv4Packet.of("198.51.100.77", NEAR.underlay(), Ipv4Packet.MPLS, inside)
                                .octets());
                    }
                }
            }
        }
        return all;
    }

    /// GUE headers that are wrong each in a way of its own, and a right one.
    private static List<byte[]> guise(byte[] inside) {
        int[] headers = {
            0x00040000, // right
            0x00290000, // IPv6 inside
            0x00fd0000, // a protocol that nobody carries
            0x20040000, // a control message
            0x80040000, // version 2
            0xc0040000, // version 3
            0x1f040000, // a header longer than the packet
            0x0004ffff, // unknown flags
            0x00040001, // private fields that are not there
        };
        List<byte[]> all = new ArrayList<>();
        for (int header : headers) {
            all.add(ByteBuffer.allocate(4 + inside.length)
                    .putInt(header)
                    .put(inside)
                    .array());
        }
        all.add(new byte[] {0, 4, 0});
        return all;
    }

    private static byte[] outer(String from, int port, byte[] data) {
        return Ipv4Packet.udp(from, NEAR.underlay(), port, port, data).octets();
    }

    /// The first octets of a packet that the tunnel may have sent.
    private byte[] sent(String from, String to) {
        byte[] inner = Ipv4Packet.udp(NEAR.overlay(), FAR.overlay(), 100).octets();
        byte[] whole = switch (tunnel) {
            case FOU -> Ipv4Packet.udp(from, to, 5555, 5555, inner).octets();
            case GUE ->
                Ipv4Packet.udp(from, to, 6080, 6080, guise(inner).getFirst()).octets();
            default -> Ipv4Packet.of(from, to, Ipv4Packet.IPIP, inner).octets();
        };
        return Arrays.copyOf(whole, 28);
    }

    private static byte[] error(int type, int code, int rest, byte[] quote) {
        return Ipv4Packet.icmp("198.51.100.9", NEAR.underlay(), type, code, rest, quote)
                .octets();
    }

    // ---- The overlay

    @Test
    void theDeviceIsDeletedUnderneath() {
        long drops = drops("not_carried");
        namespace.run("ip link del " + Tunnel.DEVICE);
        await("the device is made anew", adit::deviceIsUp);
        assertRecovers();
        assertThat(adit.log()).contains("device t1 was deleted; making it anew");
        assertThat(adit.status()).contains("\"present\": true");
        assertThat(drops("not_carried")).isGreaterThanOrEqualTo(drops);
    }

    @Test
    void theDeviceGoesDownAndComesBack() {
        long before = drops("overlay_down");
        namespace.run("ip link set t1 down");
        await("drops are counted", () -> {
            guest.exec("ping -n -c 1 -W 1 " + NEAR.overlay(), LIMIT);
            return drops("overlay_down") > before;
        });
        namespace.run("ip link set t1 up");
        assertRecovers();
    }

    // ---- How it is seen

    /// The tunnel works, and the program has no more files open than before.
    private static void assertRecovers() {
        await("a ping comes back", () -> pingOnce().ok());
        assertCarries();
        assertThat(adit.running()).as("adit runs: %s", adit.log()).isTrue();
        await("descriptors are closed", () -> adit.descriptors() <= descriptors);
        assertThat(adit.log()).doesNotContain("Exception").doesNotContain("defect");
    }

    private static void assertCarries() {
        assertAnswered(new Ping(1000, Fragments.ALLOWED));
        assertArrives(namespace, guest, FAR);
        assertArrives(guest, namespace, NEAR);
    }

    private static void assertAnswered(Ping ping) {
        Outcome outcome = ping.send(namespace, FAR.overlay());
        assertThat(outcome.ok()).as(outcome.output()).isTrue();
    }

    private static void assertArrives(Host from, Host to, Side at) {
        Transfer.Sums sums = Transfer.run(from, to, at.overlay(), TRANSFER);
        assertThat(sums.arrived()).isEqualTo(sums.sent());
    }

    private static Outcome pingOnce() {
        return namespace.exec("ping -n -c 1 -W 1 " + FAR.overlay(), LIMIT);
    }

    private static long drops(String reason) {
        return AditUp.number(adit.status(), reason);
    }

    private static void await(String what, BooleanSupplier condition) {
        long end = System.nanoTime() + LIMIT.toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime())
                    .as("%s; status %s, log %s", what, adit.status(), adit.log())
                    .isLessThan(end);
        }
    }
}
