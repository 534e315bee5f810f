package adit.bpf;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Text to instructions. Takes what `tcpdump -d` and [Disassembler] print, and the kernel's `bpf_asm` form with
/// labels:
///
/// ```
///       ldh [12]              ; a comment
///       jeq #0x800, ip, drop
/// ip:   ld vlan_tci
///       jneq #10, drop
///       ret #-1
/// drop: ret #0
/// ```
///
/// One instruction a line. Numbers are decimal, `0x` hexadecimal or `0` octal, of either sign. A jump names labels
/// or, after `jt` and `jf`, the targets' indices. What comes out is not verified yet: see [Program#of].
public final class Assembler {
    private static final Pattern NUMBERED = Pattern.compile("^\\((\\d+)\\)\\s*(.*)$");
    private static final Pattern LABELLED = Pattern.compile("^([A-Za-z_][\\w.]*)\\s*:\\s*(.*)$");
    private static final Pattern PLACE = Pattern.compile("^\\[([^\\]]+)]$");
    private static final Pattern X_PLACE = Pattern.compile("^\\[%?x(?:\\+([^\\]]+))?]$");
    private static final Pattern SLOT = Pattern.compile("^m\\[([^\\]]+)]$");
    private static final Pattern HEADER_LENGTH = Pattern.compile("^4\\*\\(\\[([^\\]]+)]&0xf\\)$");
    private static final Pattern JUMPS = Pattern.compile("^(.*?)\\s+jt\\s+(\\d+)\\s+jf\\s+(\\d+)$");
    private static final int MAX_SKIP = 0xff;

    private static final Map<String, Integer> BINARY = Map.of(
            "add", Code.ADD_K,
            "sub", Code.SUB_K,
            "mul", Code.MUL_K,
            "div", Code.DIV_K,
            "mod", Code.MOD_K,
            "or", Code.OR_K,
            "and", Code.AND_K,
            "xor", Code.XOR_K,
            "lsh", Code.LSH_K,
            "rsh", Code.RSH_K);

    // A condition that has no code is the opposite of one that has.
    private static final Map<String, Condition> CONDITIONS = Map.of(
            "jeq", new Condition(Code.JEQ_K, Sense.AS_IS),
            "jgt", new Condition(Code.JGT_K, Sense.AS_IS),
            "jge", new Condition(Code.JGE_K, Sense.AS_IS),
            "jset", new Condition(Code.JSET_K, Sense.AS_IS),
            "jne", new Condition(Code.JEQ_K, Sense.INVERTED),
            "jneq", new Condition(Code.JEQ_K, Sense.INVERTED),
            "jle", new Condition(Code.JGT_K, Sense.INVERTED),
            "jlt", new Condition(Code.JGE_K, Sense.INVERTED));

    private enum Sense {
        AS_IS,
        INVERTED
    }

    private record Condition(int code, Sense sense) {}

    /// A line that holds an instruction: its number in the text, from 1, and what it says.
    private record Line(int number, String text) {}

    private final List<Line> lines = new ArrayList<>();
    private final Map<String, Integer> labels = new HashMap<>();

    private Assembler() {}

    /// The instructions of a program in words. Throws an [IllegalArgumentException] that names the line.
    public static List<Instruction> assemble(String program) {
        Assembler assembler = new Assembler();
        assembler.read(program);
        List<Instruction> instructions = new ArrayList<>();
        for (Line line : assembler.lines) {
            instructions.add(assembler.instruction(line, instructions.size()));
        }
        return instructions;
    }

    /// The instructions of a program in numbers, as `tcpdump -ddd` prints it: the number of instructions, then
    /// code, jumps and operand of each. The kernel's form with commas does as well.
    public static List<Instruction> numbers(String program) {
        String[] words = program.strip().split("[\\s,]+");
        List<Instruction> instructions = new ArrayList<>();
        int count = (int) number(words[0]);
        if (words.length != 1 + 4L * count) {
            throw new IllegalArgumentException(
                    (words.length - 1) + " numbers follow where " + count + " instructions take " + 4L * count);
        }
        for (int i = 1; i < words.length; i += 4) {
            instructions.add(new Instruction(
                    (int) number(words[i]), (int) number(words[i + 1]), (int) number(words[i + 2]), (int)
                            number(words[i + 3])));
        }
        return instructions;
    }

    private void read(String program) {
        int number = 0;
        for (String raw : program.lines().toList()) {
            number++;
            String text = raw.replaceFirst(";.*", "").strip();
            Matcher numbered = NUMBERED.matcher(text);
            if (numbered.matches()) {
                text = numbered.group(2);
            }
            for (Matcher m = LABELLED.matcher(text); m.matches(); m = LABELLED.matcher(text)) {
                if (labels.put(m.group(1), lines.size()) != null) {
                    throw new IllegalArgumentException("line " + number + ": label " + m.group(1) + " stands twice");
                }
                text = m.group(2);
            }
            if (!text.isEmpty()) {
                lines.add(new Line(number, text));
            }
        }
    }

    private Instruction instruction(Line line, int index) {
        String[] words = line.text().split("\\s+", 2);
        String name = words[0].toLowerCase(Locale.ROOT);
        String operand = words.length == 1 ? "" : words[1].strip();
        try {
            Condition condition = CONDITIONS.get(name);
            if (condition != null) {
                return conditional(condition, operand, index);
            }
            if (name.equals("ja") || name.equals("jmp")) {
                return Instruction.of(Code.JA, target(operand) - index - 1);
            }
            String compact = operand.replaceAll("\\s+", "").toLowerCase(Locale.ROOT);
            Integer binary = BINARY.get(name);
            return binary == null ? plain(name, compact) : withOperand(binary, compact, 0, 0);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("line " + line.number() + ": " + e.getMessage(), e);
        }
    }

