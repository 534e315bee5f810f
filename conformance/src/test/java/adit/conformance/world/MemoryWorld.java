package adit.conformance.world;

import adit.conformance.world.World.Caller.Right;
import adit.device.Device;
import adit.device.DeviceTable;
import adit.device.Errno;
import adit.linux.sys.HostOrder;
import adit.netlink.OctetString;
import adit.netns.Namespace;
import adit.packet.Offload;
import adit.packet.PacketBuffer;
import adit.port.VirtualTime;
import adit.tun.Credentials;
import adit.tun.TunPoller;
import adit.tun.TunTapDevice;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;

/// The driver in memory, in a namespace in memory that is controlled by the same octets of rtnetlink as the
/// kernel, on virtual time. Where the kernel has a stack, packets are written down and given back.
public final class MemoryWorld implements World {
    private static final int HEADER = 10;
    private static final int TAG = 4;
    private static final int LOOPBACK = 1;
    private static final int ETHERNET_ADDRESSES = 12;
    private static final int NEEDS_CHECKSUM = 1;
    private static final int DATA_VALID = 2;
    private static final int ECN = 0x80;

    private final VirtualTime time = new VirtualTime();
    private final Namespace namespace = Namespace.builder().time(time).seed(1).open();
    private final DeviceTable table = namespace.devices();
    private final LinkTalk links = new LinkTalk(MemoryWire.asking(namespace));
    private final List<Delivered> delivered = new ArrayList<>();
    private Credentials caller = Credentials.ROOT;

    /// A packet and the index of the device that it came by, whose name may change.
    private record Delivered(int device, Seen packet) {}

    private MemoryWorld() {
        // The stack is left out: each packet is to be seen.
        table.receiver(this::receive);
    }

    /// A world without devices but lo.
    public static MemoryWorld create() {
        return new MemoryWorld();
    }

    Credentials caller() {
        return caller;
    }

    @Override
    public TunHandle open(Blocking blocking) {
        return new MemoryTunHandle(this, namespace.tun().open(caller), blocking);
    }

    @Override
    public void become(Caller next) {
        caller = new Credentials(
                next.user(),
                next.group(),
                Set.copyOf(next.groups()),
                next.right() == Right.NET_ADMIN ? Set.of(Credentials.Capability.NET_ADMIN) : Set.of());
    }

    TunPoller poller() {
        return namespace.tun().poller();
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
        links.listen(MemoryWire.listening(namespace));
    }

    @Override
    public List<String> told() {
        return links.told();
    }

    @Override
    public void settle() {
        // What happens here has happened when the call returns.
    }

    @Override
    public SortedMap<Integer, String> devices() {
        SortedMap<Integer, String> all = links.names();
        all.remove(LOOPBACK);
        return all;
    }

    /// What a packet socket looks at, and what it makes of a virtio-net header, comes first; then the device
    /// sends.
    @Override
    public int inject(String name, int protocol, byte[] header, byte[] octets) {
        Device device = table.byName(name);
        if (device == null) {
            return -Errno.ENODEV;
        }
        if (!device.isUp()) {
            return -Errno.ENETDOWN;
        }
        MemorySegment h = MemorySegment.ofArray(header);
        int kind = Byte.toUnsignedInt(header[1]);
        boolean tagged = octets.length > ETHERNET_ADDRESSES + 1
                && device.headerLength() > 0
                && octets[ETHERNET_ADDRESSES] == (byte) 0x81
                && octets[ETHERNET_ADDRESSES + 1] == 0;
        if (kind == 0 && octets.length > device.mtu() + device.headerLength() + (tagged ? TAG : 0)) {
            return -Errno.EMSGSIZE;
        }
        if (octets.length < device.headerLength()) {
            return -Errno.EINVAL;
        }
        PacketBuffer p = table.buffers().lend(octets.length);
        p.protocol(protocol);
        MemorySegment.copy(octets, 0, p.segment(), ValueLayout.JAVA_BYTE, p.put(octets.length), octets.length);
        Offload o = p.offload();
        if ((header[0] & NEEDS_CHECKSUM) != 0) {
            o.checksum = Offload.Checksum.PARTIAL;
            o.checksumStart = HostOrder.u16(h, 6);
            o.checksumOffset = HostOrder.u16(h, 8);
        }
        if (kind != 0) {
            o.segmentation = switch (kind & ~ECN) {
                case 1 -> Offload.Segmentation.TCP4;
                case 4 -> Offload.Segmentation.TCP6;
                case 5 -> Offload.Segmentation.UDP;
                default -> throw new IllegalArgumentException("segments of kind " + kind);
            };
            o.congestionWindowReduced = (kind & ECN) != 0;
            o.headerLength = HostOrder.u16(h, 2);
            o.segmentSize = HostOrder.u16(h, 4);
        }
        device.send(p);
        return 0;
    }

