package adit.program.up;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import adit.linux.LinuxException;
import adit.linux.Netns;
import adit.linux.RtNetlink;
import adit.program.Needs;
import adit.program.config.Reading;
import adit.program.config.TunnelConfig;
import adit.program.config.UpConfig;
import adit.program.up.TunnelHost.Wiring;
import adit.tunnel.LinkStatistic;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What is made in a namespace of the test's own, and that it is gone again.
class TunnelHostTest {
    private final List<String> news = new ArrayList<>();
    private final Wiring wiring = Wiring.plain(news::add, t -> news.add("defect: " + t));
    private Netns namespace;
    private RtNetlink netlink;

    @BeforeEach
    void makeANamespace() throws Exception {
        Needs.tun();
        namespace = Netns.create();
        netlink = namespace.call(RtNetlink::open);
        netlink.setUp(netlink.link("lo").index());
    }

    @AfterEach
    void close() {
        if (namespace != null) {
            netlink.close();
            namespace.close();
        }
        assertThat(news).noneMatch(n -> n.startsWith("defect"));
    }

    private static List<TunnelConfig> configs(String yaml) {
        Reading<UpConfig> outcome = UpConfig.read("test.yaml", yaml.getBytes(StandardCharsets.UTF_8));
        assertThat(outcome.config()).as("%s", outcome.problems()).isPresent();
        return outcome.config().get().tunnels();
    }

    private TunnelHost open(String yaml) throws Exception {
        return namespace.call(() -> TunnelHost.open(configs(yaml), wiring));
    }

    private static final String TWO = """
            tunnels:
              - name: one
                mode: ipip
                local: 127.0.0.1
                remote: 127.0.0.2
                carrier: { type: fou, port: 5555, peer-port: 5555 }
                mtu: 1400
                addresses: [10.1.0.1/30]
                routes: [10.2.0.0/16]
              - name: two
                mode: any
                local: 127.0.0.1
                remote: 127.0.0.3
                addresses: [10.3.0.1/30, "2001:db8::1/64"]
            """;

    private List<String> devices() throws IOException {
        return netlink.links().stream().map(l -> l.name().orElse("")).toList();
    }

    @Test
    void makesWhatTheFileSaysAndRemovesIt() throws Exception {
        try (TunnelHost host = open(TWO)) {
            assertThat(devices()).contains("one", "two");
            var one = netlink.link("one");
            assertThat(one.isUp()).isTrue();
            assertThat(one.mtu()).hasValue(1400);
            // Both ends are on loopback, whose MTU is above what an IP packet can be.
            assertThat(netlink.link("two").mtu()).hasValue(65535 - 20);
            assertThat(netlink.addresses().stream()
                            .map(a -> a.local().map(Object::toString).orElse("") + "/" + a.prefixLength()))
                    .contains("10.1.0.1/30", "2001:db8::1/64");
            assertThat(netlink.routes(2).stream()
                            .filter(r -> r.device().orElse(0) == one.index())
                            .map(r -> r.destination().map(Object::toString).orElse("") + "/" + r.destinationLength()))
                    .contains("10.2.0.0/16");
            assertThat(host.status()).hasSize(2).allMatch(TunnelStatus::present);
        }
        assertThat(devices()).doesNotContain("one", "two");
        assertThat(news).isEmpty();
    }

    @Test
    void removesTheFirstTunnelWhenTheSecondCantBeMade() throws Exception {
        // Somebody else has routed this already.
        assertThat(namespace
                        .exec("ip", "route", "add", "10.4.0.0/16", "dev", "lo")
                        .waitFor())
                .isZero();
        String yaml = TWO + "    routes: [10.4.0.0/16]\n";
        long before = descriptors();
        assertThatThrownBy(() -> open(yaml))
                .isInstanceOf(LinuxException.class)
                .hasMessageContaining("EEXIST")
                .hasMessageContaining("ip route show");
        assertThat(devices()).doesNotContain("one", "two");
        assertThat(descriptors()).isEqualTo(before);
    }

    @Test
    void saysWhoHasThePortAndLeavesNothing() throws Exception {
        try (TunnelHost host = open(TWO)) {
            String again = TWO.replace("name: one", "name: three")
                    .replace("name: two", "name: four")
                    .replace("10.2.0.0/16", "10.9.0.0/16");
            assertThatThrownBy(() -> open(again))
                    .isInstanceOf(LinuxException.class)
                    .hasMessageContaining("EADDRINUSE")
                    .hasMessageContaining("5555");
            assertThat(devices()).contains("one", "two").doesNotContain("three", "four");
            assertThat(host.status()).allMatch(TunnelStatus::present);
        }
    }

