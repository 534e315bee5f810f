package adit.bpf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import adit.bpf.ProgramFault.Reason;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// The running kernel takes the programs that [Program#of] takes, and refuses the others.
/// `-Dbpf.verified=1000000` for more of them.
class KernelVerifierTest {
    private static final int PROGRAMS = Integer.getInteger("bpf.verified", 30_000);

    private final Arena arena = Arena.ofConfined();
    private Kernel kernel;
    private int[] sockets;
    private int optionMemory;

    @BeforeEach
    void open() throws IOException {
        // In one read: the kernel hands out a setting once, and Files.readString asks octet by octet.
        try (InputStream setting = Files.newInputStream(Path.of("/proc/sys/net/core/optmem_max"))) {
            optionMemory = Integer.parseInt(new String(setting.readAllBytes(), StandardCharsets.US_ASCII).strip());
        }
        kernel = new Kernel(arena);
        sockets = kernel.pair();
    }

    @AfterEach
    void close() {
        for (int socket : sockets) {
            kernel.close(socket);
        }
        arena.close();
    }

    private Verdict agreed(List<Instruction> program) {
        // A filter that is replaced is still charged while the new one is.
        kernel.option(sockets[0], Kernel.SO_DETACH_FILTER, 0);
        int said = kernel.attach(sockets[0], program);
        Verdict verdict = Program.of(program);
        int expected = switch (verdict) {
            case ProgramFault f -> -f.errno();
            case Program p -> p.chargedOctets() < optionMemory ? 0 : -Kernel.ENOMEM;
        };
        if (said != expected) {
            throw new AssertionError("the kernel says " + said + " and not " + expected + "\n"
                    + (program.size() > 100 ? program.size() + " instructions" : Disassembler.text(program)));
        }
        return verdict;
    }

    private static void assumeKernelOfTheTranslation() {
        String release = System.getProperty("os.version");
        assumeTrue(release.startsWith("6.18"), "needs Linux 6.18, whose translation is counted; this is " + release);
    }

    @Test
    void agreesAboutRandomPrograms() {
        Map<Reason, Integer> refused = new EnumMap<>(Reason.class);
        int taken = 0;
        for (int seed = 0; seed < PROGRAMS; seed++) {
            SplittableRandom dice = new SplittableRandom(31L * seed);
            RandomPrograms random = new RandomPrograms(dice, 64, false);
            List<Instruction> program = random.program(seed % 50 == 0 ? 1000 : 20);
            switch (agreed(seed % 2 == 0 ? program : random.damaged(program))) {
                case Program _ -> taken++;
                case ProgramFault f -> refused.merge(f.reason(), 1, Integer::sum);
            }
        }
        assertThat(taken).isBetween(PROGRAMS / 4, PROGRAMS * 9 / 10);
        assertThat(refused)
                .containsKeys(
                        Reason.UNKNOWN_CODE,
                        Reason.NO_SUCH_SLOT,
                        Reason.JUMP_OUT_OF_PROGRAM,
                        Reason.UNKNOWN_EXTENSION,
                        Reason.NO_RETURN_AT_END,
                        Reason.SLOT_NOT_WRITTEN);
    }

    @Test
    void agreesAboutEveryCode() {
        for (int code = 0; code <= 0xffff; code += code < 0x200 ? 1 : 0x101) {
            for (int operand : new int[] {0, 1, 15, 16, 31, 32, -1}) {
                agreed(List.of(Instruction.of(0x02, 0), Instruction.of(code, operand), Instruction.of(0x06, 0)));
                agreed(List.of(Instruction.of(code, operand)));
            }
        }
    }

    @Test
    void agreesAboutEveryPlaceNearTheExtensions() {
        for (int k = -0x1000 - 70; k < -0x1000 + 140; k++) {
            for (int code : new int[] {0x20, 0x28, 0x30, 0x40, 0xb1}) {
                agreed(List.of(Instruction.of(code, k), Instruction.of(0x16, 0)));
            }
        }
    }

