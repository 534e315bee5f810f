package adit.bpf;

import java.lang.foreign.MemorySegment;

/// Runs a program instruction by instruction.
final class Interpreter implements Filter {
    // Slots live in memory, and a run must not allocate. Filters don't nest, so one set a thread is enough.
    private static final ThreadLocal<int[]> SLOTS = ThreadLocal.withInitial(() -> new int[Program.SLOTS]);

    private final Program program;
    private final boolean usesSlots;

    Interpreter(Program program) {
        this.program = program;
        this.usesSlots = program.usesSlots();
    }

    @Override
    public <P> int run(MemorySegment s, long at, int length, P packet, Ancillary<? super P> ancillary) {
        int[] slots = usesSlots ? SLOTS.get() : null;
        int a = 0;
        int x = 0;
        int pc = 0;
        while (true) {
            int code = program.code(pc);
            int k = program.operand(pc);
            switch (code) {
                case Code.LD_W_ABS, Code.LD_H_ABS, Code.LD_B_ABS -> {
                    Extension extension = k < 0 ? Extension.at(k) : null;
                    if (extension != null) {
                        if (asksInterface(extension) && ancillary.interfaceIndex(packet) == 0) {
                            return a;
                        }
                        a = Loads.extension(extension, s, at, length, a, x, packet, ancillary);
                    } else {
                        long loaded = load(code, s, at, length, k, packet, ancillary);
                        if (loaded == Loads.NONE) {
                            return 0;
                        }
                        a = (int) loaded;
                    }
                }
                case Code.LD_W_IND, Code.LD_H_IND, Code.LD_B_IND -> {
                    long loaded = load(code, s, at, length, x + k, packet, ancillary);
                    if (loaded == Loads.NONE) {
                        return 0;
                    }
                    a = (int) loaded;
                }
                case Code.LDX_MSH -> {
                    long loaded = Loads.load8(s, at, length, k, packet, ancillary);
                    if (loaded == Loads.NONE) {
                        return 0;
                    }
                    x = ((int) loaded & 0xf) << 2;
                }
                case Code.LD_LEN -> a = length;
                case Code.LDX_LEN -> x = length;
                case Code.LD_IMM -> a = k;
                case Code.LDX_IMM -> x = k;
                case Code.LD_MEM -> a = slots[k];
                case Code.LDX_MEM -> x = slots[k];
                case Code.ST -> slots[k] = a;
                case Code.STX -> slots[k] = x;
                case Code.TAX -> x = a;
                case Code.TXA -> a = x;
                case Code.RET_K -> {
                    return k;
                }
                case Code.RET_A -> {
                    return a;
                }
                case Code.NEG -> a = -a;
                case Code.JA -> pc += k;
                default -> {
                    int operand = Code.usesX(code) ? x : k;
                    if (Code.isConditional(code)) {
                        pc += holds(code, a, operand) ? program.jumpTrue(pc) : program.jumpFalse(pc);
                    } else if (operand == 0 && divides(code)) {
                        return 0;
                    } else {
                        a = binary(code, a, operand);
                    }
                }
            }
            pc++;
        }
    }

    static boolean asksInterface(Extension extension) {
        return extension == Extension.INTERFACE_INDEX || extension == Extension.HARDWARE_TYPE;
    }

    static boolean divides(int code) {
        return (code & ~Code.X) == Code.DIV_K || (code & ~Code.X) == Code.MOD_K;
    }

    private static <P> long load(
            int code, MemorySegment s, long at, int length, int offset, P packet, Ancillary<? super P> ancillary) {
        return switch (Code.size(code)) {
            case 4 -> Loads.load32(s, at, length, offset, packet, ancillary);
            case 2 -> Loads.load16(s, at, length, offset, packet, ancillary);
            default -> Loads.load8(s, at, length, offset, packet, ancillary);
        };
    }

    private static boolean holds(int code, int a, int operand) {
        return switch (code & ~Code.X) {
            case Code.JEQ_K -> a == operand;
            case Code.JGT_K -> Integer.compareUnsigned(a, operand) > 0;
            case Code.JGE_K -> Integer.compareUnsigned(a, operand) >= 0;
            default -> (a & operand) != 0;
        };
    }

    private static int binary(int code, int a, int operand) {
        return switch (code & ~Code.X) {
            case Code.ADD_K -> a + operand;
            case Code.SUB_K -> a - operand;
            case Code.MUL_K -> a * operand;
            case Code.DIV_K -> Integer.divideUnsigned(a, operand);
            case Code.MOD_K -> Integer.remainderUnsigned(a, operand);
            case Code.OR_K -> a | operand;
            case Code.AND_K -> a & operand;
            case Code.XOR_K -> a ^ operand;
            // Only five bits of the distance count, in eBPF as in Java.
            case Code.LSH_K -> a << operand;
            default -> a >>> operand;
        };
    }
}
