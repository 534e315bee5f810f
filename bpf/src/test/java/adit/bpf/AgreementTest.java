package adit.bpf;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The slow reading of the definition, the interpreter and the compiled program answer alike.
/// `-Dbpf.programs=1000000` for more of them.
class AgreementTest {
    private static final int PROGRAMS = Integer.getInteger("bpf.programs", 4_000);
    private static final int PACKETS = 25;
    private static final int MARGIN = 16;
    private static final byte JUNK = (byte) 0xa5;

    @Test
    void threeWaysToRunAProgramAnswerAlike() {
        int ran = 0;
        long answers = 0;
        for (int seed = 0; seed < PROGRAMS; seed++) {
            SplittableRandom dice = new SplittableRandom(20_261_122L + seed);
            int longest = seed % 100 == 0 ? Program.MAX_LENGTH : seed % 10 == 0 ? 400 : 40;
            RandomPrograms random = new RandomPrograms(dice, 64, false);
            if (Program.of(random.program(longest)) instanceof Program program) {
                answers += agree(program, random, seed);
                ran++;
            }
        }
        assertThat(ran).isGreaterThan(PROGRAMS / 2);
        assertThat(answers).as("packets that were kept").isBetween((long) ran, (long) ran * PACKETS);
    }

    private static long agree(Program program, RandomPrograms random, int seed) {
        Filter interpreted = program.interpreter();
        Filter compiled = program.compile();
        List<Instruction> instructions = program.instructions();
        long kept = 0;
        for (int i = 0; i < PACKETS; i++) {
            byte[] packet = random.packet();
            Facts facts = i % 3 == 0 ? Facts.SOCKET_PAIR : Facts.FRAME;
            MemorySegment s = inJunk(packet);
            int expected = SlowFilter.run(instructions, packet, facts);
            int one = interpreted.run(s, MARGIN, packet.length, s, facts);
            int other = compiled.run(s, MARGIN, packet.length, s, facts);
            if (one != expected || other != expected) {
                throw new AssertionError("program " + seed + ", packet " + i + ": expected "
                        + Integer.toHexString(expected) + ", interpreted " + Integer.toHexString(one) + ", compiled "
                        + Integer.toHexString(other) + "\n" + program + "\n" + Arrays.toString(packet));
            }
            kept += expected == 0 ? 0 : 1;
        }
        return kept;
    }

    // What a program wrongly reads around the packet is not zero.
    private static MemorySegment inJunk(byte[] packet) {
        byte[] memory = new byte[packet.length + 2 * MARGIN];
        Arrays.fill(memory, JUNK);
        System.arraycopy(packet, 0, memory, MARGIN, packet.length);
        return MemorySegment.ofArray(memory);
    }

    @ParameterizedTest
    @ValueSource(ints = {149, 150, 151, 299, 300, 301, 1000, 4096})
    void longProgramsCountTheirWayThrough(int length) {
        // Adds 1 in each step, and skips every tenth addition by a jump that may leave the piece.
        StringBuilder text = new StringBuilder();
        int expected = 0;
        for (int i = 0; i < length - 1; i++) {
            if (i % 10 == 0 && i + 2 < length) {
                text.append("jset #0x80000000 jt ")
                        .append(i + 1)
                        .append(" jf ")
                        .append(i + 2)
                        .append('\n');
                i++;
            } else {
                expected++;
            }
            text.append("add #1\n");
        }
        Program program = Program.of(Assembler.assemble(text + "ret a")).orThrow();
        assertThat(program.length()).isEqualTo(length);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment s = arena.allocate(ValueLayout.JAVA_LONG);
            assertThat(program.interpreter().run(s, 0, 8)).isEqualTo(expected);
            assertThat(program.compile().run(s, 0, 8)).isEqualTo(expected);
        }
    }
}
