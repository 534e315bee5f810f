package adit.bpf;

import static adit.bpf.ProgramFault.Reason.DIVISION_BY_ZERO;
import static adit.bpf.ProgramFault.Reason.JUMP_OUT_OF_PROGRAM;
import static adit.bpf.ProgramFault.Reason.JUMP_TOO_FAR;
import static adit.bpf.ProgramFault.Reason.LENGTH;
import static adit.bpf.ProgramFault.Reason.NO_RETURN_AT_END;
import static adit.bpf.ProgramFault.Reason.NO_SUCH_SLOT;
import static adit.bpf.ProgramFault.Reason.SHIFT_TOO_FAR;
import static adit.bpf.ProgramFault.Reason.SLOT_NOT_WRITTEN;
import static adit.bpf.ProgramFault.Reason.UNKNOWN_CODE;
import static adit.bpf.ProgramFault.Reason.UNKNOWN_EXTENSION;

import java.util.Arrays;

/// Linux's rules for classic programs, in its order: each instruction for itself, then the last one, then the
/// memory slots, then what its translation to eBPF can't express.
final class Verifier {
    private static final int WORD_BITS = 32;
    private static final int ALL_SLOTS = (1 << Program.SLOTS) - 1;

    private Verifier() {}

    /// The fault of a program with `count` instructions, which are none or too many.
    static ProgramFault length(int count) {
        return new ProgramFault(
                -1, LENGTH, count + " instructions: a program has 1 to " + Program.MAX_LENGTH + " of them");
    }

    /// The fault that Linux finds first, or null when it finds none.
    static ProgramFault fault(Instruction[] program) {
        for (int i = 0; i < program.length; i++) {
            ProgramFault fault = instruction(program[i], i, program.length);
            if (fault != null) {
                return fault;
            }
        }
        int last = program.length - 1;
        int code = program[last].code();
        if (code != Code.RET_K && code != Code.RET_A) {
            return ProgramFault.at(last, NO_RETURN_AT_END, "the last instruction has to be ret");
        }
        ProgramFault fault = slots(program);
        return fault == null ? translated(program) : fault;
    }

    static boolean namesSlot(int code) {
        return code == Code.ST || code == Code.STX || readsSlot(code);
    }

    private static boolean readsSlot(int code) {
        return code == Code.LD_MEM || code == Code.LDX_MEM;
    }

    private static ProgramFault instruction(Instruction one, int index, int length) {
        int code = one.code();
        int k = one.operand();
        if (!Code.isKnown(code)) {
            return ProgramFault.at(index, UNKNOWN_CODE, "no operation has code 0x%x".formatted(code));
        }
        if (namesSlot(code) && Integer.compareUnsigned(k, Program.SLOTS) >= 0) {
            return ProgramFault.at(index, NO_SUCH_SLOT, "slot " + Integer.toUnsignedString(k) + " of 0 to 15");
        }
        if (Code.isConditional(code)) {
            int furthest = index + 1 + Math.max(one.jumpTrue(), one.jumpFalse());
            return furthest >= length ? jumpsOut(index, furthest, length) : null;
        }
        if (Code.isAbsolute(code) && Extension.isExtension(k) && Extension.at(k) == null) {
            return ProgramFault.at(index, UNKNOWN_EXTENSION, "no extension at offset " + k);
        }
        if ((code == Code.DIV_K || code == Code.MOD_K) && k == 0) {
            return ProgramFault.at(index, DIVISION_BY_ZERO, "division by the constant 0");
        }
        if ((code == Code.LSH_K || code == Code.RSH_K) && Integer.compareUnsigned(k, WORD_BITS) >= 0) {
            return ProgramFault.at(index, SHIFT_TOO_FAR, "shift by " + Integer.toUnsignedString(k) + " of 31 bits");
        }
        long target = index + 1L + Integer.toUnsignedLong(k);
        return code == Code.JA && target >= length ? jumpsOut(index, target, length) : null;
    }

    private static ProgramFault jumpsOut(int index, long target, int length) {
        return ProgramFault.at(
                index, JUMP_OUT_OF_PROGRAM, "jumps to " + target + ", behind the last instruction " + (length - 1));
    }

    // One pass is enough, because jumps go forward. As in Linux, what follows a ret counts as reached from it, with
    // the slots that were written there.
    private static ProgramFault slots(Instruction[] program) {
        int[] atTarget = new int[program.length];
        Arrays.fill(atTarget, ALL_SLOTS);
        int written = 0;
        for (int i = 0; i < program.length; i++) {
            written &= atTarget[i];
            int code = program[i].code();
            int k = program[i].operand();
            if (code == Code.ST || code == Code.STX) {
                written |= 1 << k;
            } else if (readsSlot(code)) {
                if ((written & 1 << k) == 0) {
                    return ProgramFault.at(i, SLOT_NOT_WRITTEN, "slot " + k + " is not written on every way here");
                }
            } else if (code == Code.JA) {
                atTarget[i + 1 + k] &= written;
                written = ALL_SLOTS;
            } else if (Code.isConditional(code)) {
                atTarget[i + 1 + program[i].jumpTrue()] &= written;
                atTarget[i + 1 + program[i].jumpFalse()] &= written;
                written = ALL_SLOTS;
            }
        }
        return null;
    }

    // Linux translates the program to eBPF, where a jump reaches 32767 instructions. Only an unconditional jump over
    // thousands of loads gets there.
    private static ProgramFault translated(Instruction[] program) {
        int[] starts = new int[program.length + 1];
        for (int i = 0; i < program.length; i++) {
            starts[i + 1] = starts[i] + Translation.length(program[i]);
        }
        for (int i = 0; i < program.length; i++) {
            if (program[i].code() == Code.JA) {
                int distance = starts[i + 1 + program[i].operand()] - starts[i + 1];
                if (distance > Short.MAX_VALUE) {
                    return ProgramFault.at(
                            i, JUMP_TOO_FAR, "jumps over " + distance + " instructions of the translated program");
                }
            }
        }
        return null;
    }
}
