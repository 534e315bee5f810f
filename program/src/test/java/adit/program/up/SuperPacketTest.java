package adit.program.up;

import static org.assertj.core.api.Assertions.assertThat;

import adit.linux.Netns;
import adit.linux.RtNetlink;
import adit.netlink.LinkMessage;
import adit.offload.Coalescer.Transports;
import adit.packet.Offload;
import adit.packet.PacketBatch;
import adit.packet.PacketBuffer;
import adit.packet.Refusal;
import adit.port.Port;
import adit.program.Needs;
import adit.program.config.Reading;
import adit.program.config.TunnelConfig;
import adit.program.config.UpConfig;
import adit.program.up.OffloadStatus.Joining;
import adit.program.up.TunnelHost.Wiring;
import adit.tun.TunOffload;
import adit.tunnel.Event;
import adit.tunnel.LinkStatistic;
import adit.wire.Ip4Address;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// A TCP transfer of the kernel's own through two tunnel ends on real TUN devices, with super-packets and
/// without.
@Timeout(120)
class SuperPacketTest {
    private static final int OCTETS = 8 << 20;
    private static final int PORT = 7000;

    /// One host: its namespace, its tunnel end.
    private final class Host implements AutoCloseable {
        final Netns namespace;
        final RtNetlink netlink;
        final String local;
        TunnelHost tunnels;

        Host(String local) throws Exception {
            this.local = local;
            namespace = Netns.create();
            // So that nothing but the test talks: an ICMP error about anything else would end its connection.
            namespace.call(() -> Files.writeString(Path.of("/proc/sys/net/ipv6/conf/default/disable_ipv6"), "1"));
            netlink = namespace.call(RtNetlink::open);
            netlink.setUp(netlink.link("lo").index());
        }

        void plug() throws Exception {
            int index = netlink.link("eth0").index();
            netlink.addAddress(index, Ip4Address.parse(local), 24);
            netlink.setUp(index);
        }

        void tunnel(String peer, String inner, String settings, UnaryOperator<Port> overlay) throws Exception {
            String yaml = """
                    tunnels:
                      - name: t0
                        local: %s
                        remote: %s
                        addresses: [%s/30]
                    %s
                    """.formatted(local, peer, inner, settings.indent(4));
            Reading<UpConfig> outcome = UpConfig.read("test.yaml", yaml.getBytes(StandardCharsets.UTF_8));
            assertThat(outcome.config()).as("%s", outcome.problems()).isPresent();
            List<TunnelConfig> configs = outcome.config().get().tunnels();
            Wiring wiring = new Wiring(news::add, t -> news.add(t.toString()), overlay, UnaryOperator.identity());
            tunnels = namespace.call(() -> TunnelHost.open(configs, wiring));
        }

        TunnelStatus status() {
            return tunnels.status().getFirst();
        }

        /// What the kernel's device says it has handed over: super-packets count as one there.
        long handedOver() throws Exception {
            return namespace.call(() -> Files.readAllLines(Path.of("/proc/thread-self/net/dev")).stream()
                    .filter(l -> l.strip().startsWith("t0:"))
                    .mapToLong(l -> Long.parseLong(l.strip().split("[: ]+")[10]))
                    .sum());
        }

        /// What the kernel has refused as damaged, by name.
        List<String> damages() throws Exception {
            List<String> lines = namespace.call(() -> Files.readAllLines(Path.of("/proc/thread-self/net/snmp")));
            List<String> damages = new ArrayList<>();
            for (int i = 0; i + 1 < lines.size(); i += 2) {
                String[] names = lines.get(i).split(" ");
                String[] values = lines.get(i + 1).split(" ");
                for (int f = 1; f < names.length; f++) {
                    boolean bad =
                            List.of("InErrs", "InCsumErrors", "InHdrErrors").contains(names[f]);
                    if (bad && !values[f].equals("0")) {
                        damages.add(names[0] + names[f] + " " + values[f]);
                    }
                }
            }
            return damages;
        }

        @Override
        public void close() {
            if (tunnels != null) {
                tunnels.close();
            }
            netlink.close();
            namespace.close();
        }
    }

    private final List<String> news = new ArrayList<>();
    private Host a;
    private Host b;

    @BeforeEach
    void makeTwoHosts() throws Exception {
        Needs.tun();
        a = new Host("192.0.2.1");
        b = new Host("192.0.2.2");
        try {
            LinkMessage peer = LinkMessage.builder()
                    .name("eth0")
                    .namespace(new LinkMessage.Namespace.OfDescriptor(
                            b.namespace.fd().holdOrThrow()))
                    .build();
            a.netlink.createVethPair("eth0", peer);
        } finally {
            b.namespace.fd().leave();
        }
        a.plug();
        b.plug();
    }

    @AfterEach
    void removeThem() {
        if (b != null) {
            b.close();
        }
        if (a != null) {
            a.close();
        }
        assertThat(news).isEmpty();
    }

    private void tunnels(String settings, UnaryOperator<Port> overlayOfB) throws Exception {
        a.tunnel("192.0.2.2", "10.1.0.1", settings, UnaryOperator.identity());
        b.tunnel("192.0.2.1", "10.1.0.2", settings, overlayOfB);
    }

