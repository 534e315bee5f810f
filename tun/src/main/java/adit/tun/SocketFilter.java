package adit.tun;

import adit.bpf.Ancillary;
import adit.bpf.Filter;
import adit.bpf.Instruction;
import adit.bpf.Program;
import adit.bpf.ProgramFault;
import adit.device.Errno;
import adit.packet.PacketBuffer;
import adit.wire.Ethernet;
import adit.wire.Octets;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;

/// A classic BPF program at a TAP's queue: what it answers is how many octets of a frame to keep, 0 for none.
/// Immutable.
final class SocketFilter {
    private static final int FPROG_PROGRAM = 8;

    private final Program program;
    private final Filter filter;
    private final Knowledge knowledge;

    SocketFilter(Program program, TunTapDevice device) {
        this.program = program;
        this.filter = program.compile();
        this.knowledge = new Knowledge(device);
    }

    /// What a `struct sock_fprog` names in `memory`. Answers 0 and has `into` take it, or answers why it can't
    /// be run.
    static int load(TunTapDevice device, MemorySegment named, UserMemory memory, Consumer<SocketFilter> into) {
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
                    into.accept(new SocketFilter(p, device));
                    yield 0;
                }
            };
        }
    }

    int length() {
        return program.length();
    }

    /// How many octets of the frame to keep; 0 drops it.
    int keep(PacketBuffer p) {
        int answer = filter.run(p.segment(), p.head(), p.length(), p, knowledge);
        return Filter.kept(answer, p.length());
    }

    /// What the program may ask of a frame on its way out.
    private record Knowledge(TunTapDevice device) implements Ancillary<PacketBuffer> {
        @Override
        public int networkOffset(PacketBuffer p) {
            return Ethernet.HEADER_LENGTH;
        }

        @Override
        public int linkOffset(PacketBuffer p) {
            return 0;
        }

        @Override
        public int protocol(PacketBuffer p) {
            return p.protocol();
        }

        @Override
        public int packetType(PacketBuffer p) {
            return p.packetType().ordinal();
        }

        @Override
        public int interfaceIndex(PacketBuffer p) {
            return device.index();
        }

        @Override
        public int hardwareType(PacketBuffer p) {
            return device.hardwareType();
        }

        @Override
        public int mark(PacketBuffer p) {
            return p.mark();
        }

        @Override
        public int queue(PacketBuffer p) {
            return p.queue();
        }

        @Override
        public int flowHash(PacketBuffer p) {
            return p.flowHash();
        }

        @Override
        public int vlan(PacketBuffer p) {
            return p.vlan();
        }

        @Override
        public int random(PacketBuffer p) {
            return ThreadLocalRandom.current().nextInt();
        }
    }
}
