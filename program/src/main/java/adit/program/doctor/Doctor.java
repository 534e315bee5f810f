package adit.program.doctor;

import adit.program.doctor.HostFiles.ModuleState;
import adit.program.doctor.Trials.Result;
import adit.tun.TunOffload;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/// Looks at everything that Adit needs of a host.
public final class Doctor {
    private static final String TUN_FILE = "/dev/net/tun";
    private static final String AS_ROOT = "run as root, or have root start it as this user with the capabilities:";
    private static final String USER = System.getProperty("user.name");
    private static final String WITH_CAPABILITIES = "setpriv --reuid=" + USER
            + " --init-groups --inh-caps=+net_admin,+net_raw --ambient-caps=+net_admin,+net_raw ./adit up FILE";
    private static final String PREPARED =
            "ip tuntap add dev NAME mode tun user " + USER + "    (as root, once; then FOU and GUE need no privilege)";
    private static final Set<TunOffload> ALL_TCP = EnumSet.of(TunOffload.CHECKSUM, TunOffload.TCP4, TunOffload.TCP6);

    private final HostFiles files;

    Doctor(HostFiles files) {
        this.files = files;
    }

    /// For the host that this runs on.
    public static Doctor ofThisHost() {
        return new Doctor(new HostFiles(Path.of("/")));
    }

    /// Looks, and tries out; takes about a second.
    public List<Finding> examine() throws InterruptedException {
        List<Finding> findings = new ArrayList<>();
        findings.add(java());
        findings.add(tunFile());
        findings.add(capabilities());
        try (Trials trials = Trials.open()) {
            findings.add(namespaces(
                    trials.noNamespace(), trials.noNamespace().isEmpty() || Trials.unprivilegedNamespaces()));
            trials.tun().ifPresent(result -> findings.add(tunDevice(result)));
            findings.add(direct(trials.raw()));
            findings.add(udp(trials.udp()));
        }
        findings.add(packetSockets());
        findings.add(modules());
        findings.add(forwarding());
        findings.add(reversePath());
        return List.copyOf(findings);
    }

    private static Finding java() {
        return Finding.ok("java", "Java", Runtime.version() + " at " + System.getProperty("java.home"));
    }

    Finding tunFile() {
        Path tun = files.path(TUN_FILE);
        if (!Files.exists(tun)) {
            return Finding.missing(
                    "tun-file",
                    "TUN file",
                    TUN_FILE + " is not there",
                    "modprobe tun",
                    "mkdir -p /dev/net && mknod /dev/net/tun c 10 200 && chmod 666 /dev/net/tun",
                    "in a container: docker run --device /dev/net/tun --cap-add NET_ADMIN ...");
        }
        if (!Files.isReadable(tun) || !Files.isWritable(tun)) {
            return Finding.missing(
                    "tun-file", "TUN file", TUN_FILE + " may not be opened by this user", "chmod 666 " + TUN_FILE);
        }
        return Finding.ok("tun-file", "TUN file", TUN_FILE + " may be opened");
    }

    Finding capabilities() {
        boolean admin = files.hasNetAdmin();
        boolean raw = files.hasNetRaw();
        if (admin && raw) {
            return Finding.ok("capabilities", "capabilities", "CAP_NET_ADMIN and CAP_NET_RAW");
        }
        String lacking = admin ? "no CAP_NET_RAW: no direct carrier" : "no CAP_NET_ADMIN: makes no devices and routes";
        if (!admin && !raw) {
            lacking = "neither CAP_NET_ADMIN nor CAP_NET_RAW: makes no devices, and has no direct carrier";
        }
        return Finding.limited("capabilities", "capabilities", lacking, AS_ROOT, WITH_CAPABILITIES, PREPARED);
    }

    /// @param refusal why this process can't make one; nothing when it can
    /// @param unprivileged whether a user namespace helps
    Finding namespaces(Optional<String> refusal, boolean unprivileged) {
        String id = "namespaces";
        String subject = "network namespaces";
        if (refusal.isEmpty()) {
            return Finding.ok(id, subject, "may be made");
        }
        if (unprivileged) {
            return Finding.limited(
                    id,
                    subject,
                    "may be made only in a user namespace of one's own",
                    "unshare --user --map-root-user --net --mount ./adit demo");
        }
        List<String> remedies = new ArrayList<>(List.of("run as root; `adit demo --memory` needs none"));
        if (files.number("/proc/sys/kernel/unprivileged_userns_clone").orElse(1) == 0) {
            remedies.add("sysctl -w kernel.unprivileged_userns_clone=1");
        }
        if (files.number("/proc/sys/kernel/apparmor_restrict_unprivileged_userns")
                        .orElse(0)
                != 0) {
            remedies.add("sysctl -w kernel.apparmor_restrict_unprivileged_userns=0");
        }
        if (files.number("/proc/sys/user/max_user_namespaces").orElse(1) == 0) {
            remedies.add("sysctl -w user.max_user_namespaces=15000");
        }
        return new Finding(id, subject, Finding.Verdict.LIMITED, refusal.get(), remedies);
    }