    private static <T> CompletableFuture<T> inBackground(Callable<T> work) {
        CompletableFuture<T> result = new CompletableFuture<>();
        Thread.ofPlatform().daemon().start(() -> {
            try {
                result.complete(work.call());
            } catch (Throwable t) {
                result.completeExceptionally(t);
            }
        });
        return result;
    }

    /// From a to b; answers whether the digests are the same.
    private boolean transfer() throws Exception {
        byte[] octets = new byte[OCTETS];
        new SplittableRandom(6).nextBytes(octets);
        InetAddress destination = InetAddress.getByAddress(new byte[] {10, 1, 0, 2});
        try (ServerSocket server = b.namespace.call(() -> new ServerSocket(PORT, 1, destination))) {
            CompletableFuture<String> received = inBackground(() -> {
                MessageDigest digest = MessageDigest.getInstance("SHA-256");
                try (Socket socket = server.accept();
                        InputStream in = socket.getInputStream()) {
                    byte[] chunk = new byte[1 << 16];
                    for (int n = in.read(chunk); n >= 0; n = in.read(chunk)) {
                        digest.update(chunk, 0, n);
                    }
                }
                return HexFormat.of().formatHex(digest.digest());
            });
            Socket client = a.namespace.call(() -> {
                Socket socket = new Socket();
                socket.connect(new InetSocketAddress(destination, PORT), 20_000);
                return socket;
            });
            try (client;
                    OutputStream out = client.getOutputStream()) {
                out.write(octets);
            }
            String sent = HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(octets));
            return received.get(60, TimeUnit.SECONDS).equals(sent);
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            carrier: { type: direct }                                        | ipip
            carrier: { type: direct }                                        | any
            carrier: { type: fou, port: 5555, peer-port: 5555 }              | ipip
            carrier: { type: fou, port: 5555, peer-port: 5555, checksum: true } | any
            carrier: { type: gue, port: 6080, peer-port: 6080 }              | ipip
            carrier: { type: gue, port: 6080, peer-port: 6080, checksum: true } | any
            """)
    void carriesATransferWholeWithOffloadAndWithout(String carrier, String mode) throws Exception {
        for (String offload : List.of("auto", "off")) {
            tunnels(carrier + "\nmode: " + mode + "\noffload: " + offload, UnaryOperator.identity());
            assertThat(transfer()).as("%s, offload %s", carrier, offload).isTrue();
            boolean auto = offload.equals("auto");
            OffloadStatus used = a.status().offload();
            assertThat(used.device().contains(TunOffload.TCP4)).isEqualTo(auto);
            assertThat(used.written() == Transports.NONE).isEqualTo(!auto);
            Joining joining = carrier.contains("direct") ? Joining.NONE : auto ? Joining.ON : Joining.OFF;
            assertThat(used.sent()).isEqualTo(joining);
            assertThat(used.received()).isEqualTo(joining);
            long sent = a.status().value(LinkStatistic.TX_PACKETS);
            assertThat(sent).isGreaterThan(OCTETS / 1500);
            if (auto) {
                assertThat(a.handedOver()).as("packets from the device").isLessThan(sent / 2);
            } else {
                assertThat(used.reason()).isEqualTo("as the file says");
                assertThat(a.handedOver()).isGreaterThan(sent - 100);
            }
            assertThat(a.damages()).isEmpty();
            assertThat(b.damages()).isEmpty();
            a.tunnels.close();
            b.tunnels.close();
        }
        a.tunnels = null;
        b.tunnels = null;
    }

    /// Refuses super-packets, as a kernel does that does not know their kind.
    private record Narrow(Port inner) implements Port {
        @Override
        public int receive(PacketBatch into) {
            return inner.receive(into);
        }

        @Override
        public int send(PacketBatch batch) {
            PacketBatch single = new PacketBatch(1);
            int size = batch.size();
            int kept = 0;
            for (int i = 0; i < size; i++) {
                PacketBuffer p = batch.get(i);
                if (p.offload().segmentation != Offload.Segmentation.NONE) {
                    p.refuse(Refusal.MALFORMED);
                    batch.set(kept++, p);
                    continue;
                }
                single.add(p);
                if (inner.send(single) == 0) {
                    batch.set(kept++, p);
                    single.clear();
                }
            }
            batch.truncate(kept);
            return size - kept;
        }

        @Override
        public int mtu() {
            return inner.mtu();
        }

        @Override
        public void close() {
            inner.close();
        }
    }

    @Test
    void fallsBackWhenTheDeviceRefusesSuperPackets() throws Exception {
        tunnels("carrier: { type: fou, port: 5555, peer-port: 5555 }", Narrow::new);
        assertThat(transfer()).isTrue();
        assertThat(b.status().offload().written()).isEqualTo(Transports.NONE);
        assertThat(b.status().events()).containsEntry(Event.SUPER_PACKET_REFUSED, 1L);
        assertThat(b.status().drops()).doesNotContainKey(adit.tunnel.Drop.OVERLAY_REFUSED);
        assertThat(a.status().offload().device()).contains(TunOffload.TCP4);
        assertThat(b.damages()).isEmpty();
    }
}
