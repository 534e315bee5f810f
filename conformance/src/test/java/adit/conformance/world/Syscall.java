package adit.conformance.world;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Arrays;

/// System calls that act on one thread alone, or that nothing but a test needs, by their numbers.
enum Syscall {
    SETGROUPS(116, 159),
    SETRESUID(117, 147),
    SETRESGID(119, 149),
    CAPGET(125, 90),
    CAPSET(126, 91),
    RT_SIGPROCMASK(14, 135),
    RT_SIGTIMEDWAIT(128, 137),
    GETTID(186, 178),
    FCNTL(72, 25),
    MMAP(9, 222),
    MPROTECT(10, 226),
    MUNMAP(11, 215);

    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;
    private static final MethodHandle SYSCALL = link();

    private final long number;

    Syscall(int x86, int arm) {
        number = System.getProperty("os.arch").equals("aarch64") ? arm : x86;
    }

    @SuppressWarnings("restricted") // A test is root for a while and must be able to be nobody, and more.
    private static MethodHandle link() {
        Linker linker = Linker.nativeLinker();
        return linker.downcallHandle(
                linker.defaultLookup().findOrThrow("syscall"),
                FunctionDescriptor.of(LONG, LONG, LONG, LONG, LONG, LONG, LONG, LONG),
                Linker.Option.firstVariadicArg(1));
    }

    /// What the call answers; -1 for any failure. Arguments that are not given are 0.
    long call(long... arguments) {
        long[] a = Arrays.copyOf(arguments, 6);
        try {
            return (long) SYSCALL.invokeExact(number, a[0], a[1], a[2], a[3], a[4], a[5]);
        } catch (Throwable t) {
            throw new IllegalStateException(t);
        }
    }

    /// The same, for a call that must not fail.
    long require(long... arguments) {
        long answer = call(arguments);
        if (answer < 0) {
            throw new IllegalStateException(this + " failed");
        }
        return answer;
    }
}
