package adit.bpf;

/// One instruction: `struct sock_filter`.
///
/// @param code what to do, one of [Code]; 16 bits
/// @param jumpTrue how many instructions a conditional jump skips when its condition holds; 8 bits
/// @param jumpFalse how many it skips otherwise; 8 bits
/// @param operand K: an offset, a constant, a slot's number or a jump's length; 32 bits
public record Instruction(int code, int jumpTrue, int jumpFalse, int operand) {
    /// The length of an instruction in octets.
    public static final int LENGTH = 8;

    /// Refuses what does not fit the fields.
    public Instruction {
        if (code >>> 16 != 0 || jumpTrue >>> 8 != 0 || jumpFalse >>> 8 != 0) {
            throw new IllegalArgumentException("code " + code + ", jumps " + jumpTrue + " and " + jumpFalse);
        }
    }

    /// An instruction that does not jump.
    public static Instruction of(int code, int operand) {
        return new Instruction(code, 0, 0, operand);
    }
}
