package adit.bpf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import adit.bpf.ProgramFault.Reason;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// A fault says what is wrong, and where. That the verdicts are the kernel's is KernelVerifierTest's business.
class VerifierTest {
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            1 | UNKNOWN_CODE        | instruction 1: no operation has code 0xff        | 3 0 0 0 0 255 0 0 0 6 0 0 0
            0 | DIVISION_BY_ZERO    | instruction 0: division by the constant 0        | 2 52 0 0 0 6 0 0 0
            0 | SHIFT_TOO_FAR       | instruction 0: shift by 4294967295 of 31 bits    | 2 100 0 0 4294967295 6 0 0 0
            0 | NO_SUCH_SLOT        | instruction 0: slot 16 of 0 to 15                | 2 2 0 0 16 6 0 0 0
            0 | JUMP_OUT_OF_PROGRAM | instruction 0: jumps to 2, behind the last instruction 1 | 2 21 0 1 0 6 0 0 0
            0 | JUMP_OUT_OF_PROGRAM | instruction 0: jumps to 4294967296, behind the last instruction 1 | 2 5 0 0 4294967295 6 0 0 0
            0 | UNKNOWN_EXTENSION   | instruction 0: no extension at offset -4032      | 2 32 0 0 4294963264 6 0 0 0
            1 | NO_RETURN_AT_END    | instruction 1: the last instruction has to be ret | 2 6 0 0 0 0 0 0 0
            1 | SLOT_NOT_WRITTEN    | instruction 1: slot 7 is not written on every way here | 3 2 0 0 6 96 0 0 7 6 0 0 0
            """)
    void aFaultSaysWhatIsWrongAndWhere(int instruction, Reason reason, String message, String numbers) {
        Verdict verdict = Program.of(Assembler.numbers(numbers));
        assertThat(verdict).isEqualTo(new ProgramFault(instruction, reason, message));
        assertThat(((ProgramFault) verdict).errno()).isEqualTo(22);
        assertThatThrownBy(verdict::orThrow)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message);
    }

    @Test
    void aProgramHasOneToFourThousandAndNinetySixInstructions() {
        Instruction end = Instruction.of(Code.RET_K, 0);
        assertThat(Program.of(List.of())).isInstanceOfSatisfying(ProgramFault.class, f -> {
            assertThat(f.reason()).isEqualTo(Reason.LENGTH);
            assertThat(f.instruction()).isEqualTo(-1);
        });
        assertThat(Program.of(Collections.nCopies(4096, end))).isInstanceOf(Program.class);
        assertThat(Program.of(Collections.nCopies(4097, end))).isInstanceOf(ProgramFault.class);
        // The count comes from outside: it may announce more than there is.
        assertThat(Program.read(MemorySegment.NULL, 0, 65535)).isInstanceOf(ProgramFault.class);
        assertThat(Program.read(MemorySegment.NULL, 0, -1)).isInstanceOf(ProgramFault.class);
    }

    @Test
    void aJumpOverThousandsOfLoadsIsTooFar() {
        List<Instruction> instructions = new ArrayList<>();
        instructions.add(Instruction.of(Code.JA, 4000));
        instructions.addAll(Collections.nCopies(4000, Instruction.of(Code.LD_W_ABS, 4)));
        instructions.add(Instruction.of(Code.RET_A, 0));
        assertThat(Program.of(instructions)).isInstanceOfSatisfying(ProgramFault.class, f -> {
            assertThat(f.reason()).isEqualTo(Reason.JUMP_TOO_FAR);
            assertThat(f.instruction()).isZero();
        });
    }

    // The octets are those of `tcpdump -dd ip` in memory of a little-endian machine, by hand.
    @Test
    void readsAndWritesTheKernelsStructures() {
        byte[] octets = {
            0x28, 0, 0, 0, 12, 0, 0, 0, //
            0x15, 0, 0, 1, 0, 8, 0, 0, //
            6, 0, 0, 0, 0, 0, 4, 0, //
            6, 0, 0, 0, 0, 0, 0, 0
        };
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment s = arena.allocate(64);
            s.fill((byte) 0xa5);
            MemorySegment.copy(MemorySegment.ofArray(octets), 0, s, 3, octets.length);
            Program program = Program.read(s, 3, 4).orThrow();
            assertThat(program.toString().lines().map(String::strip))
                    .containsExactly(
                            "(000) ldh      [12]",
                            "(001) jeq      #0x800           jt 2\tjf 3",
                            "(002) ret      #262144",
                            "(003) ret      #0");
            s.fill((byte) 0xa5);
            program.emit(s, 5);
            assertThat(s.asSlice(5, octets.length).toArray(ValueLayout.JAVA_BYTE))
                    .isEqualTo(octets);
            assertThat(s.get(ValueLayout.JAVA_BYTE, 4)).isEqualTo((byte) 0xa5);
            assertThat(s.get(ValueLayout.JAVA_BYTE, 5 + octets.length)).isEqualTo((byte) 0xa5);
        }
    }
}
