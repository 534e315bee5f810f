package adit.tun;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class DeterminismTest {
    private static final String HEAD = "4500001c 00010000 40110000 0a000001 0a000002 ";

    /// A run of operations drawn from `seed`, as text.
    private static List<String> run(long seed) {
        Random dice = new Random(seed);
        List<String> log = new ArrayList<>();
        Rig rig = new Rig();
        rig.table.receiver((device, p) -> {
            log.add(device.name() + " " + Rig.hex(p));
            device.send(p);
        });
        int flags = Rig.TUN | TunIoctl.IFF_MULTI_QUEUE;
        List<MemoryTunFile> files = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            files.add(rig.attached("t0", flags));
        }
        MemoryTunFile tap = rig.attached("tap%d", Rig.TAP);
        log.add(Long.toHexString(tap.device().address()));
        MemorySegment into = rig.junk(100);
        for (int i = 0; i < 60; i++) {
            MemoryTunFile file = files.get(dice.nextInt(3));
            int n = switch (dice.nextInt(6)) {
                case 0, 1 -> file.write(rig.octets(HEAD + "%04x0006 00080000".formatted(dice.nextInt(9))));
                case 2, 3 -> file.read(into);
                case 4 -> rig.setQueue(file, dice.nextBoolean() ? 0x200 : 0x400);
                default -> {
                    rig.time.advanceBy(dice.nextLong(2_000_000_000L));
                    yield file.device().txQueueLength(dice.nextInt(1, 5));
                }
            };
            log.add(n + " " + file + " " + (n > 0 ? Rig.hex(into, n) : ""));
        }
        log.add(files.getFirst().device().statistics().toString());
        for (MemoryTunFile file : files) {
            log.add(file.statistics().toString());
        }
        rig.close();
        return log;
    }

    @Test
    void sameSeedGivesTheSameOctetsCountersAndOrderAThousandTimes() {
        List<String> first = run(42);
        assertThat(first).anyMatch(line -> line.startsWith("t0 ")).anyMatch(line -> line.startsWith("28 "));
        for (int i = 0; i < 1000; i++) {
            assertThat(run(42)).isEqualTo(first);
        }
    }

    @Test
    void anotherSeedGivesAnotherRun() {
        assertThat(run(1)).isNotEqualTo(run(2));
    }
}
