package adit.bpf;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.classfile.ClassFile;
import java.lang.classfile.MethodModel;
import java.lang.classfile.attribute.CodeAttribute;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class CompilerTest {
    /// HotSpot leaves longer methods to its interpreter (-XX:HugeMethodLimit).
    private static final int HUGE_METHOD = 8_000;

    private static final int ROUNDS = 100_000;
    private static final int MAX_RUNS = 10;
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    enum Engine {
        INTERPRETER {
            @Override
            Filter of(Program program) {
                return program.interpreter();
            }
        },
        COMPILER {
            @Override
            Filter of(Program program) {
                return program.compile();
            }
        };

        abstract Filter of(Program program);
    }

    @Test
    void noMethodIsTooLongForTheJustInTimeCompiler() {
        // The longest code: far jumps of both kinds, extensions, indirect loads with a large offset, all slots in use.
        List<List<Instruction>> worst = List.of(
                filled(new Instruction(Code.JGT_K | Code.X, 200, 255, 0)),
                filled(new Instruction(Code.JGE_K, 255, 254, 0x12345678)),
                filled(Instruction.of(Code.LD_H_IND, 0x12345678)),
                filled(Instruction.of(Code.LDX_MSH, -0x100000)),
                filled(Instruction.of(Code.LD_W_ABS, 0x12345678)),
                filled(Instruction.of(Code.LD_W_ABS, Extension.INTERFACE_INDEX.offset())));
        for (List<Instruction> instructions : worst) {
            assertNoHugeMethod(Program.of(instructions).orThrow());
        }
        for (int seed = 0; seed < 50; seed++) {
            RandomPrograms random = new RandomPrograms(new SplittableRandom(seed), 100_000, false);
            if (Program.of(random.program(Program.MAX_LENGTH)) instanceof Program program) {
                assertNoHugeMethod(program);
            }
        }
    }

    private static List<Instruction> filled(Instruction one) {
        List<Instruction> program = new ArrayList<>();
        for (int slot = 0; slot < Program.SLOTS; slot++) {
            program.add(Instruction.of(Code.ST, slot));
        }
        program.addAll(Collections.nCopies(2000, one));
        program.addAll(Collections.nCopies(300, Instruction.of(Code.RET_A, 0)));
        return program;
    }

    private static void assertNoHugeMethod(Program program) {
        for (MethodModel method :
                ClassFile.of().parse(Compiler.bytecode(program)).methods()) {
            CodeAttribute code = (CodeAttribute) method.code().orElseThrow();
            assertThat(code.codeLength()).as("%s", method.methodName()).isLessThan(HUGE_METHOD);
        }
    }

    @Test
    void theLongestProgramsRun() {
        for (Instruction one : List.of(
                new Instruction(Code.JGE_K, 255, 254, 5), Instruction.of(Code.LD_H_IND, 1), Instruction.of(0x04, 3))) {
            Program program = Program.of(filled(one)).orThrow();
            byte[] packet = {1, 2, 3, 4, 5};
            int expected = SlowFilter.run(program.instructions(), packet, Facts.SOCKET_PAIR);
            MemorySegment s = MemorySegment.ofArray(packet);
            assertThat(program.compile().run(s, 0, 5, s, Facts.SOCKET_PAIR)).isEqualTo(expected);
        }
    }

    @ParameterizedTest
    @EnumSource
    void allocatesNothingPerRun(Engine engine) {
        Assumptions.assumeTrue(THREADS.isThreadAllocatedMemorySupported(), "needs a JVM that counts allocation");
        Program program = Program.of(Assembler.assemble("""
                      ldxb 4*([14]&0xf)
                      ldh [x + 16]
                      st M[3]
                      ld ifidx
                      ld poff
                      ld vlan_tci
                      ld [-1048576]
                      ld M[3]
                      div #2
                      jgt #1000, keep
                      ret #0
                keep: ret a
                """)).orThrow();
        Filter filter = engine.of(program);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment s = arena.allocate(64);
            s.fill((byte) 0x45);
            long allocated = Long.MAX_VALUE;
            for (int i = 0; i < MAX_RUNS && allocated > 0; i++) {
                long before = THREADS.getCurrentThreadAllocatedBytes();
                run(filter, s);
                allocated = THREADS.getCurrentThreadAllocatedBytes() - before;
            }
            assertThat(allocated).isZero();
        }
    }

    private static void run(Filter filter, MemorySegment s) {
        for (int i = 0; i < ROUNDS; i++) {
            if (filter.run(s, 0, 60, s, Facts.FRAME) != 0x4545 / 2) {
                throw new AssertionError("the program went another way");
            }
        }
    }

    @Test
    void aFilterThatNobodyHoldsIsUnloaded() throws InterruptedException {
        Program program = Program.of(Assembler.assemble("ret #1")).orThrow();
        WeakReference<Class<?>> type = new WeakReference<>(program.compile().getClass());
        // A collection is asked for, not ordered.
        for (int i = 0; i < 100 && type.get() != null; i++) {
            System.gc();
            Thread.sleep(10);
        }
        assertThat(type.get()).isNull();
    }

    @Test
    void manyThreadsRunOneFilter() throws InterruptedException {
        for (Engine engine : Engine.values()) {
            Filter filter = engine.of(Program.of(Assembler.assemble("ld [0]\nst M[1]\nld #0\nld M[1]\nret a"))
                    .orThrow());
            List<Thread> threads = new ArrayList<>();
            int[] wrong = new int[4];
            for (int t = 0; t < wrong.length; t++) {
                int number = t;
                MemorySegment s = MemorySegment.ofArray(new byte[] {1, 2, 3, (byte) t});
                threads.add(Thread.ofPlatform().start(() -> {
                    for (int i = 0; i < ROUNDS; i++) {
                        wrong[number] += filter.run(s, 0, 4) == 0x01020300 + number ? 0 : 1;
                    }
                }));
            }
            for (Thread thread : threads) {
                thread.join();
            }
            assertThat(wrong).as(engine.name()).containsOnly(0);
        }
    }
}
