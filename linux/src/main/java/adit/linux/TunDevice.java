package adit.linux;

import adit.linux.sys.Fcntl;
import adit.linux.sys.Libc;
import adit.tun.TunOffload;
import adit.tun.TunSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/// A TUN or TAP device of the kernel, and the files that are open on it.
///
/// ```java
/// try (TunDevice tun = TunDevice.open(TunSpec.tun("tun0"))) {
///     int n = tun.queue(0).read(memory);        // waits for a packet that the stack routes to tun0
/// }
/// ```
///
/// The device belongs to the network namespace of the thread that opens it ([Netns#call]). Attaching to one
/// that was made for the user (`ip tuntap add mode tun user $USER name tun0`) takes no privilege; making one
/// takes CAP_NET_ADMIN. A device that this made goes with its last file, unless [TunControl#persistent] says
/// otherwise.
///
/// Addresses, routes and the state up or down are rtnetlink's business. All methods may be called from any
/// thread.
public final class TunDevice implements AutoCloseable {
    private static final String CLONE = "/dev/net/tun";
    private static final Path NAMESPACE = Path.of("/proc/thread-self/ns/net");
    private static final int VNET_HEADER_LENGTH = 10;

    private final TunSpec spec;
    private final DeviceLink link;
    private final TunFraming framing;
    private final TunOffloads offloads;
    private final String namespace;
    private final List<TunQueue> queues = new ArrayList<>();
    private boolean closed;

    private TunDevice(TunSpec spec, DeviceLink link, TunFraming framing, TunOffloads offloads, String namespace) {
        this.spec = spec;
        this.link = link;
        this.framing = framing;
        this.offloads = offloads;
        this.namespace = namespace;
    }

    /// Makes the device or attaches to it, with one queue.
    public static TunDevice open(TunSpec spec) throws IOException {
        return open(spec, 1);
    }

    /// Makes the device or attaches to it, with `queues` queues. More than one needs
    /// [TunSpec.Option#MULTI_QUEUE]. Opens all or, on any failure, none.
    public static TunDevice open(TunSpec spec, int queues) throws IOException {
        if (queues < 1 || (queues > 1 && !spec.has(TunSpec.Option.MULTI_QUEUE))) {
            throw new IllegalArgumentException(queues + " queues; more than one needs MULTI_QUEUE");
        }
        Fd fd = openFile();
        TunDevice device;
        try {
            TunControl control = new TunControl(fd);
            if (spec.index() != 0) {
                control.nextIndex(spec.index());
            }
            control.attach(spec);
            device = around(fd, control, spec);
        } catch (Throwable t) {
            fd.close();
            throw t;
        }
        try {
            while (device.queues.size() < queues) {
                device.openQueue();
            }
            return device;
        } catch (Throwable t) {
            device.close();
            throw t;
        }
    }

    /// Takes over a TUN file that another program opened and attached, and passed on. `spec` says how that was
    /// done; the driver can't be asked whether packets have a tun_pi in front. The calling thread is in the
    /// device's namespace. Owns `fd` from then on, also when this fails.
    public static TunDevice adopt(Fd fd, TunSpec spec) throws IOException {
        try {
            int held = fd.holdOrThrow();
            try {
                int flags = Libc.fcntl(Libc.errnoState(), held, Fcntl.F_GETFL, 0);
                LinuxException.check(
                        Libc.fcntl(Libc.errnoState(), held, Fcntl.F_SETFL, flags | Fcntl.O_NONBLOCK),
                        "fcntl",
                        "O_NONBLOCK");
            } finally {
                fd.leave();
            }
            return around(fd, new TunControl(fd), spec);
        } catch (Throwable t) {
            fd.close();
            throw t;
        }
    }

    private static Fd openFile() throws LinuxException {
        return Fd.open(CLONE, Fcntl.O_RDWR | Fcntl.O_NONBLOCK);
    }

