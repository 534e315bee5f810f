package adit.tun;

import adit.bpf.Filter;
import adit.bpf.Instruction;
import adit.bpf.Program;
import adit.bpf.ProgramFault;
import adit.device.Errno;
import adit.packet.PacketBuffer;
import adit.wire.Octets;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.function.Consumer;

/// A classic BPF program at a TAP's queue: what it answers is how many octets of a frame to keep, 0 for none. It
/// stays with the file when the device is deleted, and then cuts what the file's next device sends, a TUN too.
/// Immutable.
final class SocketFilter {
    /// The size of a `struct sock_fprog`, and where its pointer stands.
    static final int FPROG_LENGTH = 16;

    static final int FPROG_PROGRAM = 8;

    private final Program program;
    private final Filter filter;

    SocketFilter(Program program) {
        this.program = program;
        this.filter = program.compile();
    }

    /// What a `struct sock_fprog` names in `memory`. Answers 0 and has `into` take it, or answers why it can't
    /// be run.
    static int load(MemorySegment named, UserMemory memory, Consumer<SocketFilter> into) {
        int count = Octets.u16(named, 0, ByteOrder.nativeOrder());
        long address = named.get(ValueLayout.JAVA_LONG_UNALIGNED, FPROG_PROGRAM);
        if (address == 0 || count == 0 || count > Program.MAX_LENGTH) {
            return -Errno.EINVAL;
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment program = arena.allocate((long) count * Instruction.LENGTH, 8);
            int answer = memory.read(address, program);
            if (answer < 0) {
                return answer;
            }
            return switch (Program.read(program, 0, count)) {
                case ProgramFault fault -> -fault.errno();
                case Program p -> {
                    into.accept(new SocketFilter(p));
                    yield 0;
                }
            };
        }
    }

    int length() {
        return program.length();
    }

    /// How many octets of a frame of the device that `knowledge` is of to keep; 0 drops it.
    int keep(PacketBuffer p, Knowledge knowledge) {
        int answer = filter.run(p.segment(), p.head(), p.length(), p, knowledge);
        return Filter.kept(answer, p.length());
    }
}
