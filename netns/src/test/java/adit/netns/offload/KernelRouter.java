package adit.netns.offload;

import static org.assertj.core.api.Assertions.assertThat;

import adit.ip.IpCounter;
import adit.linux.KernelTunDriver;
import adit.linux.RtNetlink;
import adit.offload.Coalescer.Transports;
import adit.offload.Gro.Form;
import adit.wire.IpAddress;
import adit.wire.MacAddress;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The running kernel, in the network namespace of the calling thread, which should be made for it.
final class KernelRouter extends Router {
    private static final long PATIENCE_NANOS = 10_000_000_000L;
    private static final long AGAIN_NANOS = 300_000_000L;
    private static final int SETTLE_MILLIS = 40;
    /// `IFA_F_TENTATIVE`.
    private static final int TENTATIVE = 0x40;
    private static final List<String> COUNTERS = List.of(
            "rx_packets",
            "rx_bytes",
            "rx_dropped",
            "rx_errors",
            "rx_frame_errors",
            "tx_packets",
            "tx_bytes",
            "tx_dropped",
            "tx_errors");

    /// Goes from left to right without fail, so that all before it has happened when it comes out: an echo
    /// reply, in which no receive offload takes an interest.
    private final String sentinel;
    private final Pattern sentinelOut = Pattern.compile("(?:00)*+ (?:[0-9a-f]{28})?4500001cfffe00003f01.*");
    /// Of what the kernel had to say while the devices came up.
    private long droppedAtFirst;

    private long written;
    private long arrived;

