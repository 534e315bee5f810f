package adit.conformance.world;

import adit.conformance.world.World.Caller;
import adit.linux.sys.HostOrder;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/// Makes the calling thread, and no other, somebody else. libc's own functions would change all threads of the
/// process, so these are the bare system calls.
final class ThreadCredentials {
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;
    private static final MethodHandle SYSCALL = link();
    private static final boolean ARM = System.getProperty("os.arch").equals("aarch64");
    private static final long SETGROUPS = ARM ? 159 : 116;
    private static final long SETRESUID = ARM ? 147 : 117;
    private static final long SETRESGID = ARM ? 149 : 119;
    private static final long CAPGET = ARM ? 90 : 125;
    private static final long CAPSET = ARM ? 91 : 126;
    private static final int CAPABILITY_VERSION_3 = 0x20080522;
    private static final int CAP_NET_ADMIN = 12;
    private static final int ALL = -1;
    private static final long KEEP = -1;

    private ThreadCredentials() {}

    @SuppressWarnings("restricted") // A test is root for a while and must be able to be nobody.
    private static MethodHandle link() {
        Linker linker = Linker.nativeLinker();
        return linker.downcallHandle(
                linker.defaultLookup().findOrThrow("syscall"),
                FunctionDescriptor.of(LONG, LONG, LONG, LONG, LONG),
                Linker.Option.firstVariadicArg(1));
    }

    /// Becomes `caller`; the thread must be root.
    static void become(Caller caller) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment groups =
                    arena.allocate(4L * Math.max(1, caller.groups().size()), 4);
            for (int i = 0; i < caller.groups().size(); i++) {
                HostOrder.put32(groups, i * 4L, caller.groups().get(i));
            }
            call(SETGROUPS, caller.groups().size(), groups.address(), 0);
            call(SETRESGID, KEEP, caller.group(), KEEP);
            call(SETRESUID, KEEP, caller.user(), KEEP);
            effective(caller.right() == Caller.Right.NET_ADMIN ? 1 << CAP_NET_ADMIN : 0, 0);
        }
    }

    /// Becomes root again, with all that root had: what was permitted stayed so.
    static void restore() {
        try (Arena arena = Arena.ofConfined()) {
            call(SETRESUID, KEEP, 0, KEEP);
            effective(ALL, ALL);
            call(SETRESGID, KEEP, 0, KEEP);
            call(SETGROUPS, 0, arena.allocate(4).address(), 0);
        }
    }

    /// Makes the first 32 and the other capabilities effective, as far as they are permitted.
    private static void effective(int low, int high) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment header = arena.allocate(8, 8);
            HostOrder.put32(header, 0, CAPABILITY_VERSION_3);
            MemorySegment sets = arena.allocate(24, 8);
            call(CAPGET, header.address(), sets.address(), 0);
            HostOrder.put32(sets, 0, HostOrder.i32(sets, 4) & low);
            HostOrder.put32(sets, 12, HostOrder.i32(sets, 16) & high);
            call(CAPSET, header.address(), sets.address(), 0);
        }
    }

    private static void call(long number, long a, long b, long c) {
        long answer;
        try {
            answer = (long) SYSCALL.invokeExact(number, a, b, c);
        } catch (Throwable t) {
            throw new IllegalStateException(t);
        }
        if (answer != 0) {
            throw new IllegalStateException("system call " + number + " failed");
        }
    }
}
