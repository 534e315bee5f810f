package adit.ipip;

import static org.assertj.core.api.Assertions.assertThat;

import adit.device.Counter;
import adit.device.Device;
import adit.device.Drop;
import adit.device.Errno;
import adit.ip.IpException;
import adit.netns.Namespace;
import adit.netns.TunnelWords;
import adit.packet.PacketBuffer;
import adit.tun.Credentials;
import adit.tunnel.LinkStatistic;
import adit.wire.EtherType;
import adit.wire.Gue;
import adit.wire.Ip4Address;
import adit.wire.IpProtocol;
import adit.wire.Ipv4;
import adit.wire.Udp;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.junit.jupiter.api.Test;

/// Tunnels are made, changed, brought up and down and deleted at random by some threads while others send and
/// receive through them. `-Dstorm.seconds=N` for longer than CI has, `-Dstorm.seed=N` for the same choices
/// again.
class StormTest {
    private static final int SECONDS = Integer.getInteger("storm.seconds", 3);
    private static final long SEED = Long.getLong("storm.seed", System.nanoTime());
    private static final int NAMES = 24;
    private static final int PEERS = 12;
    private static final int CONTROLLERS = 3;
    private static final int SENDERS = 3;
    private static final int FOU_PORT = 5555;
    private static final int GUE_PORT = 6080;
    /// For how long a thread may have a packet in hand that it is about to give back, the machine being busy.
    private static final long IN_HAND_NANOS = 20_000_000_000L;

    private static final int HERE = Ip4Address.parse("192.0.2.1").bits();

    /// What Linux answers to requests that cross each other.
    private static final Set<Integer> EXPECTED =
            Set.of(Errno.EEXIST, Errno.ENODEV, Errno.EINVAL, Errno.EOPNOTSUPP, Errno.EADDRINUSE, Errno.ENETDOWN);

    private final LongAdder arrived = new LongAdder();
    private final LongAdder requests = new LongAdder();

    @Test
    void nothingLeaksAndNothingIsStuck() throws Exception {
        System.out.println("storm of " + SECONDS + " s, seed " + SEED);
        Ipip ipip = Ipip.of(Profile.LINUX_6_12);
        try (Namespace a = Namespace.builder().seed(SEED).with(ipip).open();
                Namespace b = a.beside()) {
            Namespace.join(a, "net0", b, "net0");
            for (Namespace ns : List.of(a, b)) {
                ns.ip().configuration().ip6OnNewLinks(false);
                ns.configure().link("lo").up();
                ns.configure().link("net0").up();
                ns.forwarding(true);
            }
            a.configure().address("net0", "192.0.2.1/24");
            b.configure().address("net0", "192.0.2.2/24");
            long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
            List<Callable<Void>> jobs = new ArrayList<>();
            for (int i = 0; i < CONTROLLERS; i++) {
                Random random = new Random(SEED + i);
                Namespace ns = i % 2 == 0 ? a : b;
                Namespace other = i % 2 == 0 ? b : a;
                TunnelIoctl ioctl = ipip.ioctl(ns);
                jobs.add(() -> control(ns, other, ioctl, random, end));
            }
            for (int i = 0; i < SENDERS; i++) {
                Random random = new Random(SEED + CONTROLLERS + i);
                Namespace ns = i == 0 ? b : a;
                jobs.add(() -> traffic(ns, random, end));
            }
            run(jobs);
            assertThat(requests.sum()).isPositive();
            assertThat(arrived.sum()).isPositive();
            System.out.println(requests.sum() + " requests, " + arrived.sum() + " packets, carried " + carried(a)
                    + " and " + carried(b) + " by tunnels that are left");
            IpipNamespace carrierA = ((IpipDevice) a.devices().byName("tunl0")).lowerNamespace();
            IpipNamespace carrierB = ((IpipDevice) b.devices().byName("tunl0")).lowerNamespace();
            settle(a, ipip);
            settle(b, ipip);
            assertThat(carrierA.index().size()).as("tunl0 alone").isOne();
            assertThat(carrierB.index().size()).as("tunl0 alone").isOne();
            // Some packets may wait for the link addresses of peers that nobody is.
            a.configure().link("net0").down();
            b.configure().link("net0").down();
            assertThat(lentAtLast(a)).as("packets not given back").isZero();
            // Every port, every name and every pair of addresses is free again.
            for (Namespace ns : List.of(a, b)) {
                NamespaceHost.ip(ns, "fou del port 5555");
                NamespaceHost.ip(ns, "fou del port 6080");
                assertThat(NamespaceHost.ip(ns, "fou show").out()).isEmpty();
                assertThat(NamespaceHost.ip(ns, "fou add port 5555 ipproto 4").err())
                        .isEmpty();
            }
            for (int i = 0; i < PEERS; i++) {
                a.configure().tunnel("t" + i).remote(peer(i)).add();
            }
        }
    }

