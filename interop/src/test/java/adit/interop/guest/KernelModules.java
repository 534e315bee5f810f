package adit.interop.guest;

import adit.interop.host.LocalCommand;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/// The modules of an unpacked kernel package that a guest may want, with all that they depend on.
final class KernelModules {
    /// Loaded while the guest boots: the network interfaces, the console, and the tunnels themselves.
    private static final List<String> AT_BOOT = List.of(
            "virtio_pci", "virtio_console", "virtio_net", "ipip", "fou", "mpls_router", "mpls_iptunnel", "mpls_gso");

    /// Loaded by the kernel or by a script when they are needed.
    private static final List<String> ON_DEMAND = List.of(
            "tun",
            "dummy",
            "veth",
            "sit",
            "ip_gre",
            "sch_ingress",
            "cls_matchall",
            "cls_flower",
            "act_tunnel_key",
            "act_mirred",
            "inet_diag",
            "tcp_diag");

    private KernelModules() {}

    /// An archive of those modules and their index, made from the package's tree under `root`.
    static CpioArchive archive(Path root, String release) throws IOException {
        Map<String, Path> all = files(root.resolve("lib/modules/" + release));
        Map<String, byte[]> wanted = new LinkedHashMap<>();
        for (String module : AT_BOOT) {
            collect(module, all, wanted);
        }
        for (String module : ON_DEMAND) {
            collect(module, all, wanted);
        }
        Path base = Files.createTempDirectory(root.getParent(), "modules");
        Path tree = Files.createDirectories(base.resolve("lib/modules/" + release));
        for (Map.Entry<String, byte[]> module : wanted.entrySet()) {
            Files.write(tree.resolve(module.getKey() + ".ko"), module.getValue());
        }
        Files.write(
                tree.resolve("modules.builtin"),
                Files.readAllBytes(root.resolve("lib/modules/" + release + "/modules.builtin")));
        LocalCommand.output("busybox", "depmod", "-b", base.toString(), release);

        CpioArchive archive = new CpioArchive();
        try (Stream<Path> files = Files.list(tree)) {
            for (Path file : files.sorted().toList()) {
                archive.file(base.relativize(file).toString(), Files.readAllBytes(file));
            }
        }
        return archive.file("etc/modules", String.join("\n", AT_BOOT).getBytes(StandardCharsets.US_ASCII));
    }

    private static Map<String, Path> files(Path tree) throws IOException {
        Map<String, Path> files = new TreeMap<>();
        try (Stream<Path> walk = Files.walk(tree)) {
            walk.filter(Files::isRegularFile).forEach(file -> {
                String name = file.getFileName().toString();
                int dot = name.indexOf(".ko");
                if (dot > 0) {
                    files.put(name.substring(0, dot).replace('-', '_'), file);
                }
            });
        }
        return files;
    }

    /// Adds a module behind those it depends on. One that has no file is built into the kernel.
    private static void collect(String module, Map<String, Path> all, Map<String, byte[]> wanted) throws IOException {
        Path file = all.get(module);
        if (file == null || wanted.containsKey(module)) {
            return;
        }
        byte[] octets = Files.readAllBytes(file);
        if (file.toString().endsWith(".xz")) {
            octets = LocalCommand.filter(octets, "busybox", "xzcat");
        }
        for (String dependency : dependencies(octets)) {
            collect(dependency, all, wanted);
        }
        wanted.put(module, octets);
    }

    /// The .modinfo section is a list of NUL-terminated strings, one of which is depends=a,b,c.
    private static List<String> dependencies(byte[] module) {
        String text = new String(module, StandardCharsets.ISO_8859_1);
        String key = "\0depends=";
        int start = text.indexOf(key);
        if (start < 0) {
            return List.of();
        }
        start += key.length();
        List<String> names = new ArrayList<>();
        for (String name : text.substring(start, text.indexOf('\0', start)).split(",")) {
            if (!name.isEmpty()) {
                names.add(name.replace('-', '_'));
            }
        }
        return names;
    }
}
