package adit.conformance.world;

import adit.linux.sys.HostOrder;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.Map;

/// SIGIO for the calling thread, counted by file. In its place comes a real-time signal, of which none is lost,
/// and which the thread fetches and nobody handles.
final class ThreadSignals {
    private static final int SIGNAL = 50;
    private static final int SET = 8;
    private static final int SIGINFO = 128;
    private static final int SIGINFO_FD = 24;
    private static final int SIG_BLOCK = 0;
    private static final int F_GETFL = 3;
    private static final int F_SETFL = 4;
    private static final int F_SETSIG = 10;
    private static final int F_SETOWN_EX = 15;
    private static final int F_OWNER_TID = 0;
    private static final int O_ASYNC = 0x2000;

    private final Map<Integer, Integer> counts = new HashMap<>();

    /// Switches the signals of a file on or off.
    void set(int fd, boolean on) {
        fetch();
        counts.remove(fd);
        try (Arena arena = Arena.ofConfined()) {
            Syscall.RT_SIGPROCMASK.require(SIG_BLOCK, set(arena).address(), 0, SET);
            MemorySegment owner = arena.allocate(8, 4);
            HostOrder.put32(owner, 0, F_OWNER_TID);
            HostOrder.put32(owner, 4, (int) Syscall.GETTID.require());
            Syscall.FCNTL.require(fd, F_SETOWN_EX, owner.address());
            Syscall.FCNTL.require(fd, F_SETSIG, SIGNAL);
            long flags = Syscall.FCNTL.require(fd, F_GETFL);
            Syscall.FCNTL.require(fd, F_SETFL, on ? flags | O_ASYNC : flags & ~O_ASYNC);
        }
    }

    private static MemorySegment set(Arena arena) {
        MemorySegment set = arena.allocate(SET, SET);
        HostOrder.put64(set, 0, 1L << (SIGNAL - 1));
        return set;
    }

    /// How many signals of a file came since the last time.
    int count(int fd) {
        fetch();
        Integer count = counts.remove(fd);
        return count == null ? 0 : count;
    }

    /// Fetches those that nobody asked for: the virtual machine unblocks signals at the end of a thread, and one
    /// that waits then would end the process.
    void discard() {
        fetch();
        counts.clear();
    }

    private void fetch() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment set = set(arena);
            MemorySegment info = arena.allocate(SIGINFO, 8);
            MemorySegment now = arena.allocate(16, 8);
            while (Syscall.RT_SIGTIMEDWAIT.call(set.address(), info.address(), now.address(), SET) == SIGNAL) {
                counts.merge(HostOrder.i32(info, SIGINFO_FD), 1, Integer::sum);
            }
        }
    }
}
