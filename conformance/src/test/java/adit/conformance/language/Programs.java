package adit.conformance.language;

import adit.conformance.world.World;
import adit.linux.sys.HostOrder;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// The BPF programs that a scenario has attached, kept where they were, because the driver answers their
/// address.
final class Programs implements AutoCloseable {
    private static final int INSTRUCTION = 8;
    private static final int SIZE = 16;
    private static final int POINTER = 8;

    private final World world;
    private final Arena arena = Arena.ofShared();
    private final List<Long> addresses = new ArrayList<>();

    /// Programs that `world` looks for at their addresses.
    Programs(World world) {
        this.world = world;
    }

    /// Lays out a `sock_fprog` for `instructions`, with what `words` say instead of the truth, and answers it.
    MemorySegment keep(byte[] instructions, Map<String, String> words) {
        MemorySegment program = arena.allocate(Math.max(INSTRUCTION, instructions.length), INSTRUCTION);
        MemorySegment.copy(instructions, 0, program, ValueLayout.JAVA_BYTE, 0, instructions.length);
        boolean nowhere = words.getOrDefault("pointer", "").equals("null");
        long address = nowhere ? 0 : program.address();
        int length =
                words.containsKey("length") ? Integer.decode(words.get("length")) : instructions.length / INSTRUCTION;
        MemorySegment argument = arena.allocate(SIZE, INSTRUCTION);
        HostOrder.put16(argument, 0, length);
        HostOrder.put64(argument, POINTER, address);
        addresses.add(address);
        world.share(program);
        return argument;
    }

    /// Which attachment the address is of, counted from 1.
    String which(long address) {
        int index = addresses.lastIndexOf(address);
        return address == 0 ? "null" : index < 0 ? "unknown" : "#" + (index + 1);
    }

    @Override
    public void close() {
        arena.close();
    }
}
