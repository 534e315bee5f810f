package adit.bsdtun;

import static org.assertj.core.api.Assertions.assertThat;

import adit.device.DeviceTable;
import adit.ip.IpStack;
import adit.packet.PacketBuffer;
import adit.port.VirtualTime;
import adit.wire.EtherType;
import adit.wire.Octets;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/// A driver under a stack that has no other devices. What reaches the stack is also written down.
final class Rig implements AutoCloseable {
    /// From 10.0.0.2 to 10.0.0.1 and back: an IPv4 header with a UDP header behind it and nothing in that.
    static final String TO_US = "4500001c 00010000 4011 0000 0a000002 0a000001 00050006 00080000";
    static final String TO_PEER = "4500001c 00010000 4011 0000 0a000001 0a000002 00060005 00080000";
    /// From fd00::1 to fd00::2: an IPv6 header and nothing behind it (RFC 8200 section 4.7).
    static final String TO_PEER_6 =
            "60000000 0000 3b 40 fd000000000000000000000000000001 fd000000000000000000000000000002";
    /// The sockaddr_in of 10.0.0.2, by hand: length, family, port, address, eight zeros.
    static final String SOCKADDR_PEER = "10 02 0000 0a000002 0000000000000000";
    /// The sockaddr_in6 of fd00::2, by hand: length 28, family 24, port, flow, address, scope.
    static final String SOCKADDR_PEER_6 = "1c 18 0000 00000000 fd000000000000000000000000000002 00000000";

    final DeviceTable table = new DeviceTable(DeviceTable.Environment.on(new VirtualTime(), 7));
    final IpStack ip = new IpStack(table);
    final BsdTunDriver driver;
    final Ifconfig ifconfig;
    final Arena arena = Arena.ofShared();
    final List<String> received = new ArrayList<>();
    private final List<BsdTunFile> files = new ArrayList<>();

    Rig() {
        this(BsdProfile.NETBSD_10);
    }

    Rig(BsdProfile profile) {
        this(profile, 0);
    }

    Rig(BsdProfile profile, int inputQueueLength) {
        driver = new BsdTunDriver(ip, profile, inputQueueLength);
        ifconfig = new Ifconfig(driver.socket());
        table.receiver((device, p) -> {
            received.add(device.name() + " " + Integer.toHexString(p.protocol()) + " " + hex(p));
            ip.receive(device, p);
        });
    }

    static String hex(PacketBuffer p) {
        return HexFormat.of()
                .formatHex(p.segment().asSlice(p.head(), p.length()).toArray(ValueLayout.JAVA_BYTE));
    }

    static String compact(String hex) {
        return hex.replace(" ", "");
    }

    BsdTunFile open(int unit) throws BsdTunException {
        BsdTunFile file = driver.open(unit);
        files.add(file);
        return file;
    }

    /// Unit 0, open, non-blocking, between 10.0.0.1 and 10.0.0.2.
    BsdTunFile ready() throws BsdTunException {
        BsdTunFile file = open(0);
        new BsdTunControl(file).blocking(false);
        ifconfig.address("tun0", "10.0.0.1", "10.0.0.2");
        return file;
    }

    BsdTunDevice device(int unit) {
        return driver.device(unit);
    }

    MemorySegment octets(String hex) {
        byte[] octets = HexFormat.of().parseHex(compact(hex));
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

    int write(BsdTunFile file, String... hex) {
        return file.write(octets(String.join("", hex)));
    }

    /// What a read answers: octets in hexadecimal, or the name of an error.
    String read(BsdTunFile file) {
        MemorySegment into = junk(2000);
        int n = file.read(into);
        return n < 0
                ? BsdErrno.name(-n)
                : HexFormat.of().formatHex(into.asSlice(0, n).toArray(ValueLayout.JAVA_BYTE));
    }

    /// An ioctl with an int.
    int ioctl(BsdTunFile file, int command, int value) {
        MemorySegment s = junk(4);
        Octets.put32(s, 0, value, ByteOrder.nativeOrder());
        return file.ioctl(command, s);
    }

    /// The int that an ioctl answers.
    int ask(BsdTunFile file, int command) {
        MemorySegment s = junk(4);
        assertThat(file.ioctl(command, s)).isZero();
        return Octets.i32(s, 0, ByteOrder.nativeOrder());
    }

    PacketBuffer packet(int protocol, String hex) {
        MemorySegment octets = octets(hex);
        int length = (int) octets.byteSize();
        PacketBuffer p = table.buffers().lend(length);
        p.protocol(protocol);
        MemorySegment.copy(octets, 0, p.segment(), p.put(length), length);
        return p;
    }

    /// The stack sends an IPv4 packet through a unit, past all that the stack itself would look at.
    int output(int unit, String hex) {
        return device(unit).output(packet(EtherType.IPV4, hex));
    }

    int output6(int unit, String hex) {
        return device(unit).output(packet(EtherType.IPV6, hex));
    }

    @Override
    public void close() {
        files.forEach(BsdTunFile::close);
        for (int i = 0; i < 4; i++) {
            driver.destroy(i);
        }
        assertThat(table.buffers().lent()).as("packets that nobody gave back").isZero();
        ip.close();
        table.buffers().close();
        arena.close();
    }
}
