package adit.linux.sys;

import java.lang.foreign.MemorySegment;

/// `struct sched_attr` of linux/sched/types.h, in its first version, which every kernel takes.
public final class SchedAttr {
    /// Octets.
    public static final int SIZE = 48;
    /// The policy of threads that nobody gave another one.
    public static final int SCHED_OTHER = 0;

    private static final int SIZE_AT = 0;
    private static final int POLICY_AT = 4;
    private static final int RUNTIME_AT = 24;

    private SchedAttr() {}

    /// sched_policy.
    public static int policy(MemorySegment attributes) {
        return HostOrder.i32(attributes, POLICY_AT);
    }

    /// sched_runtime: see [#runtime(MemorySegment, long)].
    public static long runtime(MemorySegment attributes) {
        return HostOrder.i64(attributes, RUNTIME_AT);
    }

    /// Sets sched_runtime: for SCHED_OTHER the slice in nanoseconds, from Linux 6.12 on; 0 for the usual one.
    public static void runtime(MemorySegment attributes, long nanos) {
        HostOrder.put32(attributes, SIZE_AT, SIZE);
        HostOrder.put64(attributes, RUNTIME_AT, nanos);
    }
}
