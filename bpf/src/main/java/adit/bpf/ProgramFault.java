package adit.bpf;

/// Why Linux refuses a program, and at which instruction.
///
/// @param instruction the index of the instruction at fault, from 0; -1 when it is the program as a whole
/// @param reason what is wrong with it
/// @param message the same in words
public record ProgramFault(int instruction, Reason reason, String message) implements Verdict {
    private static final int EINVAL = 22;

    /// What can be wrong with a program.
    public enum Reason {
        /// It has no instruction, or more than [Program#MAX_LENGTH].
        LENGTH,
        /// No operation has this code.
        UNKNOWN_CODE,
        /// It divides by the constant 0.
        DIVISION_BY_ZERO,
        /// It shifts by a constant of 32 or more.
        SHIFT_TOO_FAR,
        /// It names a slot beyond the 16 there are.
        NO_SUCH_SLOT,
        /// It jumps behind the last instruction.
        JUMP_OUT_OF_PROGRAM,
        /// It asks for an extension that Linux does not have.
        UNKNOWN_EXTENSION,
        /// The last instruction does not end the program.
        NO_RETURN_AT_END,
        /// It reads a slot that is not written on every way there.
        SLOT_NOT_WRITTEN,
        /// It jumps further than Linux can jump once it has translated the program.
        JUMP_TOO_FAR
    }

    /// What the kernel answers to such a program: EINVAL.
    public int errno() {
        return EINVAL;
    }

    static ProgramFault at(int instruction, Reason reason, String what) {
        return new ProgramFault(instruction, reason, "instruction " + instruction + ": " + what);
    }
}
