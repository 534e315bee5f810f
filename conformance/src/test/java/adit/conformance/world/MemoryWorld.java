package adit.conformance.world;

import adit.conformance.world.World.Caller.Right;
import adit.device.Counter;
import adit.device.Device;
import adit.device.DeviceTable;
import adit.device.Errno;
import adit.device.Loopback;
import adit.linux.sys.HostOrder;
import adit.netlink.OctetString;
import adit.packet.Offload;
import adit.packet.PacketBuffer;
import adit.port.VirtualTime;
import adit.tun.Credentials;
import adit.tun.Profile;
import adit.tun.TunDriver;
import adit.tun.TunInfo;
import adit.tun.TunSpec;
import adit.tun.TunTapDevice;
import adit.tun.UserMemory;
import adit.wire.Octets;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;

/// The driver in memory, in a table of devices of its own, on virtual time. Where the kernel has a stack,
/// packets are written down and given back.
public final class MemoryWorld implements World {
    private static final int HEADER = 10;
    private static final int TAG = 4;
    private static final int ETHERNET_ADDRESSES = 12;
    private static final int NEEDS_CHECKSUM = 1;
    private static final int DATA_VALID = 2;
    private static final int ECN = 0x80;
    private static final int TAP = 2;
    private static final int TUN = 1;

    private final VirtualTime time = new VirtualTime();
    private final DeviceTable table = new DeviceTable(DeviceTable.Environment.on(time, 1));
    private final TunDriver driver = new TunDriver(table, Profile.LINUX_6_18, this::userMemory);
    private final List<MemorySegment> known = new CopyOnWriteArrayList<>();
    private final List<Delivered> delivered = new ArrayList<>();
    private Credentials caller = Credentials.ROOT;

    /// A packet and the index of the device that it came by, whose name may change.
    private record Delivered(int device, Seen packet) {}

    private MemoryWorld() {
        table.register(new Loopback(), Loopback.NAME, 0);
        table.receiver(this::receive);
    }

    /// A world without devices but lo.
    public static MemoryWorld create() {
        return new MemoryWorld();
    }

    private int userMemory(long address, MemorySegment into) {
        return UserMemory.of(known.toArray(MemorySegment[]::new)).read(address, into);
    }

    @Override
    public void share(MemorySegment memory) {
        known.add(memory);
    }

    Credentials caller() {
        return caller;
    }

    @Override
    public TunHandle open(Blocking blocking) {
        return new MemoryTunHandle(this, driver.open(caller), blocking);
    }

    @Override
    public void become(Caller next) {
        caller = new Credentials(
                next.user(),
                next.group(),
                Set.copyOf(next.groups()),
                next.right() == Right.NET_ADMIN ? Set.of(Credentials.Capability.NET_ADMIN) : Set.of());
    }

    @Override
    public int change(String name, LinkChange change) {
        Device device = table.byName(name);
        if (device == null) {
            return -Errno.ENODEV;
        }
        return switch (change) {
            case LinkChange.Up(boolean up) -> {
                if (!up) {
                    device.down();
                }
                yield up ? device.up() : 0;
            }
            case LinkChange.Mtu(int octets) -> device.mtu(octets);
            case LinkChange.QueueLength(int packets) -> device.txQueueLength(packets);
            case LinkChange.Address(OctetString octets) -> address(device, octets.octets());
            case LinkChange.Name(String newName) -> table.rename(device, newName);
            case LinkChange.Carrier(boolean on) -> device.changeCarrier(on);
            case LinkChange.Delete() -> device.delete();
        };
    }

    /// As rtnetlink takes IFLA_ADDRESS: octets behind the device's length are passed over.
    private static int address(Device device, byte[] octets) {
        if (octets.length < device.addressLength()) {
            return -Errno.EINVAL;
        }
        MemorySegment whole = MemorySegment.ofArray(new byte[8]);
        MemorySegment.copy(octets, 0, whole, ValueLayout.JAVA_BYTE, 2, Math.min(octets.length, 6));
        return device.address(device.hardwareType(), Octets.i64(whole, 0));
    }

    @Override
    public Optional<LinkView> link(String name) {
        return Optional.ofNullable(table.byName(name)).map(MemoryWorld::view);
    }

    private static LinkView view(Device device) {
        SortedMap<String, String> told = new TreeMap<>();
        told.put("type", Integer.toString(device.hardwareType()));
        told.put("flags", LinkView.flags(device.flags()));
        told.put("mtu", Integer.toString(device.mtu()));
        told.put("min_mtu", Integer.toString(device.mtuRange().minimum()));
        told.put("max_mtu", Integer.toString(device.mtuRange().maximum()));
        told.put("txqueuelen", Integer.toString(device.txQueueLength()));
        told.put("carrier", device.hasCarrier() ? "1" : "0");
        told.put("operstate", Integer.toString(device.operState().ordinal()));
        if (device.addressLength() > 0) {
            told.put("address", LinkView.address(addressOf(device)));
        }
        if (!device.kind().isEmpty()) {
            told.put("kind", device.kind());
        }
        if (device instanceof TunTapDevice tun) {
            info(tun.info(), told);
        }
        List<Long> statistics = new ArrayList<>();
        for (Counter counter : Counter.values()) {
            statistics.add(device.statistics().get(counter));
        }
        return new LinkView(device.index(), told, statistics);
    }

    private static byte[] addressOf(Device device) {
        byte[] octets = new byte[device.addressLength()];
        for (int i = 0; i < octets.length && i < 6; i++) {
            octets[i] = (byte) (device.address() >> (8 * (5 - i)));
        }
        return octets;
    }

    private static void info(TunInfo info, SortedMap<String, String> told) {
        if (info.owner() != -1) {
            told.put("owner", Integer.toString(info.owner()));
        }
        if (info.group() != -1) {
            told.put("group", Integer.toString(info.group()));
        }
        told.put("tun_type", Integer.toString(info.kind() == TunSpec.Kind.TAP ? TAP : TUN));
        told.put("pi", info.packetInformation() ? "1" : "0");
        told.put("vnet_hdr", info.vnetHeader() ? "1" : "0");
        told.put("persist", info.persistent() ? "1" : "0");
        told.put("multi_queue", info.multiQueue() ? "1" : "0");
        if (info.multiQueue()) {
            told.put("queues", Integer.toString(info.queues()));
            told.put("disabled_queues", Integer.toString(info.disabledQueues()));
        }
    }

    @Override
    public SortedMap<Integer, String> devices() {
        SortedMap<Integer, String> all = new TreeMap<>();
        for (Device device : table.devices()) {
            if (!device.name().equals(Loopback.NAME)) {
                all.put(device.index(), device.name());
            }
        }
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
        for (Device device : List.copyOf(table.devices())) {
            if (device instanceof TunTapDevice) {
                device.delete();
            }
        }
        int lent = table.buffers().lent();
        if (lent != 0) {
            throw new IllegalStateException(lent + " packets were not given back");
        }
        table.buffers().close();
    }
}
