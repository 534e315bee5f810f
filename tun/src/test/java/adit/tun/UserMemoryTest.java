package adit.tun;

import static org.assertj.core.api.Assertions.assertThat;

import adit.device.DeviceTable;
import adit.device.Errno;
import adit.device.InterfaceRequest;
import adit.port.VirtualTime;
import adit.wire.Octets;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Calls whose argument, or what it names, is known by its address alone.
class UserMemoryTest {
    private static final long NOWHERE = 1;
    private static final ByteOrder HOST = ByteOrder.nativeOrder();

    private final Arena arena = Arena.ofShared();
    private final DeviceTable table = new DeviceTable(DeviceTable.Environment.on(new VirtualTime(), 1));
    private final TunDriver driver = new TunDriver(table);

    @BeforeEach
    void needsTheProcessesMemory() {
        Assumptions.assumeTrue(Files.isReadable(Path.of("/proc/self/mem")), "needs /proc/self/mem");
    }

    @AfterEach
    void close() {
        arena.close();
    }

    private MemorySegment octets(String hex) {
        return arena.allocateFrom(ValueLayout.JAVA_BYTE, HexFormat.of().parseHex(hex));
    }

    @Test
    void readsAndWritesWhatIsThere() {
        MemorySegment there = octets("0102030405060708");
        MemorySegment into = MemorySegment.ofArray(new byte[4]);
        assertThat(UserMemory.process().read(there.address() + 2, into)).isZero();
        assertThat(into.toArray(ValueLayout.JAVA_BYTE)).containsExactly(3, 4, 5, 6);
        assertThat(UserMemory.process().write(there.address() + 4, MemorySegment.ofArray(new byte[] {9, 10})))
                .isZero();
        assertThat(there.toArray(ValueLayout.JAVA_BYTE)).containsExactly(1, 2, 3, 4, 9, 10, 7, 8);
    }

    @Test
    void findsNothingWhereNothingIs() {
        MemorySegment octet = MemorySegment.ofArray(new byte[1]);
        for (long address : new long[] {0, NOWHERE, 4095, -1, Long.MIN_VALUE, Long.MAX_VALUE, 1L << 60}) {
            assertThat(UserMemory.process().read(address, octet)).isEqualTo(-Errno.EFAULT);
            assertThat(UserMemory.process().write(address, octet)).isEqualTo(-Errno.EFAULT);
        }
    }

    @Test
    void keepsToTheRightsOfAPage() throws IOException {
        // The code of the first library, which may be read and not written.
        String line = Files.readAllLines(Path.of("/proc/self/maps")).stream()
                .filter(l -> l.contains("r-xp"))
                .findFirst()
                .orElseThrow();
        long code = Long.parseUnsignedLong(line.substring(0, line.indexOf('-')), 16);
        MemorySegment octets = MemorySegment.ofArray(new byte[4]);
        assertThat(UserMemory.process().read(code, octets)).isZero();
        assertThat(UserMemory.process().write(code, octets)).isEqualTo(-Errno.EFAULT);
    }

    @Test
    void segmentsThatAreNamedAreAllThereIs() {
        MemorySegment known = octets("01020304");
        UserMemory memory = UserMemory.of(known);
        MemorySegment two = MemorySegment.ofArray(new byte[2]);
        assertThat(memory.read(known.address() + 2, two)).isZero();
        assertThat(two.toArray(ValueLayout.JAVA_BYTE)).containsExactly(3, 4);
        assertThat(memory.read(known.address() + 3, two)).isEqualTo(-Errno.EFAULT);
        assertThat(memory.write(known.address(), two)).isZero();
        assertThat(known.toArray(ValueLayout.JAVA_BYTE)).containsExactly(3, 4, 3, 4);
        assertThat(UserMemory.of(known.asReadOnly()).write(known.address(), two))
                .isEqualTo(-Errno.EFAULT);
    }

    @Test
    void aDeviceIsMadeByTheAddressOfARequest() {
        try (MemoryTunFile file = driver.open()) {
            MemorySegment request = arena.allocate(Ifreq.SIZE, 8);
            InterfaceRequest.name(request, "t%d");
            InterfaceRequest.flags(request, TunIoctl.IFF_TUN | TunIoctl.IFF_NO_PI);
            assertThat(file.ioctl(TunIoctl.TUNSETIFF, request.address())).isZero();
            assertThat(InterfaceRequest.name(request)).isEqualTo("t0");
            // As Java has a pointer that came from elsewhere.
            MemorySegment pointer = MemorySegment.ofAddress(request.address());
            InterfaceRequest.name(request, "");
            assertThat(file.ioctl(TunIoctl.TUNGETIFF, pointer)).isZero();
            assertThat(InterfaceRequest.name(request)).isEqualTo("t0");
            assertThat(file.ioctl(TunIoctl.TUNGETIFF, NOWHERE)).isEqualTo(-Errno.EFAULT);
            assertThat(file.ioctl(TunIoctl.TUNGETIFF, 0)).isEqualTo(-Errno.EFAULT);
        }
    }

    @Test
    void aProgramIsFoundByThePointerInItsStruct() throws IOException {
        try (MemoryTunFile file = driver.open()) {
            TunControl control = new TunControl(file);
            control.attach(TunSpec.tap("tap0"));
            // "ret #20": typed calls lay out the struct and its pointer as a C program would.
            control.attachFilter(HexFormat.of().parseHex("0600000014000000"));
            assertThat(control.filterLength()).isEqualTo(1);
            MemorySegment program = octets("0600000000000000");
            MemorySegment fprog = arena.allocate(16, 8);
            Octets.put16(fprog, 0, 1, HOST);
            fprog.set(ValueLayout.JAVA_LONG, 8, program.address());
            assertThat(file.ioctl(TunIoctl.TUNATTACHFILTER, fprog)).isZero();
            assertThat(file.ioctl(TunIoctl.TUNATTACHFILTER, fprog.address())).isZero();
            fprog.set(ValueLayout.JAVA_LONG, 8, NOWHERE);
            assertThat(file.ioctl(TunIoctl.TUNATTACHFILTER, fprog)).isEqualTo(-Errno.EFAULT);
        }
    }
}