    @Test
    void makesADeletedDeviceAnew() throws Exception {
        try (TunnelHost host = open(TWO)) {
            assertThat(namespace.call(host::mend)).isFalse();
            namespace.exec("ping", "-c", "1", "-W", "1", "10.2.0.9").waitFor();
            long sent = host.status().getFirst().value(LinkStatistic.TX_PACKETS);
            assertThat(sent).isPositive();
            int two = netlink.link("two").index();
            netlink.deleteLink(netlink.link("one").index());
            assertThat(devices()).doesNotContain("one");
            assertThat(mended(host)).isTrue();
            assertThat(devices()).contains("one", "two");
            assertThat(netlink.link("two").index()).as("was left alone").isEqualTo(two);
            assertThat(host.status().getFirst().value(LinkStatistic.TX_PACKETS))
                    .as("stays counted")
                    .isGreaterThanOrEqualTo(sent);
            assertThat(netlink.link("one").mtu()).hasValue(1400);
            assertThat(host.status()).hasSize(2).allMatch(TunnelStatus::present);
        }
        assertThat(news).containsExactly("device one was deleted; making it anew");
        assertThat(devices()).doesNotContain("one", "two");
    }

    private boolean mended(TunnelHost host) throws Exception {
        long until = System.nanoTime() + 60_000_000_000L;
        while (System.nanoTime() < until) {
            if (namespace.call(host::mend)) {
                return true;
            }
        }
        return false;
    }

    @Test
    void theOthersGoOnWhileADeviceCantBeMadeAnew() throws Exception {
        try (TunnelHost host = open(TWO)) {
            netlink.deleteLink(netlink.link("one").index());
            // Somebody else takes the name.
            assertThat(namespace
                            .exec("ip", "link", "add", "one", "type", "veth", "peer", "name", "peer")
                            .waitFor())
                    .isZero();
            assertThatThrownBy(() -> mended(host)).isInstanceOf(LinuxException.class);
            assertThatThrownBy(() -> mended(host)).isInstanceOf(LinuxException.class);
            assertThat(host.status()).extracting(TunnelStatus::present).containsExactly(false, true);
            long sent = host.status().getLast().value(LinkStatistic.TX_PACKETS);
            namespace.exec("ping", "-c", "1", "-W", "1", "10.3.0.2").waitFor();
            assertThat(host.status().getLast().value(LinkStatistic.TX_PACKETS)).isGreaterThan(sent);

            netlink.deleteLink(netlink.link("one").index());
            assertThat(mended(host)).isTrue();
            assertThat(host.status()).extracting(TunnelStatus::present).containsExactly(true, true);
        }
        assertThat(news).containsExactly("device one was deleted; making it anew");
        assertThat(devices()).doesNotContain("one", "two");
    }

    @Test
    void takesADeviceThatIsThereAsItIsAndLeavesIt() throws Exception {
        assertThat(namespace
                        .exec("ip", "tuntap", "add", "dev", "one", "mode", "tun")
                        .waitFor())
                .isZero();
        assertThat(namespace
                        .exec("ip", "addr", "add", "10.1.0.1/30", "dev", "one")
                        .waitFor())
                .isZero();
        try (TunnelHost host = open(TWO)) {
            assertThat(host.status()).allMatch(TunnelStatus::present);
        }
        assertThat(devices()).contains("one").doesNotContain("two");
        int index = netlink.link("one").index();
        assertThat(netlink.addresses().stream()
                        .filter(a -> a.index() == index)
                        .map(a -> a.local().map(Object::toString).orElse("")))
                .contains("10.1.0.1");
    }

    /// Devices, sockets and what wakes threads. Not pipes: those to a command that ended are closed a little later.
    private static long descriptors() throws IOException {
        try (Stream<Path> files = Files.list(Path.of("/proc/self/fd"))) {
            return files.filter(file -> !target(file).startsWith("pipe:")).count();
        }
    }

    private static String target(Path file) {
        try {
            return Files.readSymbolicLink(file).toString();
        } catch (IOException e) {
            return "pipe: closed since it was listed";
        }
    }
}