    /// How many packets are lent once those are back that the thread for what is due at a time had in hand.
    private static int lentAtLast(Namespace ns) throws InterruptedException {
        long until = System.nanoTime() + IN_HAND_NANOS;
        while (ns.lent() != 0 && System.nanoTime() - until < 0) {
            Thread.sleep(1);
        }
        return ns.lent();
    }

    private static void run(List<Callable<Void>> jobs) throws Exception {
        try (ExecutorService threads = Executors.newFixedThreadPool(jobs.size())) {
            List<Future<Void>> running = new ArrayList<>();
            for (Callable<Void> job : jobs) {
                running.add(threads.submit(job));
            }
            for (Future<Void> job : running) {
                job.get(SECONDS + 60L, TimeUnit.SECONDS);
            }
        }
    }

    private static String peer(int i) {
        return "192.0.2." + (2 + i);
    }

    private Void control(Namespace ns, Namespace other, TunnelIoctl ioctl, Random random, long end) throws IpException {
        while (System.nanoTime() - end < 0) {
            String name = "t" + random.nextInt(NAMES);
            try {
                if (random.nextInt(6) == 0) {
                    call(ioctl, name, random);
                } else {
                    step(ns, other, name, random);
                }
                requests.increment();
            } catch (IpException e) {
                if (!EXPECTED.contains(e.errno())) {
                    throw e;
                }
            }
        }
        return null;
    }

    private static void step(Namespace ns, Namespace other, String name, Random random) throws IpException {
        switch (random.nextInt(10)) {
            case 0, 1 -> {
                tunnel(ns, name, random).add();
                ns.configure().link(name).up();
                ns.configure()
                        .route("10." + random.nextInt(PEERS) + ".0.0/16")
                        .dev(name)
                        .replace();
            }
            case 2 -> tunnel(ns, name, random).change();
            case 3 -> ns.configure().link(name).down();
            case 4 -> ns.configure().link(name).up();
            case 5 -> ns.configure().link(name).delete();
            case 6 -> ns.configure().link(name).mtu(500 + random.nextInt(1200));
            case 7 -> ns.move(name, other, "m" + random.nextInt(NAMES));
            case 8 -> {
                String port = random.nextBoolean() ? FOU_PORT + " ipproto 4" : GUE_PORT + " gue";
                NamespaceHost.Ran ran = random.nextBoolean()
                        ? NamespaceHost.ip(ns, "fou add port " + port)
                        : NamespaceHost.ip(ns, "fou del port " + port.split(" ")[0]);
                assertThat(ran.exitCode()).as(ran.err()).isIn(0, 2);
            }
            default -> {
                Device tunl0 = ns.devices().byName("tunl0");
                tunl0.flags(random.nextInt(2), 1);
            }
        }
    }

    /// One of the four ioctls, through a tunnel or `tunl0`.
    private static void call(TunnelIoctl ioctl, String name, Random random) {
        byte[] octets = new byte[TunnelIoctl.PARAMETERS_SIZE];
        ByteBuffer b = ByteBuffer.wrap(octets);
        b.put(("t" + random.nextInt(NAMES)).getBytes(StandardCharsets.US_ASCII));
        b.position(32);
        b.put(HexFormat.of().parseHex("4500000000000000" + "00040000"));
        b.putInt(random.nextBoolean() ? HERE : 0);
        b.putInt(
                random.nextInt(4) == 0
                        ? 0
                        : Ip4Address.parse(peer(random.nextInt(PEERS))).bits());
        int answer = ioctl.ioctl(
                TunnelIoctl.SIOCGETTUNNEL + random.nextInt(4),
                random.nextBoolean() ? "tunl0" : name,
                MemorySegment.ofArray(octets),
                Credentials.ROOT);
        assertThat(-answer)
                .isIn(0, Errno.EEXIST, Errno.ENODEV, Errno.EINVAL, Errno.ENOENT, Errno.EPERM, Errno.EOPNOTSUPP);
    }

    private static long carried(Namespace ns) {
        return ns.devices().devices().stream()
                .filter(IpipDevice.class::isInstance)
                .mapToLong(d ->
                        d.statistics().get(Counter.RX_PACKETS) + d.statistics().get(Counter.TX_PACKETS))
                .sum();
    }

