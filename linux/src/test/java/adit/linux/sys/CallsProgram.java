package adit.linux.sys;

import com.sun.management.ThreadMXBean;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;

/// A program of its own: makes the calls of the packet path over and over, as rarely within a loop as threads of
/// packets make them, and prints how many octets a round allocates once the compilers are done.
final class CallsProgram {
    private static final int AF_UNIX = 1;
    private static final int SOCK_SEQPACKET = 5;
    private static final int ROUNDS = 100_000;
    private static final int TRIALS = 20;
    /// Packets that a loop passes over for each one that needs a call.
    private static final int SPARSE = 16;

    private final MemorySegment errno;
    private final MemorySegment set;
    private final MemorySegment octets;
    private final MemorySegment address = MemorySegment.NULL;
    private final MessageTableOfOne out;
    private final MessageTableOfOne in;
    private final int a;
    private final int b;

    private record MessageTableOfOne(MemorySegment message, MemorySegment vectors) {
        MessageTableOfOne(Arena arena, MemorySegment octets) {
            this(arena.allocate(Message.MULTI_SIZE, 8), arena.allocate(Iovec.SIZE, 8));
            Iovec.set(vectors, 0, octets, 0, octets.byteSize());
            Message.vectors(message, 0, vectors, 1);
        }
    }

    private CallsProgram(Arena arena) {
        errno = Libc.newErrnoState(arena);
        octets = arena.allocate(64);
        out = new MessageTableOfOne(arena, octets);
        in = new MessageTableOfOne(arena, octets);
        MemorySegment pair = arena.allocate(8, 4);
        if (LibcSocket.socketpair(errno, AF_UNIX, SOCK_SEQPACKET, 0, pair) < 0) {
            throw new IllegalStateException("no socket pair");
        }
        a = HostOrder.i32(pair, 0);
        b = HostOrder.i32(pair, 4);
        set = arena.allocate(Poll.SIZE, 8);
        Poll.set(set, 0, b, Poll.POLLIN);
    }

    public static void main(String[] arguments) {
        CallsProgram calls = new CallsProgram(Arena.ofAuto());
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        double least = Double.MAX_VALUE;
        for (int trial = 0; trial < TRIALS; trial++) {
            long before = threads.getCurrentThreadAllocatedBytes();
            int moved = 0;
            for (int round = 0; round < ROUNDS; round++) {
                moved += calls.round(round);
            }
            if (moved != 2 * (ROUNDS / SPARSE)) {
                throw new IllegalStateException(moved + " moved");
            }
            least = Math.min(least, (threads.getCurrentThreadAllocatedBytes() - before) / (double) ROUNDS * SPARSE);
        }
        System.out.println(least);
    }

    /// Answers how many messages arrived.
    private int round(int round) {
        int moved = 0;
        if (round % SPARSE == 0) {
            moved += LibcSocket.sendmmsg(errno, a, out.message, 1, 0);
            moved -= LibcSocket.sendto(errno, a, octets, octets.byteSize(), 0, address, 0) > 0 ? 0 : 1;
        }
        if (round % SPARSE == 1) {
            Libc.ppoll(errno, set, 1, MemorySegment.NULL);
            moved += LibcSocket.recvmmsg(errno, b, in.message, 1, 0, MemorySegment.NULL);
            moved -= LibcSocket.recvfrom(errno, b, octets, octets.byteSize(), 0, address, address) > 0 ? 0 : 1;
        }
        return moved;
    }
}
