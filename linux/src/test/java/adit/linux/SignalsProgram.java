package adit.linux;

import adit.linux.sys.Fcntl;
import adit.linux.sys.HostOrder;
import adit.linux.sys.Libc;
import adit.linux.sys.LibcSocket;
import adit.linux.sys.Signal;
import adit.packet.PacketBatch;
import adit.packet.PacketPool;
import adit.tun.TunSpec;
import adit.wire.Octets;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// A program of its own: prints which signals the process has handlers for, at the start, after a port's thread has
/// rested in poll, and after it has rested in the read.
final class SignalsProgram {
    private static final int AF_UNIX = 1;
    private static final int SOCK_SEQPACKET = 5;
    private static final String CAUGHT = "SigCgt:";
    private static final int RESTS = 5;
    private static final int TRIES = 20_000;

    private SignalsProgram() {}

    public static void main(String[] arguments) throws Exception {
        MemorySegment pair = Arena.global().allocate(8, 4);
        int type = SOCK_SEQPACKET | Fcntl.O_CLOEXEC | Fcntl.O_NONBLOCK;
        LinuxException.check(LibcSocket.socketpair(Libc.errnoState(), AF_UNIX, type, 0, pair), "socketpair", "");
        int far = HostOrder.i32(pair, 4);
        TunFraming framing = new TunFraming(TunSpec.Kind.TUN, TunFraming.Information.ABSENT, 0);
        printCaught();
        try (Fd near = Fd.own(HostOrder.i32(pair, 0), "socketpair", "");
                PacketPool pool = new PacketPool(8, 0, 100);
                TunPort port = new TunPort(near, near::close, null, framing, why -> {}, 0, pool)) {
            try (PollIdle idle = new PollIdle(IdleStrategy.POLL, List.of(near))) {
                for (int i = 0; i < RESTS; i++) {
                    round(port, idle, far);
                }
            }
            printCaught();
            try (PollIdle idle = new PollIdle(IdleStrategy.POLL, List.of(near), port.restInRead())) {
                for (int i = 0; i < TRIES && catchesNoRealTimeSignal(); i++) {
                    round(port, idle, far);
                }
            }
            printCaught();
        }
    }

    private static boolean catchesNoRealTimeSignal() throws IOException {
        long ofJdk = 1L << (Signal.OF_JDK - 1);
        return (Long.parseUnsignedLong(caught(), 16) & ~ofJdk) >>> (Signal.LOWEST - 1) == 0;
    }

    /// A packet comes a moment after the thread has gone to rest.
    private static void round(TunPort port, PollIdle idle, int far) throws Exception {
        PacketBatch batch = new PacketBatch(4);
        MemorySegment packet = Arena.global().allocate(20);
        Octets.put8(packet, 0, 0x45);
        Thread sender = Thread.ofPlatform().start(() -> {
            try {
                Thread.sleep(1);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            Libc.write(Libc.errnoState(), far, packet, 0, 20);
        });
        int moved = 0;
        while (moved == 0) {
            idle.idle(0);
            moved = port.receive(batch);
        }
        batch.releaseAll();
        idle.wake();
        idle.idle(moved);
        sender.join();
    }

    private static void printCaught() throws IOException {
        System.out.println(caught());
    }

    private static String caught() throws IOException {
        return Files.readAllLines(Path.of("/proc/self/status")).stream()
                .filter(line -> line.startsWith(CAUGHT))
                .findFirst()
                .orElseThrow()
                .substring(CAUGHT.length())
                .strip();
    }
}