    /// The last steps of an opening. On failure the caller closes `fd`; nothing else stays open.
    private static TunDevice around(Fd fd, TunControl control, TunSpec spec) throws IOException {
        int vnetHeaderLength = 0;
        if (spec.has(TunSpec.Option.VNET_HEADER)) {
            // A device that stayed from an earlier user may have another length.
            vnetHeaderLength = VNET_HEADER_LENGTH;
            control.vnetHeaderLength(vnetHeaderLength);
        }
        String namespace = namespaceOfThread();
        DeviceLink link = DeviceLink.open(control);
        TunDevice device = new TunDevice(
                spec.attaching(link.name()),
                link,
                TunFraming.of(spec, vnetHeaderLength),
                new TunOffloads(control),
                namespace);
        device.queues.add(new TunQueue(fd, control, link, device.framing, device.offloads, 0));
        return device;
    }

    private static String namespaceOfThread() throws IOException {
        return Files.readSymbolicLink(NAMESPACE).toString();
    }

    /// Opens one more queue. The calling thread is in the device's namespace.
    public synchronized TunQueue openQueue() throws IOException {
        if (closed) {
            throw new IllegalStateException(name() + " is closed");
        }
        if (!spec.has(TunSpec.Option.MULTI_QUEUE)) {
            throw new IllegalStateException(name() + " was not opened with MULTI_QUEUE");
        }
        // TUNSETIFF would make a second device of that name in another namespace.
        if (!namespaceOfThread().equals(namespace)) {
            throw new IllegalStateException(name() + " is in another network namespace than this thread");
        }
        Fd fd = openFile();
        try {
            TunControl control = new TunControl(fd);
            control.attach(spec.named(name()));
            TunQueue queue = new TunQueue(fd, control, link, framing, offloads, queues.size());
            queues.add(queue);
            return queue;
        } catch (Throwable t) {
            fd.close();
            throw t;
        }
    }

    /// The queue that was opened first, second and so on, from 0.
    public synchronized TunQueue queue(int index) {
        return queues.get(index);
    }

    /// All queues, in the order in which they were opened; closed ones too.
    public synchronized List<TunQueue> queues() {
        return List.copyOf(queues);
    }

    /// The control calls, made on the first queue.
    public TunControl control() {
        return queue(0).control();
    }

    /// The device's name, as of the last news from the kernel.
    public String name() {
        return link.name();
    }

    /// The interface index.
    public int index() {
        return link.index();
    }

    /// What the device carries.
    public TunSpec.Kind kind() {
        return spec.kind();
    }

    /// The MTU in octets, as of the last news from the kernel; for a TAP without the Ethernet header. News is
    /// heard when a port of this device is asked for packets, or here.
    public int mtu() {
        link.refresh();
        return link.mtu();
    }

    /// Whether the device was deleted underneath. Its files are of no more use.
    public boolean isGone() {
        link.refresh();
        return link.isGone();
    }

    /// Asks for all offloads that this program's ports can use, then for fewer, until the kernel agrees;
    /// answers what it agreed to. Nothing for a device without [TunSpec.Option#VNET_HEADER].
    public Set<TunOffload> enableOffload() throws IOException {
        if (!spec.has(TunSpec.Option.VNET_HEADER)) {
            return Set.of();
        }
        return offloads.enable();
    }

    /// What the kernel has agreed to, or what is left of it: a port whose reads the kernel answers with EINVAL,
    /// or with a kind of super-packet that nobody asked for, takes some back. Any thread may ask.
    public Set<TunOffload> offloads() {
        return offloads.current();
    }

    /// Why these are not all that this program can use, for people; empty when they are.
    public String offloadReason() {
        return offloads.reason();
    }

    /// Closes all queues, which wakes whoever waits on one. Closing again does nothing.
    @Override
    public synchronized void close() throws IOException {
        closed = true;
        for (TunQueue queue : queues) {
            queue.close();
        }
        link.close();
    }

    @Override
    public String toString() {
        return name() + " (" + kind() + ", index " + index() + ")";
    }
}