    KernelRouter(Layout layout) throws IOException {
        super(layout, new KernelTunDriver());
        sentinel = Packets.ip4(
                "fffe",
                "0000",
                1,
                "0a0" + layout.networks().charAt(0) + "0002",
                "0a0" + layout.networks().charAt(1) + "0002",
                "0000ffff00000000");
        for (String setting : List.of(
                "net/ipv4/ip_forward=1",
                "net/ipv6/conf/all/forwarding=1",
                "net/ipv6/conf/left/accept_dad=0",
                "net/ipv6/conf/right/accept_dad=0",
                "net/ipv4/icmp_ratemask=0",
                "net/ipv4/conf/all/rp_filter=0",
                "net/ipv4/conf/left/rp_filter=0",
                "net/ipv6/icmp/ratemask=200",
                "net/ipv6/icmp/ratelimit=0")) {
            String[] parts = setting.split("=");
            Files.writeString(Path.of("/proc/sys", parts[0]), parts[1]);
        }
        try (RtNetlink net = RtNetlink.open()) {
            net.setUp(net.link("lo").index());
            int i = 0;
            for (String name : List.of("left", "right")) {
                char digit = layout.networks().charAt(i);
                boolean tap = (i++ == 0 ? layout.left() : layout.right()).isTap();
                int index = net.link(name).index();
                net.setUp(index);
                net.addAddress(index, IpAddress.parse("10." + digit + ".0.1"), 24);
                net.addAddress(index, IpAddress.parse("fd0" + digit + "::1"), 64);
                if (tap) {
                    MacAddress host = MacAddress.parse("02:00:00:00:00:09");
                    net.replaceNeighbour(index, IpAddress.parse("10." + digit + ".0.2"), host);
                    net.replaceNeighbour(index, IpAddress.parse("fd0" + digit + "::2"), host);
                }
            }
            net.setMtu(net.link("right").index(), layout.mtu());
            net.setTransmitQueueLength(net.link("right").index(), QUEUE);
        }
        receiveOffload();
        try {
            awaitAddresses();
            right();
            left();
            String dropped = counters().get(2 * COUNTERS.size() - 2);
            droppedAtFirst = Long.parseLong(dropped.substring(dropped.lastIndexOf(' ') + 1));
            countFromHere();
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }

    /// What is not asked for by netlink: ethtool, and sysfs, which has to be mounted to show this namespace.
    private void receiveOffload() throws IOException {
        Transports transports = layout.receive().transports();
        if (transports != Transports.TCP) {
            String on = transports == Transports.NONE ? "off" : "on";
            run("ethtool", "-K", "left", "gro", on);
            run("ethtool", "-K", "left", "rx-udp-gro-forwarding", on);
        }
        if (layout.receive().form() == Form.LIST) {
            run("ethtool", "-K", "left", "rx-gro-list", "on");
        }
        if (layout.receive().flushTimeoutNanos() > 0) {
            run(
                    "unshare",
                    "-m",
                    "sh",
                    "-ec",
                    "mount -t sysfs none /sys; cd /sys/class/net/left; echo %d > gro_flush_timeout; echo %d > napi_defer_hard_irqs"
                            .formatted(
                                    layout.receive().flushTimeoutNanos(),
                                    layout.receive().deferHardIrqs()));
        }
    }

    /// Until a thread of the kernel has been to them, which takes long on a busy machine, link-local addresses are
    /// tentative, and some errors are not sent.
    private static void awaitAddresses() throws IOException, InterruptedException {
        long end = System.nanoTime() + PATIENCE_NANOS;
        while (Files.readAllLines(Path.of("/proc/thread-self/net/if_inet6")).stream()
                .anyMatch(line -> (Integer.parseInt(line.split(" +")[4], 16) & TENTATIVE) != 0)) {
            assertThat(System.nanoTime()).as("an address stays tentative").isLessThan(end);
            Thread.sleep(1);
        }
    }

    private static String run(String... command) throws IOException {
        Process p = new ProcessBuilder(command).redirectErrorStream(true).start();
        String out = new String(p.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        try {
            assertThat(p.waitFor()).as(String.join(" ", command) + ": " + out).isZero();
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
        return out;
    }

    @Override
    List<String> right() throws IOException, InterruptedException {
        long held = layout.receive().flushTimeoutNanos();
        if (held > 0) {
            Thread.sleep(
                    TimeUnit.NANOSECONDS.toMillis(held) * (1 + layout.receive().deferHardIrqs()) + SETTLE_MILLIS);
        }
        List<String> out = new ArrayList<>();
        long end = System.nanoTime() + PATIENCE_NANOS;
        long again = 0;
        while (true) {
            if (System.nanoTime() - again > 0 || again == 0) {
                // One that found the queue full was dropped, and is one of those that the statistics tell of.
                assertThat(write("00".repeat(layout.left().header()), sentinel)).doesNotContain("E");
                written++;
                again = System.nanoTime() + AGAIN_NANOS;
            }
            for (String packet : drain(right, layout.right())) {
                if (sentinelOut.matcher(packet).matches()) {
                    arrived++;
                    return out;
                }
                out.add(packet);
            }
            assertThat(System.nanoTime())
                    .as("the sentinel got lost: %s", out.subList(0, Math.min(5, out.size())))
                    .isLessThan(end);
        }
    }

    @Override
    List<String> left() {
        return drain(left, layout.left());
    }

    @Override
    int waiting() throws IOException {
        int waiting = 0;
        for (String file : List.of("/proc/thread-self/net/sockstat", "/proc/thread-self/net/sockstat6")) {
            Matcher m = Pattern.compile("FRAG6?: inuse (\\d+)").matcher(Files.readString(Path.of(file)));
            assertThat(m.find()).as(file).isTrue();
            waiting += Integer.parseInt(m.group(1));
        }
        return waiting;
    }

    /// Those of the sentinels are taken off.
    @Override
    Map<IpCounter, Long> ipCounters() throws IOException {
        Map<IpCounter, Long> all = KernelIpCounters.read();
        all.merge(IpCounter.IP_IN_RECEIVES, -written, Long::sum);
        all.merge(IpCounter.IP_FORW_DATAGRAMS, -written, Long::sum);
        return all;
    }

    /// Those of the sentinels, and of what the kernel itself had to say, are taken off.
    @Override
    List<String> counters() throws IOException {
        List<String> all = new ArrayList<>();
        String shown = run("ip", "-s", "-s", "-j", "link", "show");
        for (String name : List.of("left", "right")) {
            int at = shown.indexOf("\"ifname\":\"" + name + "\"");
            for (String counter : COUNTERS) {
                String group = counter.substring(0, 2);
                Matcher m = Pattern.compile("\"" + group + "\":\\{[^}]*\"" + counter.substring(3) + "\":(\\d+)")
                        .matcher(shown);
                assertThat(m.find(at)).as(counter).isTrue();
                long value = Long.parseLong(m.group(1));
                boolean counts = counter.startsWith(name.equals("left") ? "rx" : "tx");
                boolean tap = (name.equals("left") ? layout.left() : layout.right()).isTap();
                long sentinels = name.equals("left") ? written : arrived;
                if (counts && counter.endsWith("packets")) {
                    value -= sentinels;
                } else if (counts && counter.endsWith("bytes")) {
                    value -= sentinels * (tap ? 42 : 28);
                } else if (counter.equals("tx_dropped") && name.equals("right")) {
                    value -= written - arrived + droppedAtFirst;
                }
                int side = name.equals("left") ? 0 : 1;
                value -= counter.equals("tx_packets")
                        ? chatter[side]
                        : counter.equals("tx_bytes") ? chatterOctets[side] : 0;
                all.add(name + " " + counter + " " + value);
            }
        }
        return all;
    }
}