    private static Instruction withOperand(int code, String operand, int jumpTrue, int jumpFalse) {
        return operand.equals("x") || operand.equals("%x")
                ? new Instruction(code | Code.X, jumpTrue, jumpFalse, 0)
                : new Instruction(code, jumpTrue, jumpFalse, constant(operand));
    }

    private Instruction conditional(Condition condition, String operand, int index) {
        Matcher indices = JUMPS.matcher(operand);
        String[] parts = indices.matches()
                ? new String[] {indices.group(1), indices.group(2), indices.group(3)}
                : operand.split("\\s*,\\s*");
        if (parts.length < 2 || parts.length > 3) {
            throw new IllegalArgumentException("a jump takes an operand and one or two targets: " + operand);
        }
        int whenTrue = skip(target(parts[1]), index);
        int whenFalse = parts.length == 3 ? skip(target(parts[2]), index) : 0;
        boolean inverted = condition.sense() == Sense.INVERTED;
        return withOperand(
                condition.code(), parts[0].strip(), inverted ? whenFalse : whenTrue, inverted ? whenTrue : whenFalse);
    }

    private static int skip(int target, int index) {
        int skip = target - index - 1;
        if (skip < 0 || skip > MAX_SKIP) {
            throw new IllegalArgumentException("a jump to " + target + " from " + index + " skips 0 to 255 at most");
        }
        return skip;
    }

    private int target(String text) {
        Integer label = labels.get(text);
        if (label != null) {
            return label;
        }
        if (text.isEmpty() || !Character.isDigit(text.charAt(0))) {
            throw new IllegalArgumentException("no label " + text);
        }
        return (int) number(text);
    }

    private static Instruction plain(String name, String operand) {
        return switch (name) {
            case "ld", "ldi" -> load(operand);
            case "ldh" -> place(Code.LD_H_ABS, Code.LD_H_IND, operand);
            case "ldb" -> place(Code.LD_B_ABS, Code.LD_B_IND, operand);
            case "ldx", "ldxi", "ldxb" -> loadX(operand);
            case "st" -> Instruction.of(Code.ST, matched(SLOT, operand));
            case "stx" -> Instruction.of(Code.STX, matched(SLOT, operand));
            case "neg" -> Instruction.of(Code.NEG, 0);
            case "tax" -> Instruction.of(Code.TAX, 0);
            case "txa" -> Instruction.of(Code.TXA, 0);
            case "ret" ->
                operand.isEmpty() || operand.equals("a") || operand.equals("%a")
                        ? Instruction.of(Code.RET_A, 0)
                        : Instruction.of(Code.RET_K, constant(operand));
            default -> throw new IllegalArgumentException("no instruction " + name);
        };
    }

    private static Instruction load(String operand) {
        if (isLength(operand)) {
            return Instruction.of(Code.LD_LEN, 0);
        }
        if (SLOT.matcher(operand).matches()) {
            return Instruction.of(Code.LD_MEM, matched(SLOT, operand));
        }
        if (operand.startsWith("[") || extension(operand) != null) {
            return place(Code.LD_W_ABS, Code.LD_W_IND, operand);
        }
        return Instruction.of(Code.LD_IMM, constant(operand));
    }

    private static Instruction loadX(String operand) {
        if (isLength(operand)) {
            return Instruction.of(Code.LDX_LEN, 0);
        }
        if (SLOT.matcher(operand).matches()) {
            return Instruction.of(Code.LDX_MEM, matched(SLOT, operand));
        }
        return HEADER_LENGTH.matcher(operand).matches()
                ? Instruction.of(Code.LDX_MSH, matched(HEADER_LENGTH, operand))
                : Instruction.of(Code.LDX_IMM, constant(operand));
    }

    private static Instruction place(int absolute, int indirect, String operand) {
        Extension extension = extension(operand);
        if (extension != null) {
            return Instruction.of(absolute, extension.offset());
        }
        Matcher x = X_PLACE.matcher(operand);
        if (x.matches()) {
            return Instruction.of(indirect, x.group(1) == null ? 0 : (int) number(x.group(1)));
        }
        return Instruction.of(absolute, matched(PLACE, operand));
    }

    private static boolean isLength(String operand) {
        return operand.equals("#pktlen") || operand.equals("#len") || operand.equals("len");
    }

    private static Extension extension(String operand) {
        String name = operand.startsWith("#") ? operand.substring(1) : operand;
        for (Extension extension : Extension.values()) {
            if (extension.text().equals(name)) {
                return extension;
            }
        }
        return null;
    }

    private static int matched(Pattern form, String operand) {
        Matcher m = form.matcher(operand);
        if (!m.matches()) {
            throw new IllegalArgumentException("not an operand of this instruction: " + operand);
        }
        return (int) number(m.group(1));
    }

    private static int constant(String operand) {
        if (!operand.startsWith("#")) {
            throw new IllegalArgumentException("not an operand of this instruction: " + operand);
        }
        return (int) number(operand.substring(1));
    }

    private static long number(String text) {
        long number;
        try {
            number = Long.decode(text);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("not a number: " + text, e);
        }
        if (number < Integer.MIN_VALUE || number > 0xffff_ffffL) {
            throw new IllegalArgumentException("not a number of 32 bits: " + text);
        }
        return number;
    }
}
