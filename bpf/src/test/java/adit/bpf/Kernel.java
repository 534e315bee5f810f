package adit.bpf;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.List;

/// The running kernel's own classic BPF, reached through libc. What fails answers the negative errno.
final class Kernel {
    static final int EAGAIN = 11;
    static final int ENOMEM = 12;

    static final int AF_UNIX = 1;
    static final int AF_PACKET = 17;
    static final int SOCK_DGRAM = 2;
    static final int SOCK_RAW = 3;
    static final int SOL_SOCKET = 1;
    static final int SO_ATTACH_FILTER = 26;
    static final int SO_DETACH_FILTER = 27;
    static final int SO_MARK = 36;
    static final int MSG_DONTWAIT = 0x40;
    static final int MSG_TRUNC = 0x20;
    private static final int FPROG_LENGTH = 16;

    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;
    private static final MemoryLayout POINTER = ValueLayout.ADDRESS;
    private static final MemoryLayout STATE = Linker.Option.captureStateLayout();
    private static final long ERRNO = STATE.byteOffset(MemoryLayout.PathElement.groupElement("errno"));

    private static final MethodHandle SOCKET = link("socket", INT, INT, INT, INT);
    private static final MethodHandle PAIR = link("socketpair", INT, INT, INT, INT, POINTER);
    private static final MethodHandle SET_OPTION = link("setsockopt", INT, INT, INT, INT, POINTER, INT);
    private static final MethodHandle BIND = link("bind", INT, INT, POINTER, INT);
    private static final MethodHandle SEND = link("send", LONG, INT, POINTER, LONG, INT);
    private static final MethodHandle RECEIVE = link("recv", LONG, INT, POINTER, LONG, INT);
    private static final MethodHandle READ = link("read", LONG, INT, POINTER, LONG);
    private static final MethodHandle WRITE = link("write", LONG, INT, POINTER, LONG);
    private static final MethodHandle OPEN = link("open", INT, POINTER, INT);
    private static final MethodHandle IOCTL = link("ioctl", INT, INT, LONG, POINTER);
    private static final MethodHandle UNSHARE = link("unshare", INT, INT);
    private static final MethodHandle CLOSE = link("close", INT, INT);

    /// One thread's room for errno and for arguments.
    private final MemorySegment state;

    private final MemorySegment program;
    private final MemorySegment fprog;
    private final MemorySegment small;

    Kernel(Arena arena) {
        assumeTrue(System.getProperty("os.name").equals("Linux"), "needs Linux");
        state = arena.allocate(STATE);
        program = arena.allocate(0x10000L * Instruction.LENGTH, 8);
        fprog = arena.allocate(FPROG_LENGTH, 8);
        small = arena.allocate(64, 8);
    }

    @SuppressWarnings("restricted") // The kernel is the oracle here.
    private static MethodHandle link(String name, MemoryLayout result, MemoryLayout... arguments) {
        Linker linker = Linker.nativeLinker();
        Linker.Option errno = Linker.Option.captureCallState("errno");
        FunctionDescriptor type = FunctionDescriptor.of(result, arguments);
        MemorySegment address = linker.defaultLookup().find(name).orElseThrow();
        return name.equals("ioctl")
                ? linker.downcallHandle(address, type, errno, Linker.Option.firstVariadicArg(2))
                : linker.downcallHandle(address, type, errno);
    }

    private interface Call {
        long answer() throws Throwable;
    }

    private int checked(Call call) {
        try {
            long answer = call.answer();
            return answer == -1 ? -state.get(INT, ERRNO) : (int) answer;
        } catch (Throwable t) {
            throw new AssertionError(t);
        }
    }

    int socket(int family, int type, int protocol) {
        return checked(() -> (int) SOCKET.invokeExact(state, family, type, protocol));
    }

    /// Two connected sockets that keep datagrams apart.
    int[] pair() {
        int answer = checked(() -> (int) PAIR.invokeExact(state, AF_UNIX, SOCK_DGRAM, 0, small));
        if (answer != 0) {
            throw new AssertionError("socketpair: " + answer);
        }
        return new int[] {small.get(INT, 0), small.get(INT, 4)};
    }

    /// Attaches `instructions` to a socket.
    int attach(int socket, List<Instruction> instructions) {
        MemorySegment argument = fprog(instructions);
        return checked(() ->
                (int) SET_OPTION.invokeExact(state, socket, SOL_SOCKET, SO_ATTACH_FILTER, argument, FPROG_LENGTH));
    }

    /// `struct sock_fprog`, written by hand: the code under test has no part in it.
    MemorySegment fprog(List<Instruction> instructions) {
        for (int i = 0; i < instructions.size(); i++) {
            Instruction one = instructions.get(i);
            long at = (long) i * Instruction.LENGTH;
            program.set(ValueLayout.JAVA_SHORT, at, (short) one.code());
            program.set(ValueLayout.JAVA_BYTE, at + 2, (byte) one.jumpTrue());
            program.set(ValueLayout.JAVA_BYTE, at + 3, (byte) one.jumpFalse());
            program.set(INT, at + 4, one.operand());
        }
        fprog.set(ValueLayout.JAVA_SHORT, 0, (short) instructions.size());
        fprog.set(ValueLayout.ADDRESS, 8, program);
        return fprog;
    }

    int option(int socket, int option, int value) {
        small.set(INT, 0, value);
        return checked(() -> (int) SET_OPTION.invokeExact(state, socket, SOL_SOCKET, option, small, 4));
    }

    /// Binds an AF_PACKET socket to an interface, to see all packets of an EtherType or of a Linux number of that
    /// kind.
    int bindTo(int socket, int interfaceIndex, int protocol) {
        small.fill((byte) 0);
        small.set(ValueLayout.JAVA_BYTE, 3, (byte) protocol);
        small.set(ValueLayout.JAVA_SHORT, 0, (short) AF_PACKET);
        small.set(INT, 4, interfaceIndex);
        return checked(() -> (int) BIND.invokeExact(state, socket, small, 20));
    }

    int send(int socket, MemorySegment octets, int length) {
        return checked(() -> (long) SEND.invokeExact(state, socket, octets, (long) length, 0));
    }

    int receive(int socket, MemorySegment into) {
        return checked(
                () -> (long) RECEIVE.invokeExact(state, socket, into, into.byteSize(), MSG_DONTWAIT | MSG_TRUNC));
    }

    int read(int file, MemorySegment into) {
        return checked(() -> (long) READ.invokeExact(state, file, into, into.byteSize()));
    }

    int write(int file, MemorySegment octets, int length) {
        return checked(() -> (long) WRITE.invokeExact(state, file, octets, (long) length));
    }

    int open(String path, int flags) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment name = arena.allocateFrom(path);
            return checked(() -> (int) OPEN.invokeExact(state, name, flags));
        }
    }

    int ioctl(int file, long command, MemorySegment argument) {
        return checked(() -> (int) IOCTL.invokeExact(state, file, command, argument));
    }

    /// Puts the calling thread alone into a network namespace of its own.
    int unshareNetwork() {
        return checked(() -> (int) UNSHARE.invokeExact(state, 0x4000_0000));
    }

    void close(int file) {
        checked(() -> (int) CLOSE.invokeExact(state, file));
    }
}
