package adit.fuzz;

import adit.bsdtun.BsdIoctl;
import adit.bsdtun.BsdProfile;
import adit.bsdtun.BsdTunDriver;
import adit.bsdtun.BsdTunFile;
import adit.bsdtun.Ifconfig;
import adit.bsdtun.InterfaceCall;
import adit.bsdtun.InterfaceSocket;
import adit.netns.Namespace;
import adit.port.VirtualTime;
import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/// Whatever is written to a BSD tun, and whatever its calls are given, is taken or refused with an errno; the stack
/// behind it answers or drops; every buffer comes back.
class BsdTunFuzzTest {
    private static final int MAX_STEPS = 16;
    private static final int MAX_LENGTH = 3_000;
    private static final int MAX_ARGUMENT = 300;
    private static final int LAST_ERRNO = 96;
    private static final Integer[] FRAMINGS = {0, BsdIoctl.TUNSLMODE, BsdIoctl.TUNSIFHEAD};
    private static final Integer[] FILE_CALLS = {
        BsdIoctl.TUNSDEBUG, BsdIoctl.TUNGDEBUG, BsdIoctl.TUNSIFMODE, BsdIoctl.TUNSLMODE, BsdIoctl.TUNSIFHEAD,
        BsdIoctl.TUNGIFHEAD, BsdIoctl.FIONBIO, BsdIoctl.FIOASYNC, BsdIoctl.FIONREAD, BsdIoctl.FIOSETOWN,
        BsdIoctl.FIOGETOWN, BsdIoctl.TIOCSPGRP, BsdIoctl.TIOCGPGRP
    };

    private static void check(int answer, int most) {
        if (answer > most || answer < -LAST_ERRNO) {
            throw new AssertionError("answer " + answer);
        }
    }

    private static void set(BsdTunFile file, int command, Arena arena) {
        MemorySegment one = arena.allocate(Integer.BYTES);
        one.fill((byte) 1);
        check(file.ioctl(command, one), 0);
    }

    /// The profile; the framing; packets, each behind its length.
    @FuzzTest
    void takesOrRefusesAnyWrite(byte[] octets) throws IOException {
        Input input = new Input(octets);
        // Closing is refused while a packet is out.
        try (Arena arena = Arena.ofConfined();
                Namespace namespace =
                        Namespace.builder().time(new VirtualTime()).seed(1).open()) {
            BsdTunDriver driver = new BsdTunDriver(namespace.ip(), input.oneOf(BsdProfile.values()));
            try (BsdTunFile file = driver.open(0)) {
                new Ifconfig(driver.socket()).address("tun0", "10.0.0.1", "10.0.0.2");
                namespace.forwarding(true);
                set(file, BsdIoctl.FIONBIO, arena);
                int framing = input.oneOf(FRAMINGS);
                if (framing != 0) {
                    set(file, framing, arena);
                }
                MemorySegment packet = arena.allocate(MAX_LENGTH);
                MemorySegment back = arena.allocate(0x1000);
                for (int i = 0; i < MAX_STEPS && !input.isEmpty(); i++) {
                    byte[] one = input.counted(MAX_LENGTH);
                    MemorySegment.copy(MemorySegment.ofArray(one), 0, packet, 0, one.length);
                    int answer = file.write(packet, 0, one.length);
                    check(answer, one.length);
                    if (answer >= 0 && answer != one.length) {
                        throw new AssertionError(answer + " to a write of " + one.length);
                    }
                    while (file.read(back) > 0) {
                        // What the stack has to say to it.
                    }
                }
            }
        }
    }

    /// The profile; calls, each a kind, a number, and an argument behind its length: on the file, on an interface by
    /// its number, on an interface by any number, or a write.
    @FuzzTest
    void takesOrRefusesAnyCall(byte[] octets) throws IOException {
        Input input = new Input(octets);
        try (Arena arena = Arena.ofConfined();
                Namespace namespace =
                        Namespace.builder().time(new VirtualTime()).seed(1).open()) {
            BsdProfile profile = input.oneOf(BsdProfile.values());
            BsdTunDriver driver = new BsdTunDriver(namespace.ip(), profile);
            InterfaceSocket socket = driver.socket();
            try (BsdTunFile file = driver.open(0)) {
                for (int i = 0; i < MAX_STEPS && !input.isEmpty(); i++) {
                    int kind = input.u8() & 3;
                    int number = input.u16() << 16 | input.u16();
                    byte[] argument = input.counted(MAX_ARGUMENT);
                    MemorySegment s = arena.allocate(Math.max(1, argument.length), 8)
                            .asSlice(0, argument.length)
                            .copyFrom(MemorySegment.ofArray(argument));
                    InterfaceCall[] calls = InterfaceCall.values();
                    check(
                            switch (kind) {
                                case 0 ->
                                    file.ioctl(FILE_CALLS[Integer.remainderUnsigned(number, FILE_CALLS.length)], s);
                                case 1 ->
                                    socket.ioctl(
                                            calls[Integer.remainderUnsigned(number, calls.length)].command(profile), s);
                                case 2 -> socket.ioctl(number, s);
                                default -> Math.min(0, file.write(s));
                            },
                            0);
                }
            }
        }
    }
}
