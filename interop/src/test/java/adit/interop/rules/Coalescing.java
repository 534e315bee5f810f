package adit.interop.rules;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import adit.device.InterfaceRequest;
import adit.interop.Site;
import adit.interop.guest.Guest;
import adit.ipip.Ipip;
import adit.ipip.Profile;
import adit.netns.Namespace;
import adit.offload.Coalescer.Transports;
import adit.offload.Gro.Form;
import adit.port.VirtualTime;
import adit.tun.Ifreq;
import adit.tun.MemoryTunFile;
import adit.tun.ReceiveOffload;
import adit.tun.TunIoctl;
import adit.tun.TunTapDevice;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/// A router between two TUN devices, `left` with NAPI, to which packets are written, and `right`, from which they are
/// read, both behind a virtio-net header: a Linux guest's, or one in memory. Ports 5555, 5556 and 5557 are FOU's, of
/// IPv4, IPv6 and MPLS, 6080 is GUE's, and `t1` is a tunnel from 10.1.0.1 to 10.1.0.2.
enum Coalescing {
    /// `gro` alone.
    TCP(Transports.TCP, Form.SUPER_PACKET, Reader.OF_ALL),
    /// `rx-udp-gro-forwarding`, too.
    TCP_AND_UDP(Transports.TCP_AND_UDP, Form.SUPER_PACKET, Reader.OF_ALL, "rx-udp-gro-forwarding"),
    /// `rx-gro-list`, too.
    LIST(Transports.TCP, Form.LIST, Reader.OF_ALL, "rx-gro-list"),
    /// As [#TCP], for a reader who takes finished packets only.
    TCP_FINISHED(Transports.TCP, Form.SUPER_PACKET, Reader.OF_FINISHED),
    /// As [#TCP_AND_UDP], likewise.
    TCP_AND_UDP_FINISHED(Transports.TCP_AND_UDP, Form.SUPER_PACKET, Reader.OF_FINISHED, "rx-udp-gro-forwarding");

    /// The octets of a virtio-net header.
    static final int HEADER = 10;

    private static final Duration LIMIT = Duration.ofMinutes(5);
    private static final int LARGEST = 70_000;
    private static final long HELD_NANOS = 10_000_000;
    private static final long MINUTE_NANOS = 60_000_000_000L;
    private static final List<String> LINES = List.of(
            "link set lo up",
            "link set left up",
            "link set right up",
            "address add 10.1.0.1/24 dev left",
            "address add 10.2.0.1/24 dev right",
            "fou add port 5555 ipproto 4",
            "fou add port 5556 ipproto 41",
            "fou add port 5557 ipproto 137",
            "fou add port 6080 gue",
            "link add t1 type ipip local 10.1.0.1 remote 10.1.0.2",
            "link set t1 up",
            "route add 10.3.0.0/16 dev t1");

    private final Transports transports;
    private final Form form;
    private final Reader reader;
    private final String features;

    /// Who reads on the right.
    private enum Reader {
        OF_FINISHED(0),
        OF_ALL(0x6f);

        private final int offloads;

        Reader(int offloads) {
            this.offloads = offloads;
        }
    }

    Coalescing(Transports transports, Form form, Reader reader, String... features) {
        this.transports = transports;
        this.form = form;
        this.reader = reader;
        this.features = String.join(" ", features);
    }

    /// What came out on the right, with headers, and of what came back out on the left the ICMP type and code.
    record Outcome(List<String> right, List<String> left) {
        private static final int TYPE = HEADER + 20;

        static Outcome of(List<String> right, List<String> left) {
            return new Outcome(
                    right,
                    left.stream()
                            .map(packet -> packet.substring(2 * TYPE, 2 * TYPE + 4))
                            .toList());
        }
    }