    private synchronized void receive(Device device, PacketBuffer p) {
        // A packet socket is not shown packets without octets.
        if (device.headerLength() + p.length() > 0) {
            delivered.add(new Delivered(device.index(), seen(device, p)));
        }
        p.release();
    }

    private static Seen seen(Device device, PacketBuffer p) {
        Offload o = p.offload();
        if (o.segmentation == Offload.Segmentation.UDP_FRAGMENT) {
            return Seen.UNSPEAKABLE;
        }
        int link = device.headerLength();
        MemorySegment h = MemorySegment.ofArray(new byte[HEADER]);
        if (o.segmentation != Offload.Segmentation.NONE) {
            int kind = switch (o.segmentation) {
                case TCP4 -> 1;
                case TCP6 -> 4;
                default -> 5;
            };
            h.set(ValueLayout.JAVA_BYTE, 1, (byte) (o.congestionWindowReduced ? kind | ECN : kind));
            HostOrder.put16(h, 4, o.segmentSize);
        }
        if (o.checksum == Offload.Checksum.PARTIAL) {
            h.set(ValueLayout.JAVA_BYTE, 0, (byte) NEEDS_CHECKSUM);
            HostOrder.put16(h, 6, o.checksumStart + link);
            HostOrder.put16(h, 8, o.checksumOffset);
        } else if (o.checksum == Offload.Checksum.VALID) {
            h.set(ValueLayout.JAVA_BYTE, 0, (byte) DATA_VALID);
        }
        byte[] octets = p.segment()
                .asSlice(p.head() - (long) link, (long) link + p.length())
                .toArray(ValueLayout.JAVA_BYTE);
        boolean tagged = p.vlan() != 0;
        String cast = switch (p.packetType()) {
            case HOST -> "host";
            case BROADCAST -> "broadcast";
            case MULTICAST -> "multicast";
            case OTHERHOST -> "other";
        };
        return new Seen(
                device.name(),
                p.protocol(),
                tagged ? TAGGED : cast,
                OctetString.of(h.toArray(ValueLayout.JAVA_BYTE)),
                OctetString.of(tagged ? World.withTag(octets, p.vlan()) : octets));
    }

    @Override
    public synchronized List<Seen> seen(int expected) {
        List<Seen> all = new ArrayList<>();
        for (Delivered one : delivered) {
            Device device = table.byIndex(one.device());
            String name = device == null ? Seen.GONE : device.name();
            all.add(
                    one.packet().equals(Seen.UNSPEAKABLE)
                            ? Seen.UNSPEAKABLE
                            : one.packet().from(name));
        }
        delivered.clear();
        return all;
    }

    @Override
    public void pass(Duration duration) {
        time.advanceBy(duration.toNanos());
    }

    @Override
    public void close() {
        links.close();
        for (Device device : List.copyOf(table.devices())) {
            if (device instanceof TunTapDevice) {
                device.delete();
            }
        }
        int lent = table.buffers().lent();
        if (lent != 0) {
            throw new IllegalStateException(lent + " packets were not given back");
        }
        namespace.close();
    }
}
