package adit.bench.rig;

import java.nio.file.Path;
import java.util.List;

/// All that is measured, in the order of the table.
final class Contenders {
    /// Of a device with several: as many as most machines have processors at least.
    private static final int QUEUES = 4;

    /// What a large MTU brings closer together or apart: one queue each, and of others' tunnels the quickest.
    private static final List<String> AT_LARGE_MTU = List.of(
            "veth",
            KernelTunnel.VXLAN.key(),
            KernelTunnel.VXLAN_SEGMENTED.key(),
            "adit-direct",
            "adit-fou",
            "adit-gue",
            "c-naive-ipip",
            "c-ring-ipip",
            "c-naive-udp",
            "c-gso-udp",
            "openvpn",
            "tun-io");

    private Contenders() {}

    /// Whom a run of such an extent measures; empty for everybody.
    static List<String> keys(Measurements.Extent extent) {
        return switch (extent) {
            case ALL -> List.of();
            case STREAMS -> AT_LARGE_MTU;
        };
    }

    /// Everything that the rig knows to run.
    static List<Contender> all(Path root) {
        Path yardstick = root.resolve("bench/target/yardstick");
        Path adit = root.resolve("adit");
        return List.of(
                new BareCable(),
                KernelTunnel.VXLAN,
                KernelTunnel.VXLAN_SEGMENTED,
                KernelTunnel.IPIP,
                KernelTunnel.FOU,
                new Adit(adit, "direct"),
                new Adit(adit, "direct", "auto", QUEUES),
                new Adit(adit, "direct", "off", 1),
                new Adit(adit, "fou"),
                new Adit(adit, "fou", "auto", QUEUES),
                new Adit(adit, "fou", "off", 1),
                new Adit(adit, "gue"),
                new Adit(adit, "gue", "auto", QUEUES),
                new Adit(adit, "gue", "off", 1),
                new Yardstick(yardstick, "naive", "ipip"),
                new Yardstick(yardstick, "ring", "ipip"),
                new Yardstick(yardstick, "naive", "udp"),
                new Yardstick(yardstick, "gso", "udp"),
                new OpenVpn(),
                new Socat("udp"),
                new Socat("ipip"),
                new Vtun(),
                new Tinc(),
                new WireGuardGo(),
                JvmPeer.TUN_IO,
                JvmPeer.NETTY_TUN,
                new Loopback(),
                new TunPair("one"),
                new TunPair("two"));
    }
}
