package adit.bpf;

/// The operation codes of classic BPF, as `linux/bpf_common.h` and `linux/filter.h` number them.
///
/// The low three bits are the class; the rest means something else in each: a size and a mode for loads, an
/// operation and a source for arithmetic and jumps.
public final class Code {
    /// A = the four octets at K.
    public static final int LD_W_ABS = 0x20;
    /// A = the two octets at K.
    public static final int LD_H_ABS = 0x28;
    /// A = the octet at K.
    public static final int LD_B_ABS = 0x30;
    /// A = the four octets at X + K.
    public static final int LD_W_IND = 0x40;
    /// A = the two octets at X + K.
    public static final int LD_H_IND = 0x48;
    /// A = the octet at X + K.
    public static final int LD_B_IND = 0x50;
    /// A = the packet's length.
    public static final int LD_LEN = 0x80;
    /// A = K.
    public static final int LD_IMM = 0x00;
    /// A = slot K.
    public static final int LD_MEM = 0x60;
    /// X = the packet's length.
    public static final int LDX_LEN = 0x81;
    /// X = K.
    public static final int LDX_IMM = 0x01;
    /// X = slot K.
    public static final int LDX_MEM = 0x61;
    /// X = four times the low half of the octet at K: the length of an IPv4 header.
    public static final int LDX_MSH = 0xb1;
    /// Slot K = A.
    public static final int ST = 0x02;
    /// Slot K = X.
    public static final int STX = 0x03;
    /// A += K.
    public static final int ADD_K = 0x04;
    /// A -= K.
    public static final int SUB_K = 0x14;
    /// A *= K.
    public static final int MUL_K = 0x24;
    /// A /= K, unsigned.
    public static final int DIV_K = 0x34;
    /// A |= K.
    public static final int OR_K = 0x44;
    /// A &= K.
    public static final int AND_K = 0x54;
    /// A <<= K.
    public static final int LSH_K = 0x64;
    /// A >>= K, filling with zeros.
    public static final int RSH_K = 0x74;
    /// A = -A.
    public static final int NEG = 0x84;
    /// A %= K, unsigned.
    public static final int MOD_K = 0x94;
    /// A ^= K.
    public static final int XOR_K = 0xa4;
    /// Go on K instructions further.
    public static final int JA = 0x05;
    /// Jump by whether A equals K.
    public static final int JEQ_K = 0x15;
    /// Jump by whether A is above K, unsigned.
    public static final int JGT_K = 0x25;
    /// Jump by whether A is at least K, unsigned.
    public static final int JGE_K = 0x35;
    /// Jump by whether A and K share a bit.
    public static final int JSET_K = 0x45;
    /// End; answer K.
    public static final int RET_K = 0x06;
    /// End; answer A.
    public static final int RET_A = 0x16;
    /// X = A.
    public static final int TAX = 0x07;
    /// A = X.
    public static final int TXA = 0x87;

    /// Added to an arithmetic or conditional jump code: works with X in place of K.
    public static final int X = 0x08;

    private static final int CLASS_MASK = 0x07;
    private static final int ALU = 0x04;
    private static final int JMP = 0x05;

    private Code() {}

    /// Whether Linux knows this code and lets a socket filter use it.
    public static boolean isKnown(int code) {
        return switch (code) {
            case LD_W_ABS, LD_H_ABS, LD_B_ABS, LD_W_IND, LD_H_IND, LD_B_IND -> true;
            case LD_LEN, LD_IMM, LD_MEM, LDX_LEN, LDX_IMM, LDX_MEM, LDX_MSH, ST, STX -> true;
            case JA, NEG, RET_K, RET_A, TAX, TXA -> true;
            default -> isConditional(code) || isBinary(code);
        };
    }

    /// Whether this is a jump with two ways on.
    public static boolean isConditional(int code) {
        return switch (code & ~X) {
            case JEQ_K, JGT_K, JGE_K, JSET_K -> true;
            default -> false;
        };
    }

    /// Whether this is an operation on A and one of K and X.
    public static boolean isBinary(int code) {
        return switch (code & ~X) {
            case ADD_K, SUB_K, MUL_K, DIV_K, OR_K, AND_K, LSH_K, RSH_K, MOD_K, XOR_K -> true;
            default -> false;
        };
    }

    /// Whether this is arithmetic or a conditional jump that works with X.
    public static boolean usesX(int code) {
        int kind = code & CLASS_MASK;
        return (kind == ALU || kind == JMP) && (code & X) != 0;
    }

    /// Whether this loads from a fixed place of the packet into A, and so may be an [Extension].
    public static boolean isAbsolute(int code) {
        return code == LD_W_ABS || code == LD_H_ABS || code == LD_B_ABS;
    }

    /// Whether this loads from a place of the packet that X moves.
    public static boolean isIndirect(int code) {
        return code == LD_W_IND || code == LD_H_IND || code == LD_B_IND;
    }

    /// How many octets a load from the packet takes: 4, 2 or 1.
    public static int size(int code) {
        return switch (code & 0x18) {
            case 0x00 -> 4;
            case 0x08 -> 2;
            default -> 1;
        };
    }
}
