package adit.interop.guest;

import adit.interop.host.Host;
import adit.interop.host.Keeper;
import adit.interop.host.Outcome;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// A running virtual machine with a Linux kernel of one's choice.
///
/// Emulated throughout (qemu's TCG), so it runs wherever qemu does, and everything in it takes some ten times
/// longer. No interface offloads anything: what passes its cables are the packets as they would stand on a real
/// wire, each with its checksum.
public final class Guest implements Host, AutoCloseable {
    private static final Duration BOOT_LIMIT = Duration.ofMinutes(5);
    private static final Duration START_LIMIT = Duration.ofMinutes(1);
    private static final String NO_OFFLOAD = "csum=off,guest_csum=off,gso=off,guest_tso4=off,guest_tso6=off,"
            + "guest_ecn=off,guest_ufo=off,host_tso4=off,host_tso6=off,host_ecn=off,host_ufo=off";

    private final Path directory;
    private final Keeper qemu;
    private final ControlPort control;
    private final Map<String, FrameWire> wires;
    private final String release;

    private Guest(Path directory, Keeper qemu, ControlPort control, Map<String, FrameWire> wires, String release) {
        this.directory = directory;
        this.qemu = qemu;
        this.control = control;
        this.wires = wires;
        this.release = release;
    }

    /// Boots a guest with these network interfaces and waits until it takes scripts. They are down and without
    /// address yet. All [Nic.Tap]s must be in one namespace.
    public static Guest boot(KernelImage image, Nic... nics) throws IOException {
        // In /tmp whatever java.io.tmpdir says: the path of a UNIX socket has 107 octets at most.
        Path directory = Files.createTempDirectory(
                Path.of("/tmp"), "adit-" + ProcessHandle.current().pid() + "-guest");
        try (OutputStream initramfs = Files.newOutputStream(directory.resolve("initramfs"))) {
            initramfs.write(Userland.archive());
            Files.copy(image.modules(), initramfs);
        }
        Map<String, FrameWire> wires = new HashMap<>();
        Keeper qemu = null;
        ControlPort control = null;
        try (Plug controlPlug = Plug.open(directory.resolve("control"));
                Plugs wirePlugs = Plugs.open(directory, nics)) {
            qemu = start(directory, command(directory, image, nics));
            control = new ControlPort(controlPlug.accept(START_LIMIT));
            for (Map.Entry<String, Plug> plug : wirePlugs.plugs().entrySet()) {
                wires.put(plug.getKey(), new FrameWire(plug.getValue().accept(START_LIMIT), plug.getKey()));
            }
            return new Guest(directory, qemu, control, wires, control.hello(BOOT_LIMIT));
        } catch (IOException e) {
            String log = log(directory);
            if (qemu != null) {
                qemu.close();
            }
            throw new IOException("the guest has not come up: " + e.getMessage() + log, e);
        }
    }

    private static Keeper start(Path directory, List<String> command) throws IOException {
        String quoted = command.stream()
                .map(word -> "'" + word.replace("'", "'\\''") + "'")
                .collect(Collectors.joining(" "));
        return Keeper.make(
                quoted + " < /dev/null > " + directory.resolve("qemu.log") + " 2>&1 & qemu=$!",
                "kill -9 $qemu; wait $qemu; rm -rf " + directory);
    }

