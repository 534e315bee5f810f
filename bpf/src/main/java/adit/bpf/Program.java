package adit.bpf;

import adit.wire.Octets;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import java.util.List;
import java.util.stream.IntStream;

/// A program that Linux would accept. Immutable.
public final class Program implements Verdict {
    /// The most instructions that a program has: `BPF_MAXINSNS`.
    public static final int MAX_LENGTH = 4096;
    /// How many memory slots a program has: `BPF_MEMWORDS`.
    public static final int SLOTS = 16;

    // Columns rather than rows of objects: this is what the interpreter reads.
    private final int[] codes;
    private final int[] jumps;
    private final int[] operands;

    private Program(Instruction[] instructions) {
        codes = new int[instructions.length];
        jumps = new int[instructions.length];
        operands = new int[instructions.length];
        for (int i = 0; i < instructions.length; i++) {
            Instruction one = instructions[i];
            codes[i] = one.code();
            jumps[i] = one.jumpTrue() << 8 | one.jumpFalse();
            operands[i] = one.operand();
        }
    }

    /// Reads `count` instructions at `at` in the host's byte order, as `struct sock_fprog` points to them, and
    /// verifies them. `count` may be any number: what is out of range is a fault, and then no octet is read.
    public static Verdict read(MemorySegment s, long at, int count) {
        if (count < 1 || count > MAX_LENGTH) {
            return Verifier.length(count);
        }
        Instruction[] instructions = new Instruction[count];
        for (int i = 0; i < count; i++) {
            long start = at + (long) i * Instruction.LENGTH;
            int code = Octets.u16(s, start, ByteOrder.nativeOrder());
            int operand = Octets.i32(s, start + 4, ByteOrder.nativeOrder());
            instructions[i] = new Instruction(code, Octets.u8(s, start + 2), Octets.u8(s, start + 3), operand);
        }
        return verified(instructions);
    }

    /// Verifies `instructions`.
    public static Verdict of(List<Instruction> instructions) {
        return instructions.isEmpty() || instructions.size() > MAX_LENGTH
                ? Verifier.length(instructions.size())
                : verified(instructions.toArray(Instruction[]::new));
    }

    private static Verdict verified(Instruction[] instructions) {
        ProgramFault fault = Verifier.fault(instructions);
        return fault == null ? new Program(instructions) : fault;
    }

    /// Writes the program as `struct sock_filter`s in the host's byte order: [#length] times
    /// [Instruction#LENGTH] octets.
    public void emit(MemorySegment s, long at) {
        for (int i = 0; i < codes.length; i++) {
            long start = at + (long) i * Instruction.LENGTH;
            Octets.put16(s, start, codes[i], ByteOrder.nativeOrder());
            Octets.put8(s, start + 2, jumpTrue(i));
            Octets.put8(s, start + 3, jumpFalse(i));
            Octets.put32(s, start + 4, operands[i], ByteOrder.nativeOrder());
        }
    }

    /// How many instructions it has.
    public int length() {
        return codes.length;
    }

    /// The instruction at `index`, from 0.
    public Instruction instruction(int index) {
        return new Instruction(codes[index], jumpTrue(index), jumpFalse(index), operands[index]);
    }

    /// All instructions.
    public List<Instruction> instructions() {
        return IntStream.range(0, codes.length).mapToObj(this::instruction).toList();
    }

    /// The program as an interpreter runs it: ready at once.
    public Filter interpreter() {
        return new Interpreter(this);
    }

    /// The program as bytecode of its own, several times as fast. Takes about a millisecond. The class is
    /// unloaded when nobody holds the filter any more.
    public Filter compile() {
        return Compiler.compile(this);
    }

    /// How many octets of a socket's option memory Linux charges for this program, once translated: attaching fails
    /// with ENOMEM when that and what the socket holds already reach `net.core.optmem_max` (131072 by default).
    /// The filter that is being replaced still counts then.
    public int chargedOctets() {
        return Translation.chargedOctets(instructions());
    }

    int code(int index) {
        return codes[index];
    }

    int operand(int index) {
        return operands[index];
    }

    int jumpTrue(int index) {
        return jumps[index] >>> 8;
    }

    int jumpFalse(int index) {
        return jumps[index] & 0xff;
    }

    /// Whether it uses memory slots.
    boolean usesSlots() {
        return usedSlots() != 0;
    }

    /// The slots it uses, one bit each.
    int usedSlots() {
        int slots = 0;
        for (int i = 0; i < codes.length; i++) {
            if (Verifier.namesSlot(codes[i])) {
                slots |= 1 << operands[i];
            }
        }
        return slots;
    }

    /// The program as `tcpdump -d` prints it.
    @Override
    public String toString() {
        return Disassembler.text(instructions());
    }
}
