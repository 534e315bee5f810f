package adit.bpf;

import static java.lang.constant.ConstantDescs.CD_Object;
import static java.lang.constant.ConstantDescs.CD_int;
import static java.lang.constant.ConstantDescs.CD_long;

import java.lang.classfile.ClassBuilder;
import java.lang.classfile.ClassFile;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.lang.classfile.Opcode;
import java.lang.classfile.instruction.SwitchCase;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Turns a program into a class of its own: registers and slots become local variables, jumps become jumps.
///
/// HotSpot does not compile a method of more than 8,000 octets of bytecode, no method may have more than 65,535,
/// and into one that has grown to 8,000 by what was inlined, nothing more is inlined. So the program is cut into
/// pieces of [#PIECE] instructions, one static method each:
///
/// 1. `run` calls `piece0`; a program of one piece is that method alone;
/// 2. a jump out of a piece, and the way out at its end, puts the target's index into a variable and goes to the
///    piece's common exit;
/// 3. the exit calls the next piece with the index, A, X and the used slots, and answers what it answers;
/// 4. a piece starts with a switch over the index: to the instruction when it is here, else to the exit again.
///
/// Jumps go forward, so this never comes back. What no path reaches is left out.
///
/// Loads are calls of [Loads], which the interpreter shares: they are compiled already, and too long for the
/// first of HotSpot's compilers to inline. So a program runs at the interpreter's pace until the second has come
/// to its pieces, which takes some thousand runs, and not at a tenth of it.
final class Compiler {
    /// Instructions in one method. With what is inlined the most expensive of them, a load, makes about 150
    /// octets of bytecode.
    static final int PIECE = 40;

    private static final ClassDesc THIS = ClassDesc.of("adit.bpf.CompiledFilter");
    private static final ClassDesc FILTER = Filter.class.describeConstable().orElseThrow();
    private static final ClassDesc SEGMENT =
            MemorySegment.class.describeConstable().orElseThrow();
    private static final ClassDesc ANCILLARY =
            Ancillary.class.describeConstable().orElseThrow();
    private static final ClassDesc EXTENSION =
            Extension.class.describeConstable().orElseThrow();
    private static final ClassDesc LOADS = Loads.class.describeConstable().orElseThrow();
    private static final ClassDesc INTEGER = Integer.class.describeConstable().orElseThrow();

    private static final MethodTypeDesc RUN = MethodTypeDesc.of(CD_int, SEGMENT, CD_long, CD_int, CD_Object, ANCILLARY);
    private static final MethodTypeDesc LOAD =
            MethodTypeDesc.of(CD_long, SEGMENT, CD_long, CD_int, CD_int, CD_Object, ANCILLARY);
    private static final MethodTypeDesc EXTEND =
            MethodTypeDesc.of(CD_int, EXTENSION, SEGMENT, CD_long, CD_int, CD_int, CD_int, CD_Object, ANCILLARY);
    private static final MethodTypeDesc ASK = MethodTypeDesc.of(CD_int, CD_Object);
    private static final MethodTypeDesc BINARY = MethodTypeDesc.of(CD_int, CD_int, CD_int);

    // Local variables of a piece.
    private static final int SEGMENT_AT = 0;
    private static final int START_AT = 1;
    private static final int LENGTH_AT = 3;
    private static final int PACKET_AT = 4;
    private static final int ANCILLARY_AT = 5;
    private static final int INDEX_AT = 6;
    private static final int A_AT = 7;
    private static final int X_AT = 8;
    private static final int SLOTS_AT = 9;

    private final Program program;
    private final boolean[] reached;
    private final int[] slotAt = new int[Program.SLOTS];
    private final int slotCount;
    private final MethodTypeDesc pieceType;

