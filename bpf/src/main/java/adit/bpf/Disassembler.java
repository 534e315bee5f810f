package adit.bpf;

import java.util.List;
import java.util.Locale;

/// Programs as text, in the form of `tcpdump -d`:
///
/// ```
/// (000) ldh      [12]
/// (001) jeq      #0x800           jt 2	jf 3
/// ```
///
/// Extensions stand there by name (`ld proto`), where tcpdump prints their offset.
public final class Disassembler {
    private Disassembler() {}

    /// One line for each instruction, the last one without a line end.
    public static String text(List<Instruction> program) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < program.size(); i++) {
            text.append(i == 0 ? "" : "\n").append(line(program.get(i), i));
        }
        return text.toString();
    }

    /// The program as `tcpdump -ddd` prints it: the number of instructions, then code, jumps and operand of each,
    /// in decimal.
    public static String numbers(List<Instruction> program) {
        StringBuilder text = new StringBuilder().append(program.size());
        for (Instruction one : program) {
            text.append('\n').append(one.code());
            text.append(' ').append(one.jumpTrue()).append(' ').append(one.jumpFalse());
            text.append(' ').append(Integer.toUnsignedString(one.operand()));
        }
        return text.toString();
    }

    /// The instruction that stands at `index`; a code that Linux does not know as `unimp`.
    static String line(Instruction one, int index) {
        int code = one.code();
        String name = name(code);
        String head = String.format(Locale.ROOT, "(%03d) %-8s ", index, name);
        if (Code.isConditional(code)) {
            int whenTrue = index + 1 + one.jumpTrue();
            int whenFalse = index + 1 + one.jumpFalse();
            return head + "%-16s jt %s\tjf %s".formatted(operand(one, index), whenTrue, whenFalse);
        }
        return (head + operand(one, index)).stripTrailing();
    }

    static String name(int code) {
        return switch (code) {
            case Code.LD_W_ABS, Code.LD_W_IND, Code.LD_LEN, Code.LD_IMM, Code.LD_MEM -> "ld";
            case Code.LD_H_ABS, Code.LD_H_IND -> "ldh";
            case Code.LD_B_ABS, Code.LD_B_IND -> "ldb";
            case Code.LDX_LEN, Code.LDX_IMM, Code.LDX_MEM -> "ldx";
            case Code.LDX_MSH -> "ldxb";
            case Code.ST -> "st";
            case Code.STX -> "stx";
            case Code.JA -> "ja";
            case Code.NEG -> "neg";
            case Code.RET_K, Code.RET_A -> "ret";
            case Code.TAX -> "tax";
            case Code.TXA -> "txa";
            default -> operation(code);
        };
    }

    private static String operation(int code) {
        return switch (code & ~Code.X) {
            case Code.ADD_K -> "add";
            case Code.SUB_K -> "sub";
            case Code.MUL_K -> "mul";
            case Code.DIV_K -> "div";
            case Code.MOD_K -> "mod";
            case Code.OR_K -> "or";
            case Code.AND_K -> "and";
            case Code.XOR_K -> "xor";
            case Code.LSH_K -> "lsh";
            case Code.RSH_K -> "rsh";
            case Code.JEQ_K -> "jeq";
            case Code.JGT_K -> "jgt";
            case Code.JGE_K -> "jge";
            case Code.JSET_K -> "jset";
            default -> "unimp";
        };
    }

    private static String operand(Instruction one, int index) {
        int code = one.code();
        int k = one.operand();
        if (Code.isAbsolute(code)) {
            Extension extension = Extension.at(k);
            return extension == null ? "[" + k + "]" : extension.text();
        }
        if (Code.isIndirect(code)) {
            return "[x + " + k + "]";
        }
        if (Code.usesX(code) && (Code.isBinary(code) || Code.isConditional(code))) {
            return "x";
        }
        return switch (code) {
            case Code.LD_LEN, Code.LDX_LEN -> "#pktlen";
            case Code.LDX_MSH -> "4*([" + k + "]&0xf)";
            case Code.LD_MEM, Code.LDX_MEM, Code.ST, Code.STX -> "M[" + k + "]";
            case Code.JA -> Long.toString(index + 1L + k);
            case Code.NEG, Code.RET_A, Code.TAX, Code.TXA -> "";
            case Code.RET_K, Code.ADD_K, Code.SUB_K, Code.MUL_K, Code.DIV_K, Code.MOD_K, Code.LSH_K, Code.RSH_K ->
                "#" + k;
            default -> Code.isKnown(code) ? "#0x" + Integer.toHexString(k) : "0x" + Integer.toHexString(code);
        };
    }
}
