package adit.tun;

import static org.assertj.core.api.Assertions.assertThat;

import adit.device.Device;
import adit.device.DeviceTable;
import adit.device.InterfaceRequest;
import adit.packet.PacketBuffer;
import adit.port.VirtualTime;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/// A namespace without a stack: what devices receive is written down, and a test sends what it likes.
final class Rig implements AutoCloseable {
    static final int TUN = TunIoctl.IFF_TUN | TunIoctl.IFF_NO_PI;
    static final int TAP = TunIoctl.IFF_TAP | TunIoctl.IFF_NO_PI;

    final VirtualTime time = new VirtualTime();
    final DeviceTable table = new DeviceTable(DeviceTable.Environment.on(time, 7));
    final Arena arena = Arena.ofShared();
    final TunDriver driver;
    final List<String> received = new ArrayList<>();
    private final List<TunFile> files = new ArrayList<>();

    Rig() {
        this(Profile.LINUX_6_18);
    }

    Rig(Profile profile) {
        driver = new TunDriver(table, profile, UserMemory.none());
        table.receiver((device, p) -> {
            synchronized (received) {
                received.add(device.name() + " " + Integer.toHexString(p.protocol()) + " " + hex(p));
            }
            p.release();
        });
    }

    static String hex(PacketBuffer p) {
        return HexFormat.of()
                .formatHex(p.segment().asSlice(p.head(), p.length()).toArray(ValueLayout.JAVA_BYTE));
    }

    MemoryTunFile open() {
        MemoryTunFile file = driver.open();
        file.blocking(false);
        files.add(file);
        return file;
    }

    /// A file attached to a device that is up.
    MemoryTunFile attached(String name, int flags) {
        MemoryTunFile file = open();
        assertThat(setInterface(file, name, flags)).isZero();
        assertThat(file.device().up()).isZero();
        return file;
    }

    int setInterface(TunFile file, String name, int flags) {
        MemorySegment request = arena.allocate(Ifreq.SIZE, 8);
        InterfaceRequest.name(request, name);
        InterfaceRequest.flags(request, flags);
        return file.ioctl(TunIoctl.TUNSETIFF, request);
    }

    int setQueue(TunFile file, int flags) {
        MemorySegment request = arena.allocate(Ifreq.SIZE, 8);
        InterfaceRequest.flags(request, flags);
        return file.ioctl(TunIoctl.TUNSETQUEUE, request);
    }

    MemorySegment octets(String hex) {
        byte[] octets = HexFormat.of().parseHex(hex.replace(" ", ""));
        MemorySegment s = arena.allocate(Math.max(1, octets.length)).asSlice(0, octets.length);
        s.copyFrom(MemorySegment.ofArray(octets));
        return s;
    }

    /// Memory in which every octet that nobody writes shows.
    MemorySegment junk(int octets) {
        MemorySegment s = arena.allocate(octets);
        s.fill((byte) 0xa5);
        return s;
    }

    static String hex(MemorySegment s, int octets) {
        return HexFormat.of().formatHex(s.asSlice(0, octets).toArray(ValueLayout.JAVA_BYTE));
    }

    /// The stack sends octets through a device.
    void send(Device device, int protocol, String hex) {
        device.send(packet(protocol, hex));
    }

    PacketBuffer packet(int protocol, String hex) {
        MemorySegment octets = octets(hex);
        int length = (int) octets.byteSize();
        PacketBuffer p = table.buffers().lend(length);
        p.protocol(protocol);
        MemorySegment.copy(octets, 0, p.segment(), p.put(length), length);
        return p;
    }

    @Override
    public void close() {
        files.forEach(TunFile::close);
        assertThat(table.buffers().lent()).as("packets that nobody gave back").isZero();
        table.buffers().close();
        arena.close();
    }
}