    private Compiler(Program program) {
        this.program = program;
        this.reached = reached(program);
        int slots = 0;
        for (int i = 0; i < Program.SLOTS; i++) {
            slotAt[i] = SLOTS_AT + slots;
            slots += program.usedSlots() >>> i & 1;
        }
        this.slotCount = slots;
        ClassDesc[] state = new ClassDesc[3 + slots];
        Arrays.fill(state, CD_int);
        this.pieceType = RUN.insertParameterTypes(RUN.parameterCount(), state);
    }

    /// The program as an instance of a hidden class.
    static Filter compile(Program program) {
        MethodHandles.Lookup here = MethodHandles.lookup();
        try {
            MethodHandles.Lookup there = here.defineHiddenClass(bytecode(program), true);
            return (Filter) there.findConstructor(there.lookupClass(), MethodType.methodType(void.class))
                    .asType(MethodType.methodType(Filter.class))
                    .invokeExact();
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException("a verified program does not compile", e);
        }
    }

    /// The class file.
    static byte[] bytecode(Program program) {
        Compiler compiler = new Compiler(program);
        return ClassFile.of().build(THIS, compiler::build);
    }

    private static boolean[] reached(Program program) {
        boolean[] reached = new boolean[program.length() + 1];
        reached[0] = true;
        for (int i = 0; i < program.length(); i++) {
            int code = program.code(i);
            if (!reached[i] || code == Code.RET_K || code == Code.RET_A) {
                continue;
            }
            if (Code.isConditional(code)) {
                reached[i + 1 + program.jumpTrue(i)] = true;
                reached[i + 1 + program.jumpFalse(i)] = true;
            } else {
                reached[i + 1 + (code == Code.JA ? program.operand(i) : 0)] = true;
            }
        }
        return reached;
    }

    private void build(ClassBuilder b) {
        b.withFlags(ClassFile.ACC_FINAL | ClassFile.ACC_SUPER).withInterfaceSymbols(FILTER);
        b.withMethodBody(
                ConstantDescs.INIT_NAME,
                ConstantDescs.MTD_void,
                0,
                c -> c.aload(0)
                        .invokespecial(CD_Object, ConstantDescs.INIT_NAME, ConstantDescs.MTD_void)
                        .return_());
        b.withMethodBody("run", RUN, ClassFile.ACC_PUBLIC, this::run);
        for (int first = 0; first < program.length(); first += PIECE) {
            int start = first;
            int end = Math.min(first + PIECE, program.length());
            b.withMethodBody(
                    name(start),
                    pieceType,
                    ClassFile.ACC_PRIVATE | ClassFile.ACC_STATIC,
                    c -> new Piece(c, start, end).build());
        }
    }

    private static String name(int start) {
        return "piece" + start / PIECE;
    }

    private void run(CodeBuilder c) {
        c.aload(1).lload(2).iload(4).aload(5).aload(6);
        for (int i = 0; i < 3 + slotCount; i++) {
            c.iconst_0();
        }
        c.invokestatic(THIS, name(0), pieceType).ireturn();
    }

    /// The method for the instructions from `start` to before `end`.
    private final class Piece {
        private final CodeBuilder c;
        private final int start;
        private final int end;
        private final Label[] labels;
        private final Label exit;
        private final Label nothing;

        Piece(CodeBuilder c, int start, int end) {
            this.c = c;
            this.start = start;
            this.end = end;
            this.labels = new Label[end - start];
            for (int i = 0; i < labels.length; i++) {
                labels[i] = c.newLabel();
            }
            this.exit = c.newLabel();
            this.nothing = c.newLabel();
        }

        void build() {
            if (start > 0) {
                enter();
            }
            for (int i = start; i < end; i++) {
                c.labelBinding(labels[i - start]);
                if (reached[i]) {
                    instruction(i);
                }
            }
            if (end < program.length()) {
                if (reached[end]) {
                    leave(end);
                }
                c.labelBinding(exit);
                exit();
            }
            c.labelBinding(nothing);
            c.iconst_0().ireturn();
        }