    /// What the guest makes of the packets of each script, written at once.
    List<Outcome> inGuest(List<List<byte[]>> scripts) {
        Guest guest = Site.shared().guest();
        assumeTrue(
                !guest.release().startsWith("6.1."),
                "needs Linux 6.10 in the guest: before that it has no lists of TCP segments, and other offloads");
        GuestProgram.compile("coalesce-tun").install(guest);
        String lines = scripts.stream()
                .map(script -> script.stream()
                        .map(packet -> HexFormat.of().formatHex(packet) + "\n")
                        .collect(Collectors.joining("", "", ".\n")))
                .collect(Collectors.joining());
        String output =
                guest.run("""
                modprobe tun
                cat > /run/coalesce.sh << 'end-of-script'
                #!/bin/sh
                set -e
                cd /proc/sys/net
                echo 1 > ipv4/ip_forward
                for all in all left right; do echo 0 > ipv4/conf/$all/rp_filter; done
                echo 0 > ipv4/icmp_ratelimit
                echo %d > /sys/class/net/left/gro_flush_timeout
                ip -batch - << end
                %s
                end
                end-of-script
                chmod +x /run/coalesce.sh
                ip netns add coalesce
                ip netns exec coalesce sh -c '
                    for all in default all; do echo 1 > /proc/sys/net/ipv6/conf/$all/disable_ipv6; done
                    exec /run/coalesce-tun /run/coalesce.sh %d %s' << 'end-of-lines'
                %send-of-lines
                code=$?
                ip netns del coalesce
                exit $code
                """.formatted(HELD_NANOS, String.join("\n", LINES), reader.offloads, features, lines), LIMIT);
        List<Outcome> outcomes = new ArrayList<>();
        List<String> right = new ArrayList<>();
        List<String> left = new ArrayList<>();
        for (String line : output.lines().toList()) {
            switch (line.charAt(0)) {
                case '>' -> right.add(line.substring(2));
                case '<' -> left.add(line.substring(2));
                case '.' -> {
                    outcomes.add(Outcome.of(List.copyOf(right), left));
                    right.clear();
                    left.clear();
                }
                default -> throw new AssertionError(output);
            }
        }
        return outcomes;
    }

    /// What a namespace in memory makes of the packets of a script, written at once.
    Outcome inMemory(List<byte[]> script) {
        VirtualTime time = new VirtualTime();
        Ipip ipip = Ipip.of(Profile.LINUX_6_12);
        try (Arena arena = Arena.ofConfined();
                Namespace namespace =
                        Namespace.builder().time(time).seed(7).with(ipip).open();
                MemoryTunFile left = tun(namespace, "left", TunIoctl.IFF_NAPI, arena);
                MemoryTunFile right = tun(namespace, "right", 0, arena)) {
            assertThat(right.ioctl(TunIoctl.TUNSETOFFLOAD, reader.offloads)).isZero();
            namespace.forwarding(true);
            ((TunTapDevice) namespace.devices().byName("left"))
                    .receiveOffload(new ReceiveOffload(transports, form, HELD_NANOS, 0));
            NamespaceIp ip = new NamespaceIp(namespace, Map.of());
            for (String line : LINES) {
                assertThat(ip.run(line, NamespaceIp.Reasons.TOLD)).as(line).isEqualTo(new Ran(0, "", ""));
            }
            for (byte[] packet : script) {
                assertThat(left.write(arena.allocateFrom(ValueLayout.JAVA_BYTE, packet)))
                        .isEqualTo(packet.length);
            }
            time.advanceBy(10 * HELD_NANOS);
            namespace.turn(time.getAsLong());
            Outcome outcome = Outcome.of(drain(right, arena), drain(left, arena));
            // By then all fragments are given up, and what was said of that is read.
            time.advanceBy(MINUTE_NANOS);
            namespace.turn(time.getAsLong());
            drain(right, arena);
            drain(left, arena);
            assertThat(namespace.lent()).isZero();
            return outcome;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static MemoryTunFile tun(Namespace namespace, String name, int flags, Arena arena) throws IOException {
        MemoryTunFile file = namespace.tun().open();
        MemorySegment ifreq = arena.allocate(Ifreq.SIZE, Long.BYTES);
        InterfaceRequest.name(ifreq, name);
        InterfaceRequest.flags(ifreq, TunIoctl.IFF_TUN | TunIoctl.IFF_NO_PI | TunIoctl.IFF_VNET_HDR | flags);
        assertThat(file.ioctl(TunIoctl.TUNSETIFF, ifreq)).isZero();
        file.blocking(false);
        return file;
    }

    private static List<String> drain(MemoryTunFile file, Arena arena) {
        MemorySegment buffer = arena.allocate(LARGEST);
        List<String> all = new ArrayList<>();
        for (int n = file.read(buffer); n > 0; n = file.read(buffer)) {
            byte[] read = buffer.asSlice(0, n).toArray(ValueLayout.JAVA_BYTE);
            if (read[HEADER] >> 4 == 4) {
                all.add(HexFormat.of().formatHex(read));
            }
        }
        return all;
    }
}