    private static TunnelWords tunnel(Namespace ns, String name, Random random) {
        TunnelWords t = ns.configure().tunnel(name);
        if (random.nextInt(10) == 0) {
            return t.external();
        }
        if (random.nextInt(4) > 0) {
            t.remote(peer(random.nextInt(PEERS)));
        }
        if (random.nextBoolean()) {
            t.local("192.0.2.1");
        }
        return switch (random.nextInt(5)) {
            case 0 -> t.fou(5555);
            case 1 -> t.gue(6080);
            case 2 -> t.any().ttl(9);
            case 3 -> t.dev("net0");
            default -> t;
        };
    }

    private Void traffic(Namespace ns, Random random, long end) {
        while (System.nanoTime() - end < 0) {
            int peer = Ip4Address.parse(peer(random.nextInt(PEERS))).bits();
            int here = ((Ip4Address) ns.ip()
                            .of(ns.devices().byName("net0"))
                            .addresses4()
                            .getFirst()
                            .local())
                    .bits();
            inject(ns, "net0", peer, here, 40);
            injectUdp(ns, peer, here, random.nextBoolean() ? FOU_PORT : GUE_PORT);
            int inner = Ip4Address.parse("10." + random.nextInt(PEERS) + ".0.9").bits();
            inject(ns, "net0", Ip4Address.parse("198.51.100.9").bits(), inner, 100);
            arrived.add(3);
        }
        return null;
    }

    /// Has a packet arrive: with an ipip packet inside when it is a short one, to be forwarded when it is not.
    private static void inject(Namespace ns, String device, int source, int destination, int length) {
        PacketBuffer p = ns.devices().buffers().lend(length);
        if (p == null) {
            return;
        }
        int at = p.put(length);
        int protocol = length == 40 ? IpProtocol.IPIP : IpProtocol.UDP;
        Ipv4.emit(p.segment(), at, 0, length, 1, 0, 0, 64, protocol, source, destination);
        if (length == 40) {
            Ipv4.emit(p.segment(), at + 20, 0, 20, 1, 0, 0, 64, IpProtocol.UDP, 0x0a000001, 0x0a000002);
        }
        p.protocol(EtherType.IPV4);
        ns.ip().receive(ns.devices().byName(device), p);
    }

    /// Has a packet arrive over UDP: an ipip packet, with GUE's header in front of it on GUE's port.
    private static void injectUdp(Namespace ns, int source, int destination, int port) {
        int gue = port == GUE_PORT ? 4 : 0;
        int length = 20 + 8 + gue + 20;
        PacketBuffer p = ns.devices().buffers().lend(length);
        if (p == null) {
            return;
        }
        int at = p.put(length);
        Ipv4.emit(p.segment(), at, 0, length, 1, 0, 0, 64, IpProtocol.UDP, source, destination);
        Udp.emit(p.segment(), at + 20, 40000, port, length - 20, 0);
        if (gue > 0) {
            Gue.emit(p.segment(), at + 28, IpProtocol.IPIP);
        }
        Ipv4.emit(p.segment(), at + 28 + gue, 0, 20, 1, 0, 0, 64, IpProtocol.UDP, 0x0a000001, 0x0a000002);
        p.protocol(EtherType.IPV4);
        ns.ip().receive(ns.devices().byName("net0"), p);
    }

    /// Takes all tunnels away; none is stuck, and what each has counted adds up.
    private static void settle(Namespace ns, Ipip ipip) {
        for (Device device : List.copyOf(ns.devices().devices())) {
            if (device instanceof IpipDevice tunnel && !device.name().equals("tunl0")) {
                addUp(tunnel);
                assertThat(tunnel.delete()).isZero();
            }
        }
        for (Device device : ns.devices().devices()) {
            assertThat(device.name()).isIn("lo", "net0", "tunl0");
        }
        assertThat(ns.ip().configuration().routes().all())
                .allMatch(route -> route.hops().stream()
                        .allMatch(hop -> hop.device()
                                .equals(ns.devices().byIndex(hop.device().index()))));
        assertThat(ipip.strays(ns)).isNotNull();
    }

    /// Each error counter is the sum of the reasons that raise it.
    private static void addUp(IpipDevice tunnel) {
        for (LinkStatistic statistic : LinkStatistic.values()) {
            if (statistic.name().endsWith("_PACKETS") || statistic.name().endsWith("_BYTES")) {
                continue;
            }
            Counter counter = Counter.valueOf(statistic.name());
            long explained = 0;
            for (Map.Entry<adit.tunnel.Drop, Long> drop : tunnel.drops().entrySet()) {
                explained += drop.getKey().raises(statistic) ? drop.getValue() : 0;
            }
            for (Map.Entry<Drop, Long> drop : tunnel.statistics().drops().entrySet()) {
                explained += drop.getKey().counter() == counter ? drop.getValue() : 0;
            }
            assertThat(tunnel.statistics().get(counter))
                    .as(tunnel + " " + counter)
                    .isEqualTo(explained);
        }
    }
}