        private void enter() {
            List<SwitchCase> cases = new ArrayList<>();
            for (int i = start; i < end; i++) {
                if (reached[i]) {
                    cases.add(SwitchCase.of(i, labels[i - start]));
                }
            }
            c.iload(INDEX_AT);
            // Behind the last piece there is nothing to go on to; every index is in some piece.
            c.tableswitch(start, end - 1, end < program.length() ? exit : nothing, cases);
        }

        private void leave(int target) {
            c.loadConstant(target).istore(INDEX_AT).goto_(exit);
        }

        private void exit() {
            packet().aload(PACKET_AT)
                    .aload(ANCILLARY_AT)
                    .iload(INDEX_AT)
                    .iload(A_AT)
                    .iload(X_AT);
            for (int i = 0; i < slotCount; i++) {
                c.iload(SLOTS_AT + i);
            }
            c.invokestatic(THIS, name(end), pieceType).ireturn();
        }

        private CodeBuilder packet() {
            return c.aload(SEGMENT_AT).lload(START_AT).iload(LENGTH_AT);
        }

        private void goTo(int target) {
            if (target < end) {
                c.goto_(labels[target - start]);
            } else {
                leave(target);
            }
        }

        private void instruction(int index) {
            int code = program.code(index);
            int k = program.operand(index);
            if (Code.isConditional(code)) {
                conditional(index, code, k);
                return;
            }
            if (Code.isBinary(code)) {
                binary(code, k);
                return;
            }
            switch (code) {
                case Code.LD_W_ABS, Code.LD_H_ABS, Code.LD_B_ABS -> absolute(code, k);
                case Code.LD_W_IND, Code.LD_H_IND, Code.LD_B_IND -> {
                    packet().iload(X_AT).loadConstant(k).iadd();
                    load(code);
                    c.l2i().istore(A_AT);
                }
                case Code.LDX_MSH -> {
                    packet().loadConstant(k);
                    load(Code.LD_B_ABS);
                    c.l2i().loadConstant(0xf).iand().iconst_2().ishl().istore(X_AT);
                }
                case Code.LD_LEN -> c.iload(LENGTH_AT).istore(A_AT);
                case Code.LDX_LEN -> c.iload(LENGTH_AT).istore(X_AT);
                case Code.LD_IMM -> c.loadConstant(k).istore(A_AT);
                case Code.LDX_IMM -> c.loadConstant(k).istore(X_AT);
                case Code.LD_MEM -> c.iload(slotAt[k]).istore(A_AT);
                case Code.LDX_MEM -> c.iload(slotAt[k]).istore(X_AT);
                case Code.ST -> c.iload(A_AT).istore(slotAt[k]);
                case Code.STX -> c.iload(X_AT).istore(slotAt[k]);
                case Code.TAX -> c.iload(A_AT).istore(X_AT);
                case Code.TXA -> c.iload(X_AT).istore(A_AT);
                case Code.NEG -> c.iload(A_AT).ineg().istore(A_AT);
                case Code.RET_K -> c.loadConstant(k).ireturn();
                case Code.RET_A -> c.iload(A_AT).ireturn();
                case Code.JA -> goTo(index + 1 + k);
                default -> throw new IllegalStateException("code " + code);
            }
        }

        private void absolute(int code, int k) {
            Extension extension = k < 0 ? Extension.at(k) : null;
            if (extension != null) {
                extension(extension);
            } else {
                packet().loadConstant(k);
                load(code);
                c.l2i().istore(A_AT);
            }
        }

        // With the packet and the offset on the stack: leaves a long there, or ends the program.
        private void load(int code) {
            c.aload(PACKET_AT).aload(ANCILLARY_AT);
            c.invokestatic(LOADS, "load" + 8 * Code.size(code), LOAD);
            Label there = c.newLabel();
            c.dup2().lconst_0().lcmp().ifge(there);
            c.iconst_0().ireturn();
            c.labelBinding(there);
        }

