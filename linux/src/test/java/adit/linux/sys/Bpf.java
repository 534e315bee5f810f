package adit.linux.sys;

import static adit.linux.sys.Linkage.INT;
import static adit.linux.sys.Linkage.LONG;
import static adit.linux.sys.Linkage.POINTER;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/// Loads eBPF programs of two instructions: "answer this number".
public final class Bpf {
    /// The type that the TUN driver takes.
    public static final int SOCKET_FILTER = 1;
    /// A type that it does not take.
    public static final int XDP = 6;

    private static final MethodHandle SYSCALL =
            Linkage.linkVariadic("syscall", 1, FunctionDescriptor.of(LONG, LONG, INT, POINTER, INT));
    private static final int BPF_PROG_LOAD = 5;
    private static final int ATTRIBUTES = 72;

    private Bpf() {}

    /// Answers a descriptor, or the negative errno.
    public static int load(int type, int answer) {
        boolean arm = System.getProperty("os.arch").equals("aarch64");
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment program = arena.allocate(16, 8);
            // r0 = answer; exit
            program.set(ValueLayout.JAVA_BYTE, 0, (byte) 0xb7);
            HostOrder.put32(program, 4, answer);
            program.set(ValueLayout.JAVA_BYTE, 8, (byte) 0x95);
            MemorySegment attributes = arena.allocate(ATTRIBUTES, 8);
            HostOrder.put32(attributes, 0, type);
            HostOrder.put32(attributes, 4, 2);
            HostOrder.put64(attributes, 8, program.address());
            HostOrder.put64(attributes, 16, arena.allocateFrom("Apache").address());
            MemorySegment errno = Libc.errnoState();
            long number = arm ? 280 : 321;
            return Linkage.answer(
                    errno, (long) SYSCALL.invokeExact(errno, number, BPF_PROG_LOAD, attributes, ATTRIBUTES));
        } catch (Throwable t) {
            throw Linkage.unexpected(t);
        }
    }
}
