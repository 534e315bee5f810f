package adit.fuzz;

import adit.device.Device;
import adit.device.DeviceTable;
import adit.packet.PacketBuffer;
import adit.port.VirtualTime;
import adit.tun.Credentials;
import adit.tun.MemoryTunFile;
import adit.tun.Profile;
import adit.tun.TunDriver;
import adit.tun.UserMemory;
import com.code_intelligence.jazzer.junit.FuzzTest;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Set;

/// Whatever ioctls are made on three files, with whatever argument, between whatever writes, reads, closes and
/// transmissions: each call answers a number or an errno, and every buffer comes back.
class TunIoctlFuzzTest {
    private static final int MAX_CALLS = 64;
    private static final int MAX_ARGUMENT = 128;
    private static final int LAST_ERRNO = 133;
    private static final int FIRST_COMMAND = 0xc8;
    private static final int COMMANDS = 0x1c;
    private static final Integer[] DIRECTIONS = {0x4004_5400, 0x8004_5400, 0x4010_5400, 0x8010_5400, 0x5400};
    private static final Integer[] SOCKETS = {0x8927, 0x8924, 0x894c, 0x8921};
    private static final Profile[] PROFILES = Profile.values();

    /// The profile; then calls: which file, what is done, and with what.
    @FuzzTest
    void answersAnyCalls(byte[] octets) {
        Input input = new Input(octets);
        DeviceTable table = new DeviceTable(DeviceTable.Environment.on(new VirtualTime(), 1));
        table.receiver((device, p) -> device.send(p));
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment argument = arena.allocate(MAX_ARGUMENT, 8);
            TunDriver driver = new TunDriver(table, input.oneOf(PROFILES), UserMemory.of(argument));
            MemoryTunFile[] files = new MemoryTunFile[3];
            for (int i = 0; i < files.length; i++) {
                files[i] = open(driver);
            }
            for (int i = 0; i < MAX_CALLS && !input.isEmpty(); i++) {
                int which = input.u8() % files.length;
                switch (input.u8() % 10) {
                    case 0 -> {
                        files[which].close();
                        files[which] = open(driver);
                    }
                    case 1 -> check(files[which].write(bytes(input, argument)));
                    case 2 -> check(files[which].read(argument, 0, input.u8()));
                    case 3 -> transmit(table, input);
                    case 4 -> administer(table, input);
                    case 5 -> files[which].caller(caller(input));
                    case 6 -> check(files[which].ioctl(input.oneOf(SOCKETS), bytes(input, argument)));
                    case 7 -> {
                        // The argument by its address, of which some lie outside.
                        int command = command(input);
                        bytes(input, argument);
                        check(files[which].ioctl(command, argument.address() + input.u8()));
                    }
                    default -> check(files[which].ioctl(command(input), bytes(input, argument)));
                }
            }
            for (MemoryTunFile file : files) {
                file.close();
            }
            List.copyOf(table.devices()).forEach(Device::delete);
        }
        if (table.buffers().lent() != 0) {
            throw new AssertionError(table.buffers().lent() + " buffers did not come back");
        }
        table.buffers().close();
    }

    private static MemoryTunFile open(TunDriver driver) {
        MemoryTunFile file = driver.open();
        file.blocking(false);
        return file;
    }

    private static int command(Input input) {
        return input.oneOf(DIRECTIONS) | FIRST_COMMAND + input.u8() % COMMANDS;
    }

    private static MemorySegment bytes(Input input, MemorySegment argument) {
        byte[] octets = input.octets(input.u8() % (MAX_ARGUMENT + 1));
        MemorySegment.copy(octets, 0, argument, ValueLayout.JAVA_BYTE, 0, octets.length);
        return argument.asSlice(0, octets.length);
    }

    private static Credentials caller(Input input) {
        int user = input.u8() % 3;
        return user == 0 ? Credentials.ROOT : new Credentials(user, user, Set.of(input.u8()), Set.of());
    }

    private static void transmit(DeviceTable table, Input input) {
        for (Device device : table.devices()) {
            byte[] octets = input.octets(input.u8());
            if (octets.length >= device.headerLength()) {
                PacketBuffer p = table.buffers().lend(octets.length);
                p.protocol(0x0800);
                MemorySegment.copy(octets, 0, p.segment(), ValueLayout.JAVA_BYTE, p.put(octets.length), octets.length);
                device.send(p);
            }
        }
    }

    private static void administer(DeviceTable table, Input input) {
        for (Device device : List.copyOf(table.devices())) {
            int what = input.u8();
            int answer = switch (what % 7) {
                case 0 -> device.up();
                case 1 -> {
                    device.down();
                    yield 0;
                }
                case 2 -> device.delete();
                case 3 -> device.txQueueLength(input.u16() - 2);
                case 4 -> device.mtu(input.u16());
                case 5 -> device.changeCarrier(what > 127);
                default -> table.rename(device, "t" + what);
            };
            check(answer);
        }
    }

    private static void check(int answer) {
        if (answer < -LAST_ERRNO) {
            throw new AssertionError("answered " + answer);
        }
    }
}