    private static List<String> command(Path directory, KernelImage image, Nic... nics) {
        List<String> command = new ArrayList<>();
        for (Nic nic : nics) {
            if (nic instanceof Nic.Tap tap && command.isEmpty()) {
                command.addAll(tap.namespace().command());
            }
        }
        String names =
                IntStream.range(0, nics.length).mapToObj(i -> nics[i].name()).collect(Collectors.joining(","));
        command.addAll(
                List.of("qemu-system-x86_64", "-nodefaults", "-no-user-config", "-display", "none", "-no-reboot"));
        command.addAll(List.of("-machine", "q35,accel=tcg", "-cpu", "max", "-smp", "1", "-m", "256"));
        command.addAll(List.of("-kernel", image.vmlinux().toString()));
        command.addAll(List.of("-initrd", directory.resolve("initramfs").toString()));
        command.addAll(List.of(
                "-append", "console=ttyS0 quiet panic=-1 mitigations=off nokaslr rdinit=/init eth.names=" + names));
        command.addAll(List.of("-serial", "file:" + directory.resolve("console.log")));
        command.addAll(List.of(
                "-device",
                "virtio-serial-pci",
                "-chardev",
                "socket,id=control,path=" + directory.resolve("control"),
                "-device",
                "virtserialport,chardev=control,name=control"));
        for (int i = 0; i < nics.length; i++) {
            String backend = switch (nics[i]) {
                case Nic.Tap tap -> "tap,ifname=" + tap.name() + ",script=no,downscript=no";
                case Nic.Wire wire -> "stream,server=off,addr.type=unix,addr.path=" + directory.resolve(wire.name());
            };
            command.addAll(List.of(
                    "-netdev",
                    backend + ",id=net" + i,
                    "-device",
                    "virtio-net-pci,netdev=net" + i + ",mac=" + mac(i) + ",romfile=," + NO_OFFLOAD));
        }
        return command;
    }

    private static String mac(int nic) {
        return "52:54:00:ad:17:%02x".formatted(nic);
    }

    @Override
    public Outcome exec(String script, Duration limit) {
        try {
            return control.exec(script, limit);
        } catch (IOException e) {
            throw new UncheckedIOException(
                    e.getMessage() + " after" + System.lineSeparator() + script.indent(4) + log(directory), e);
        }
    }

    @Override
    public String name() {
        return "the guest (" + release + ")";
    }

    @Override
    public String scratch() {
        return "/run";
    }

    /// The release of the running kernel, such as 6.12.117+deb12-cloud-amd64.
    public String release() {
        return release;
    }

    /// The near end of the [Nic.Wire] of this name.
    public FrameWire wire(String name) {
        return wires.get(name);
    }

    /// What the kernel and the first process have written to the console.
    public String console() {
        return log(directory);
    }

    private static String log(Path directory) {
        StringBuilder text = new StringBuilder();
        for (String name : List.of("qemu.log", "console.log")) {
            try {
                Path file = directory.resolve(name);
                if (Files.exists(file) && Files.size(file) > 0) {
                    text.append(System.lineSeparator()).append(name).append(":").append(System.lineSeparator());
                    text.append(Files.readString(file).indent(4));
                }
            } catch (IOException e) {
                text.append(e);
            }
        }
        return text.toString();
    }

    /// Ends the machine at once, as pulling its plug would, and removes its files.
    @Override
    public void close() {
        try {
            control.close();
            for (FrameWire wire : wires.values()) {
                wire.close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            qemu.close();
        }
    }

    /// A UNIX socket that qemu connects to.
    private record Plug(ServerSocketChannel server) implements AutoCloseable {
        static Plug open(Path path) throws IOException {
            ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
            server.bind(UnixDomainSocketAddress.of(path));
            server.configureBlocking(false);
            return new Plug(server);
        }

        SocketChannel accept(Duration limit) throws IOException {
            long end = System.nanoTime() + limit.toNanos();
            for (SocketChannel channel = server.accept(); ; channel = server.accept()) {
                if (channel != null) {
                    channel.configureBlocking(true);
                    return channel;
                }
                if (System.nanoTime() > end) {
                    throw new IOException("qemu has not started within " + limit.toSeconds() + " s");
                }
                try {
                    Thread.sleep(5);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    throw new IOException("interrupted", e);
                }
            }
        }

        @Override
        public void close() throws IOException {
            server.close();
        }
    }

    /// The sockets of all wires, by their names.
    private record Plugs(Map<String, Plug> plugs) implements AutoCloseable {
        static Plugs open(Path directory, Nic... nics) throws IOException {
            Map<String, Plug> plugs = new HashMap<>();
            for (Nic nic : nics) {
                if (nic instanceof Nic.Wire) {
                    plugs.put(nic.name(), Plug.open(directory.resolve(nic.name())));
                }
            }
            return new Plugs(plugs);
        }

        @Override
        public void close() throws IOException {
            for (Plug plug : plugs.values()) {
                plug.close();
            }
        }
    }
}
