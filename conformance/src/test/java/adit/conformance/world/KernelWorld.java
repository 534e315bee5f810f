package adit.conformance.world;

import adit.device.Errno;
import adit.linux.LinuxException;
import adit.linux.Netns;
import adit.linux.sys.Fcntl;
import adit.linux.sys.Libc;
import adit.linux.sys.LibcProcess;
import adit.linux.sys.Sched;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.function.IntSupplier;

/// The running kernel, in a network namespace that begins with this object and is the calling thread's from
/// then on. The thread should be one that is given up afterwards.
public final class KernelWorld implements World {
    private static final long PATIENCE_NANOS = 3_000_000_000L;
    private static final int LOOPBACK = 1;

    private final LinkTalk links;
    private final ThreadSignals signals = new ThreadSignals();
    private final PacketSocket listener;
    private final PacketSocket sender;
    private Caller caller = Caller.ROOT;

    /// What only worlds of the kernel need is made with the first of them.
    private static final class Device {
        static final Path NODE = TunNode.forEverybody();
    }

    private KernelWorld() {
        links = new LinkTalk(KernelWire.asking());
        listener = PacketSocket.listening();
        sender = PacketSocket.sending();
    }

    /// Begins a namespace. [#missing] says whether this machine can.
    public static KernelWorld create() {
        int answer = LibcProcess.unshare(Libc.errnoState(), Sched.CLONE_NEWNET);
        if (answer < 0) {
            throw new IllegalStateException("unshare: " + Errno.name(-answer));
        }
        try {
            for (String which : List.of("all", "default")) {
                Path switchOff = Path.of("/proc/sys/net/ipv6/conf", which, "disable_ipv6");
                if (Files.exists(switchOff)) {
                    Files.writeString(switchOff, "1");
                }
            }
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        return new KernelWorld();
    }

    /// What this machine lacks to be such a world, in words; empty when it lacks nothing.
    public static String missing() {
        try {
            Netns.create().close();
        } catch (LinuxException e) {
            return "needs root: " + e.getMessage();
        }
        return Files.exists(TunNode.SYSTEMS) ? "" : "needs " + TunNode.SYSTEMS;
    }

    /// The kernel's version, such as 6.18.
    public static String version() {
        String[] parts = System.getProperty("os.version").split("\\.");
        return parts[0] + "." + parts[1];
    }

    @Override
    public TunHandle open(Blocking blocking) {
        int wait = blocking == Blocking.WAITS ? 0 : Fcntl.O_NONBLOCK;
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment path = arena.allocateFrom(Device.NODE.toString());
            MemorySegment errno = Libc.errnoState();
            int fd = asCaller(() -> Libc.open(errno, path, Fcntl.O_RDWR | Fcntl.O_CLOEXEC | wait, 0));
            return new KernelTunHandle(this, fd);
        }
    }

    /// Makes a call as the current caller. Only the call itself, so that nothing else in the JVM meets a closed
    /// door.
    int asCaller(IntSupplier call) {
        if (caller.equals(Caller.ROOT)) {
            return call.getAsInt();
        }
        ThreadCredentials.become(caller);
        try {
            return call.getAsInt();
        } finally {
            ThreadCredentials.restore();
        }
    }

    @Override
    public void become(Caller next) {
        caller = next;
    }

    ThreadSignals signals() {
        return signals;
    }

    @Override
    public int change(String name, LinkChange change) {
        return links.change(name, change);
    }

    @Override
    public int make(String name, String kind) {
        return links.make(name, kind);
    }

    @Override
    public Optional<LinkView> link(String name) {
        return links.link(name);
    }

    @Override
    public List<LinkView> dump(String kind) {
        return links.dump(kind);
    }

    @Override
    public void listen() {
        links.listen(KernelWire.listening());
    }

    @Override
    public List<String> told() {
        return links.told();
    }

    @Override
    public void settle() {
        links.settle();
    }

    @Override
    public SortedMap<Integer, String> devices() {
        SortedMap<Integer, String> all = links.names();
        all.remove(LOOPBACK);
        return all;
    }

    @Override
    public int inject(String name, int protocol, byte[] header, byte[] octets) {
        // Asking for the link also lets a carrier that has just come take effect.
        Optional<LinkView> link = links.link(name);
        return link.isEmpty() ? -Errno.ENODEV : sender.send(link.get().index(), protocol, header, octets);
    }

    @Override
    public List<Seen> seen(int expected) {
        Map<Integer, String> names = links.names();
        List<Seen> all = new ArrayList<>();
        long end = System.nanoTime() + PATIENCE_NANOS;
        while (true) {
            Optional<Seen> next = listener.receive(names);
            next.ifPresent(all::add);
            if (next.isEmpty() && (all.size() >= expected || System.nanoTime() > end)) {
                return all;
            }
        }
    }

    @Override
    public void pass(Duration time) {
        try {
            Thread.sleep(time);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        listener.close();
        sender.close();
        links.close();
        signals.discard();
    }
}
