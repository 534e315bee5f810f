package adit.linux;

import static org.assertj.core.api.Assertions.assertThat;

import adit.device.DeviceTable;
import adit.device.InterfaceRequest;
import adit.linux.sys.Inet;
import adit.linux.sys.Libc;
import adit.tun.Credentials;
import adit.tun.Ethtool;
import adit.tun.Ifreq;
import adit.tun.MemoryTunFile;
import adit.tun.TunDriver;
import adit.tun.TunIoctl;
import adit.tun.TunSpec;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// The calls of ethtool(8) on a device in memory and on the kernel's, the same structures at the same addresses:
/// answers and octets are equal.
@Timeout(60)
class EthtoolAgainstKernelTest {
    private static final int[] TOLD = {
        Ethtool.GSET,
        Ethtool.GDRVINFO,
        Ethtool.GMSGLVL,
        Ethtool.GLINK,
        Ethtool.GCOALESCE,
        Ethtool.GCHANNELS,
        Ethtool.GET_TS_INFO,
    };

    private static final int ROOM = 200;
    private static final int VERSION = 36;
    private static final int VERSION_LENGTH = 32;

    /// A call: the command, and the numbers that stand behind it, 0xa5 where there are none.
    private record Call(int command, List<Integer> words) {
        static Call of(int command, int... words) {
            return new Call(command, Arrays.stream(words).boxed().toList());
        }

        void write(MemorySegment s) {
            s.fill((byte) 0xa5);
            s.set(ValueLayout.JAVA_INT_UNALIGNED, 0, command);
            for (int i = 0; i < words.size(); i++) {
                s.set(ValueLayout.JAVA_INT_UNALIGNED, 4L * (i + 1), words.get(i));
            }
        }
    }

    @FunctionalInterface
    private interface World {
        int ioctl(MemorySegment ifreq);
    }

    private static int[] coalesce(int index, int value) {
        int[] words = new int[22];
        words[index] = value;
        return words;
    }

    private static int[] link(int words) {
        int[] all = new int[23];
        all[0] = 1000;
        all[1] = 0x0102_0001;
        all[2] = words << 24;
        all[11] = 0x5a;
        all[15] = 0x3c;
        return all;
    }

    private static List<Call> calls() {
        List<Call> calls = new ArrayList<>();
        for (int command : TOLD) {
            calls.add(Call.of(command));
        }
        for (int level : new int[] {5, -1, 0}) {
            calls.add(Call.of(Ethtool.SMSGLVL, level));
            calls.add(Call.of(Ethtool.GMSGLVL));
        }
        for (int frames : new int[] {1, 64, 65, -1, 0}) {
            calls.add(Call.of(Ethtool.SCOALESCE, coalesce(1, frames)));
            calls.add(Call.of(Ethtool.GCOALESCE));
        }
        for (int other : new int[] {0, 2, 9, 21}) {
            calls.add(Call.of(Ethtool.SCOALESCE, coalesce(other, 1)));
            calls.add(Call.of(Ethtool.GCOALESCE));
        }
        for (int words = 0; words < 7; words++) {
            calls.add(Call.of(Ethtool.GLINKSETTINGS, 0, 0, words << 24));
        }
        calls.add(Call.of(Ethtool.SLINKSETTINGS, link(3)));
        calls.add(Call.of(Ethtool.SLINKSETTINGS, link(4)));
        calls.add(Call.of(Ethtool.GLINKSETTINGS, 0, 0, 4 << 24));
        calls.add(Call.of(Ethtool.GSET));
        // Wake-on-LAN, a restart of what is negotiated, registers, and one that nobody knows.
        for (int without : new int[] {0x05, 0x09, 0x04, 0x999}) {
            calls.add(Call.of(without));
        }
        return calls;
    }

    private static List<String> answers(World world, String device) {
        List<String> answers = new ArrayList<>();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment ifreq = arena.allocate(Ifreq.SIZE, 8);
            MemorySegment s = arena.allocate(ROOM, 8);
            for (Call call : calls()) {
                call.write(s);
                InterfaceRequest.name(ifreq, device);
                ifreq.set(ValueLayout.JAVA_LONG, InterfaceRequest.NAME_LENGTH, s.address());
                int answer = world.ioctl(ifreq);
                if (call.command == Ethtool.GDRVINFO && answer == 0) {
                    // Linux leaves the end of its own version behind the driver's.
                    int version = s.getString(VERSION).length();
                    s.asSlice(VERSION + version, VERSION_LENGTH - version).fill((byte) 0);
                }
                answers.add(call + " = " + answer + " "
                        + HexFormat.of()
                                .formatHex(s.toArray(ValueLayout.JAVA_BYTE))
                                .replaceAll("(a5)+$", ""));
            }
            InterfaceRequest.name(ifreq, "nobody");
            ifreq.set(ValueLayout.JAVA_LONG, InterfaceRequest.NAME_LENGTH, s.address());
            answers.add("a device that is not there = " + world.ioctl(ifreq));
            ifreq.set(ValueLayout.JAVA_LONG, InterfaceRequest.NAME_LENGTH, 8);
            answers.add("at an address where nothing is = " + world.ioctl(ifreq));
        }
        return answers;
    }

    private static List<String> inMemory(TunSpec.Kind kind) {
        TunDriver driver = new TunDriver(new DeviceTable(DeviceTable.Environment.real(1)));
        try (MemoryTunFile file = driver.open();
                Arena arena = Arena.ofConfined()) {
            MemorySegment request = arena.allocate(Ifreq.SIZE, 8);
            InterfaceRequest.name(request, "t0");
            InterfaceRequest.flags(
                    request, TunIoctl.IFF_NO_PI | (kind == TunSpec.Kind.TUN ? TunIoctl.IFF_TUN : TunIoctl.IFF_TAP));
            assertThat(file.ioctl(TunIoctl.TUNSETIFF, request)).isZero();
            return answers(ifreq -> driver.ethtool().ioctl(ifreq, Credentials.ROOT), "t0");
        }
    }

    private static List<String> inTheKernel(TunSpec.Kind kind) throws Exception {
        try (TestHost host = TestHost.create();
                TunDevice device = host.open(kind == TunSpec.Kind.TUN ? TunSpec.tun("t0") : TunSpec.tap("t0"));
                Fd socket = host.netns.call(() -> Fd.socket(Inet.SOCK_DGRAM, 0, "for ethtool"))) {
            int held = socket.hold();
            try {
                return answers(ifreq -> Libc.ioctl(Libc.errnoState(), held, Ethtool.SIOCETHTOOL, ifreq), device.name());
            } finally {
                socket.leave();
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void theSameCallsHaveTheSameAnswers(TunSpec.Kind kind) throws Exception {
        List<String> kernel = inTheKernel(kind);
        assertThat(inMemory(kind)).containsExactlyElementsOf(kernel);
        assertThat(kernel).hasSizeGreaterThan(40);
    }
}