    @Test
    void agreesAboutEveryJump() {
        for (int length = 1; length <= 5; length++) {
            for (int at = 0; at < length; at++) {
                for (int skip : new int[] {0, 1, 2, 3, 4, 5, 255}) {
                    for (int other : new int[] {0, 3, 255}) {
                        List<Instruction> program = returns(length);
                        program.set(at, new Instruction(0x15, skip, other, 0));
                        agreed(program);
                        program.set(at, new Instruction(0x15, other, skip, 0));
                        agreed(program);
                    }
                    List<Instruction> program = returns(length);
                    program.set(at, Instruction.of(0x05, skip == 255 ? -1 - at : skip));
                    agreed(program);
                }
            }
        }
    }

    private static List<Instruction> returns(int length) {
        return new ArrayList<>(Collections.nCopies(length, Instruction.of(0x06, 0)));
    }

    @Test
    void agreesAboutTheLength() {
        for (int length : new int[] {0, 1, 2, 4095, 4096, 4097, 8000, 65535}) {
            agreed(returns(length));
        }
    }

    // At the edge one instruction more or less decides, so the length of the translation and of what stands in front
    // of it are right to the octet.
    @Test
    void agreesAboutTheMemoryThatAProgramTakes() {
        assumeKernelOfTheTranslation();
        int refused = 0;
        for (int filler = 0; filler < 60; filler++) {
            int loads = (optionMemory - 300) / 112;
            List<Instruction> program = new ArrayList<>(Collections.nCopies(loads, Instruction.of(0x20, 4)));
            program.addAll(Collections.nCopies(filler, Instruction.of(0x07, 0)));
            program.add(Instruction.of(0x16, 0));
            Verdict verdict = agreed(program);
            refused += verdict instanceof Program p && p.chargedOctets() >= optionMemory ? 1 : 0;
        }
        assertThat(refused).isBetween(1, 59);
    }

    // A slot written before a ret counts as written behind it, though no way leads there.
    @Test
    void agreesAboutSlotsBehindAReturn() {
        assertThat(agreed(Assembler.assemble("""
                jeq #1, over
                st M[3]
                ret #0
                over: ld M[3]
                ret a
                """))).isInstanceOf(ProgramFault.class);
        assertThat(agreed(Assembler.assemble("""
                st M[3]
                jeq #1, over
                ret #0
                over: ld M[3]
                ret a
                """))).isInstanceOf(Program.class);
        assertThat(agreed(Assembler.assemble("""
                ld #1
                ret #0
                ld M[3]
                ret a
                """))).isInstanceOf(ProgramFault.class);
        assertThat(agreed(Assembler.assemble("""
                st M[3]
                ret #0
                ld M[3]
                ret a
                """))).isInstanceOf(Program.class);
    }

    // Where the translated jump is one too long depends on how many instructions each load becomes.
    @Test
    void agreesAboutHowFarAJumpReachesInTheTranslatedProgram() {
        assumeKernelOfTheTranslation();
        int[][] loads = {
            {0x20, 0},
            {0x20, 4},
            {0x30, 0},
            {0x30, 9},
            {0x28, 0x7fff},
            {0x28, 0x8000},
            {0x30, 0x9000},
            {0x20, -0x10_0000},
            {0x40, 0},
            {0x48, 3},
            {0xb1, 0},
            {0xb1, 14},
            {0x3c, 0},
            {0x9c, 0},
            {0x45, 7},
            {0x20, -0x1000 + 8},
            {0x20, -0x1000 + 52},
            {0x20, -0x1000 + 48},
            {0x20, -0x1000},
            {0x20, -0x1000 + 4},
            {0x20, -0x1000 + 36}
        };
        int refused = 0;
        for (int[] load : loads) {
            for (int count = 4094 - 1; count > 1000; count -= 37) {
                List<Instruction> program = new ArrayList<>();
                program.add(Instruction.of(0x05, count));
                program.addAll(Collections.nCopies(count, Instruction.of(load[0], load[1])));
                program.add(Instruction.of(0x06, 0));
                refused += agreed(program) instanceof ProgramFault ? 1 : 0;
                if (count == 4093 && refused == 0) {
                    break;
                }
            }
        }
        assertThat(refused).isPositive();
    }
}