        private void extension(Extension extension) {
            if (extension == Extension.XOR_X) {
                c.iload(A_AT).iload(X_AT).ixor().istore(A_AT);
                return;
            }
            if (Interpreter.asksInterface(extension)) {
                Label there = c.newLabel();
                c.aload(ANCILLARY_AT).aload(PACKET_AT).invokeinterface(ANCILLARY, "interfaceIndex", ASK);
                c.ifne(there).iload(A_AT).ireturn();
                c.labelBinding(there);
            }
            c.getstatic(EXTENSION, extension.name(), EXTENSION);
            packet().iload(A_AT).iload(X_AT).aload(PACKET_AT).aload(ANCILLARY_AT);
            c.invokestatic(LOADS, "extension", EXTEND).istore(A_AT);
        }

        private void binary(int code, int k) {
            if (Code.usesX(code) && Interpreter.divides(code)) {
                c.iload(X_AT).ifeq(nothing);
            }
            c.iload(A_AT);
            if (Code.usesX(code)) {
                c.iload(X_AT);
            } else {
                c.loadConstant(k);
            }
            switch (code & ~Code.X) {
                case Code.ADD_K -> c.iadd();
                case Code.SUB_K -> c.isub();
                case Code.MUL_K -> c.imul();
                case Code.DIV_K -> c.invokestatic(INTEGER, "divideUnsigned", BINARY);
                case Code.MOD_K -> c.invokestatic(INTEGER, "remainderUnsigned", BINARY);
                case Code.OR_K -> c.ior();
                case Code.AND_K -> c.iand();
                case Code.XOR_K -> c.ixor();
                case Code.LSH_K -> c.ishl();
                case Code.RSH_K -> c.iushr();
                default -> throw new IllegalStateException("code " + code);
            }
            c.istore(A_AT);
        }

        // Jumps to the false side when the condition fails and falls into the true side, or the other way round when
        // the true side is far.
        private void conditional(int index, int code, int k) {
            int whenTrue = index + 1 + program.jumpTrue(index);
            int whenFalse = index + 1 + program.jumpFalse(index);
            if (whenTrue == whenFalse) {
                goTo(whenTrue);
                return;
            }
            Label far = c.newLabel();
            boolean near = whenTrue < end;
            compare(code, k, near ? labels[whenTrue - start] : far);
            if (whenFalse != index + 1 || whenFalse == end) {
                goTo(whenFalse);
            }
            if (!near) {
                // The false side was the next instruction: step over the way out.
                Label on = c.newLabel();
                if (whenFalse == index + 1 && whenFalse < end) {
                    c.goto_(on);
                }
                c.labelBinding(far);
                leave(whenTrue);
                c.labelBinding(on);
            }
        }

        private void compare(int code, int k, Label target) {
            boolean x = Code.usesX(code);
            c.iload(A_AT);
            switch (code & ~Code.X) {
                case Code.JEQ_K -> {
                    operand(x, k);
                    c.if_icmpeq(target);
                }
                case Code.JSET_K -> {
                    operand(x, k);
                    c.iand().ifne(target);
                }
                case Code.JGT_K -> unsigned(x, k, Opcode.IF_ICMPGT, target);
                case Code.JGE_K -> unsigned(x, k, Opcode.IF_ICMPGE, target);
                default -> throw new IllegalStateException("code " + code);
            }
        }

        private void operand(boolean x, int k) {
            if (x) {
                c.iload(X_AT);
            } else {
                c.loadConstant(k);
            }
        }

        // Unsigned order is signed order with the first bit of both sides turned.
        private void unsigned(boolean x, int k, Opcode comparison, Label target) {
            c.loadConstant(Integer.MIN_VALUE).ixor();
            if (x) {
                c.iload(X_AT).loadConstant(Integer.MIN_VALUE).ixor();
            } else {
                c.loadConstant(k ^ Integer.MIN_VALUE);
            }
            c.branch(comparison, target);
        }
    }
}
