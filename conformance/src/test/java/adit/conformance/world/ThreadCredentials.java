package adit.conformance.world;

import adit.conformance.world.World.Caller;
import adit.linux.sys.HostOrder;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/// Makes the calling thread, and no other, somebody else. libc's own functions would change all threads of the
/// process, so these are the bare system calls.
final class ThreadCredentials {
    private static final int CAPABILITY_VERSION_3 = 0x20080522;
    private static final int CAP_NET_ADMIN = 12;
    private static final int ALL = -1;
    private static final long KEEP = -1;

    private ThreadCredentials() {}

    /// Becomes `caller`; the thread must be root.
    static void become(Caller caller) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment groups =
                    arena.allocate(4L * Math.max(1, caller.groups().size()), 4);
            for (int i = 0; i < caller.groups().size(); i++) {
                HostOrder.put32(groups, i * 4L, caller.groups().get(i));
            }
            Syscall.SETGROUPS.require(caller.groups().size(), groups.address(), 0);
            Syscall.SETRESGID.require(KEEP, caller.group(), KEEP);
            Syscall.SETRESUID.require(KEEP, caller.user(), KEEP);
            effective(caller.right() == Caller.Right.NET_ADMIN ? 1 << CAP_NET_ADMIN : 0, 0);
        }
    }

    /// Becomes root again, with all that root had: what was permitted stayed so.
    static void restore() {
        try (Arena arena = Arena.ofConfined()) {
            Syscall.SETRESUID.require(KEEP, 0, KEEP);
            effective(ALL, ALL);
            Syscall.SETRESGID.require(KEEP, 0, KEEP);
            Syscall.SETGROUPS.require(0, arena.allocate(4).address(), 0);
        }
    }

    /// Makes the first 32 and the other capabilities effective, as far as they are permitted.
    private static void effective(int low, int high) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment header = arena.allocate(8, 8);
            HostOrder.put32(header, 0, CAPABILITY_VERSION_3);
            MemorySegment sets = arena.allocate(24, 8);
            Syscall.CAPGET.require(header.address(), sets.address(), 0);
            HostOrder.put32(sets, 0, HostOrder.i32(sets, 4) & low);
            HostOrder.put32(sets, 12, HostOrder.i32(sets, 16) & high);
            Syscall.CAPSET.require(header.address(), sets.address(), 0);
        }
    }
}