    static Finding tunDevice(Result<Set<TunOffload>> result) {
        String id = "tun-device";
        String subject = "TUN device";
        if (result.value().isEmpty()) {
            return Finding.missing(id, subject, result.failure());
        }
        Set<TunOffload> offloads = result.value().get();
        if (!offloads.containsAll(ALL_TCP)) {
            return Finding.limited(
                    id, subject, "can be made, but takes no super-packets: slower", "Linux 3.8 or later takes them");
        }
        if (!offloads.contains(TunOffload.UDP4)) {
            return Finding.limited(
                    id, subject, "can be made; super-packets of TCP, not of UDP", "Linux 6.2 or later takes both");
        }
        return Finding.ok(id, subject, "can be made; super-packets of TCP and UDP");
    }

    static Finding direct(Result<Boolean> result) {
        return result.value().isPresent()
                ? Finding.ok("direct", "carrier direct", "raw sockets can be opened")
                : Finding.missing(
                        "direct",
                        "carrier direct",
                        result.failure(),
                        "use FOU or GUE, or:",
                        AS_ROOT,
                        WITH_CAPABILITIES);
    }

    static Finding udp(Result<Boolean> result) {
        if (result.value().isEmpty()) {
            return Finding.missing("udp", "carriers FOU, GUE", result.failure());
        }
        return result.value().get()
                ? Finding.ok("udp", "carriers FOU, GUE", "UDP sockets, several packets a call (UDP_SEGMENT, UDP_GRO)")
                : Finding.limited(
                        "udp",
                        "carriers FOU, GUE",
                        "UDP sockets, one packet a call: slower",
                        "Linux 5.0 or later takes several");
    }

    Finding packetSockets() {
        if (!Files.exists(files.path("/proc/net/packet"))) {
            return Finding.limited(
                    "packet-sockets",
                    "packet sockets",
                    "the kernel has none: tcpdump does not work",
                    "modprobe af_packet");
        }
        return files.hasNetRaw()
                ? Finding.ok("packet-sockets", "packet sockets", "may be opened: tcpdump works")
                : Finding.limited(
                        "packet-sockets",
                        "packet sockets",
                        "need CAP_NET_RAW; Adit does not need them",
                        "run tcpdump as root");
    }

    /// The kernel's own tunnels are not needed. One that is loaded hears the same packets.
    Finding modules() {
        Map<String, ModuleState> states = new LinkedHashMap<>();
        states.put("ipip", files.module("ipip", "CONFIG_NET_IPIP"));
        states.put("fou", files.module("fou", "CONFIG_NET_FOU"));
        states.put("mpls_router", files.module("mpls_router", "CONFIG_MPLS_ROUTING"));
        String detail = states.entrySet().stream()
                .map(e -> e.getKey() + " " + e.getValue())
                .collect(Collectors.joining(", "));
        if (states.get("ipip") == ModuleState.LOADED) {
            return Finding.limited(
                    "kernel-tunnels",
                    "kernel's tunnels",
                    detail
                            + ". ipip hears protocol 4 beside Adit, and answers packets of no tunnel of its own with ICMP "
                            + "port unreachable",
                    "rmmod ipip    (unless tunnels of the kernel use it)",
                    "or use FOU or GUE");
        }
        return Finding.ok("kernel-tunnels", "kernel's tunnels", detail + "; Adit needs none of them");
    }

    Finding forwarding() {
        return files.number("/proc/sys/net/ipv4/ip_forward").orElse(0) != 0
                ? Finding.ok("forwarding", "forwarding", "on: this host can route for others through a tunnel")
                : Finding.limited(
                        "forwarding",
                        "forwarding",
                        "off: tunnels serve this host alone",
                        "sysctl -w net.ipv4.ip_forward=1    (only where it is to route for others)");
    }

    Finding reversePath() {
        // The kernel takes the stricter of a device's own setting and that of all.
        int all = files.number("/proc/sys/net/ipv4/conf/all/rp_filter").orElse(0);
        int fresh = files.number("/proc/sys/net/ipv4/conf/default/rp_filter").orElse(0);
        if (Math.max(all, fresh) != 1) {
            return Finding.ok("reverse-path", "reverse-path filter", "lets packets in whatever way back they have");
        }
        return Finding.limited(
                "reverse-path",
                "reverse-path filter",
                "strict: drops what comes out of a tunnel from senders whose route does not lead into it",
                "sysctl -w net.ipv4.conf.all.rp_filter=2    (only where answers take another way)");
    }
}
