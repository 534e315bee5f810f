package adit.bpf;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/// Programs keep as much of a datagram as the running kernel keeps with the same program on a socket.
/// `-Dbpf.answered=1000000` for more of them.
class KernelAnswerTest {
    private static final int PROGRAMS = Integer.getInteger("bpf.answered", 15_000);
    private static final int PACKETS = 4;
    private static final int LENGTH = 300;

    @Test
    void keepsWhatTheKernelKeeps() {
        int ran = 0;
        int[] kept = new int[LENGTH + 10];
        try (Arena arena = Arena.ofConfined()) {
            Kernel kernel = new Kernel(arena);
            int[] sockets = kernel.pair();
            MemorySegment out = arena.allocate(LENGTH + 16);
            MemorySegment in = arena.allocate(LENGTH + 16);
            for (int seed = 0; seed < PROGRAMS; seed++) {
                RandomPrograms random = new RandomPrograms(new SplittableRandom(77L * seed), LENGTH, true);
                List<Instruction> instructions = random.program(seed % 20 == 0 ? 500 : 25);
                if (!(Program.of(instructions) instanceof Program program)) {
                    continue;
                }
                ran++;
                assertThat(kernel.attach(sockets[1], instructions)).isZero();
                Filter compiled = program.compile();
                for (int i = 0; i < PACKETS; i++) {
                    byte[] packet = random.packet();
                    MemorySegment.copy(MemorySegment.ofArray(packet), 0, out, 0, packet.length);
                    assertThat(kernel.send(sockets[0], out, packet.length)).isEqualTo(packet.length);
                    int received = kernel.receive(sockets[1], in);
                    int answer = compiled.run(out, 0, packet.length, out, Facts.SOCKET_PAIR);
                    int expected = answer == 0 ? -Kernel.EAGAIN : Filter.kept(answer, packet.length);
                    if (received != expected) {
                        throw new AssertionError(
                                "seed " + seed + ": the kernel keeps " + received + ", the program " + expected + "\n"
                                        + program + "\n" + HexFormat.of().formatHex(packet));
                    }
                    kept[Math.max(received, 0)]++;
                }
            }
            kernel.close(sockets[0]);
            kernel.close(sockets[1]);
        }
        assertThat(ran).isGreaterThan(PROGRAMS / 2);
        assertThat(Arrays.stream(kept).filter(count -> count > 0).count())
                .as("different lengths")
                .isGreaterThan(200);
    }
}
