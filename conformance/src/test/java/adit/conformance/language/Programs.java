package adit.conformance.language;

import adit.conformance.world.PageEnd;
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
    private static final String THERE = "there:";

    private final Arena arena = Arena.ofShared();
    private final List<PageEnd> ends = new ArrayList<>();
    private final List<Long> addresses = new ArrayList<>();

    /// Lays out a `sock_fprog` for `instructions`, with what `words` say instead of the truth, and answers it.
    MemorySegment keep(byte[] instructions, Map<String, String> words) {
        String pointer = words.getOrDefault("pointer", "");
        MemorySegment program = pointer.startsWith(THERE)
                ? end(Integer.parseInt(pointer.substring(THERE.length())))
                : allocate(Math.max(INSTRUCTION, instructions.length));
        int octets = (int) Math.min(program.byteSize(), instructions.length);
        MemorySegment.copy(instructions, 0, program, ValueLayout.JAVA_BYTE, 0, octets);
        long address = switch (pointer) {
            case "null" -> 0;
            case "bad" -> 1;
            default -> program.address();
        };
        int length =
                words.containsKey("length") ? Integer.decode(words.get("length")) : instructions.length / INSTRUCTION;
        MemorySegment argument = arena.allocate(SIZE, INSTRUCTION);
        HostOrder.put16(argument, 0, length);
        HostOrder.put64(argument, POINTER, address);
        addresses.add(address);
        return argument;
    }

    /// Never at an address whose last octet is 0, so that no part of it that the driver was let read looks like none.
    private MemorySegment allocate(int octets) {
        return arena.allocate(INSTRUCTION + octets, 2 * INSTRUCTION).asSlice(INSTRUCTION);
    }

    private MemorySegment end(int octets) {
        PageEnd end = new PageEnd(octets);
        ends.add(end);
        return end.memory();
    }

    /// Which attachment the address is of, counted from 1.
    String which(long address) {
        int index = addresses.lastIndexOf(address);
        return address == 0 ? "null" : index < 0 ? "unknown" : "#" + (index + 1);
    }

    @Override
    public void close() {
        arena.close();
        ends.forEach(PageEnd::close);
    }
}
