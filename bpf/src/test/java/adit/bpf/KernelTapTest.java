package adit.bpf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.opentest4j.TestAbortedException;

/// Programs keep as much of a frame as the kernel keeps with the same program, extensions included: of frames that
/// leave by a TAP with the program attached to it, and of frames that come in by it, seen by a packet socket with the
/// program attached. The kernel takes the VLAN tag out of the latter and keeps it beside the octets.
///
/// The TAP stands in a network namespace of one thread, which is gone when the thread is.
@Timeout(120)
class KernelTapTest {
    private static final int PROGRAMS = Integer.getInteger("bpf.tap", 4_000);
    private static final int PACKETS = 6;
    private static final int MARK = 0x00c0ffee;
    private static final int ROOM = 512;

    private static final int O_RDWR_NONBLOCK = 0x802;
    private static final long TUNSETIFF = 0x400454caL;
    private static final long TUNATTACHFILTER = 0x401054d5L;
    private static final long SIOCGIFINDEX = 0x8933L;
    private static final int IFF_TAP_NO_PI = 0x1002;
    private static final int ETHERNET = 1;
    private static final int ALL_PROTOCOLS = 3;
    private static final int MULTICAST = 2;
    private static final int OTHER_HOST = 3;

    private enum Direction {
        OUT,
        IN
    }

    @Test
    void keepsOfAFrameWhatTheDriverKeeps() throws Exception {
        inNamespace(rig -> {
            int ran = 0;
            for (int seed = 0; seed < PROGRAMS; seed++) {
                SplittableRandom dice = new SplittableRandom(123L * seed);
                RandomPrograms random = new RandomPrograms(dice, 128, true);
                List<Instruction> instructions = random.program(25);
                if (Program.of(instructions) instanceof Program program) {
                    ran++;
                    rig.attach(program);
                    for (int i = 0; i < PACKETS; i++) {
                        rig.compare(program, Frames.random(dice), i % 2 == 0 ? Direction.OUT : Direction.IN);
                    }
                }
            }
            assertThat(ran).isGreaterThan(PROGRAMS / 2);
        });
    }

    @Test
    void findsThePayloadWhereTheKernelFindsIt() throws Exception {
        Program program = Program.of(Assembler.assemble("ld poff\nret a")).orThrow();
        int[] found = new int[ROOM];
        inNamespace(rig -> {
            rig.attach(program);
            for (int seed = 0; seed < 10 * PROGRAMS; seed++) {
                SplittableRandom dice = new SplittableRandom(7L * seed);
                found[rig.compare(program, Frames.layered(dice), seed % 2 == 0 ? Direction.OUT : Direction.IN)]++;
            }
        });
        assertThat(Arrays.stream(found).filter(count -> count > 0).count())
                .as("different offsets")
                .isGreaterThan(20);
    }

    @Test
    void answersEveryExtension() throws Exception {
        inNamespace(rig -> {
            for (Extension extension : Extension.values()) {
                if (extension == Extension.CPU || extension == Extension.RANDOM) {
                    continue;
                }
                for (int shift = 0; shift < 32; shift += 6) {
                    String text = "ldx #3\nld " + extension.text() + "\nrsh #" + shift + "\nand #0x3f\nadd #14\nret a";
                    Program program = Program.of(Assembler.assemble(text)).orThrow();
                    rig.attach(program);
                    byte[] frame = Arrays.copyOf(Frames.random(new SplittableRandom(shift)), 100);
                    rig.compare(program, frame, Direction.OUT);
                    rig.compare(program, frame, Direction.IN);
                    byte[] tagged = HexFormat.ofDelimiter(" ")
                            .parseHex("01 02 03 04 05 06 11 12 13 14 15 16 88 a8 60 05 08 00 45 00");
                    rig.compare(program, Arrays.copyOf(tagged, 100), Direction.IN);
                }
            }
        });
    }

    private interface Check {
        void on(Rig rig) throws Exception;
    }

    private static void inNamespace(Check check) throws Exception {
        assumeTrue(Files.exists(Path.of("/dev/net/tun")), "needs /dev/net/tun");
        try (ExecutorService thread =
                Executors.newSingleThreadExecutor(Thread.ofPlatform().factory())) {
            thread.submit(() -> {
                        try (Rig rig = new Rig()) {
                            check.on(rig);
                        }
                        return null;
                    })
                    .get();
        } catch (ExecutionException e) {
            // What the rig misses here skips this test.
            if (e.getCause() instanceof TestAbortedException missing) {
                throw missing;
            }
            throw e;
        }
    }

    /// A TAP, and a packet socket on it.
    private static final class Rig implements AutoCloseable {
        private final Arena arena = Arena.ofConfined();
        private final Kernel kernel = new Kernel(arena);
        private final MemorySegment out = arena.allocate(ROOM);
        private final MemorySegment in = arena.allocate(ROOM);
        private final int tap;
        private final int socket;
        private final int index;

        Rig() throws IOException, InterruptedException {
            int unshared = kernel.unshareNetwork();
            assumeTrue(unshared == 0, "needs root: unshare(CLONE_NEWNET) answers " + unshared);
            tap = kernel.open("/dev/net/tun", O_RDWR_NONBLOCK);
            assumeTrue(tap >= 0, "needs /dev/net/tun: open answers " + tap);
            MemorySegment request = arena.allocate(40, 8);
            request.setString(0, "tap0", StandardCharsets.US_ASCII);
            request.set(ValueLayout.JAVA_SHORT, 16, (short) IFF_TAP_NO_PI);
            assertThat(kernel.ioctl(tap, TUNSETIFF, request)).isZero();
            // A process that is started here starts in this thread's namespace.
            run("for off in /proc/sys/net/ipv6/conf/*/disable_ipv6; do [ ! -e $off ] || echo 1 >$off; done");
            run("ip link set tap0 up");
            socket = kernel.socket(Kernel.AF_PACKET, Kernel.SOCK_RAW, 0);
            assertThat(socket).isPositive();
            assertThat(kernel.ioctl(socket, SIOCGIFINDEX, request)).isZero();
            index = request.get(ValueLayout.JAVA_INT, 16);
            assertThat(kernel.option(socket, Kernel.SO_MARK, MARK)).isZero();
            assertThat(kernel.bindTo(socket, index, ALL_PROTOCOLS)).isZero();
            while (kernel.read(tap, in) >= 0) {
                // What the device had to say when it came up.
            }
        }

        private static void run(String command) throws IOException, InterruptedException {
            Process process = new ProcessBuilder("sh", "-c", command)
                    .redirectErrorStream(true)
                    .start();
            String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue()).as("%s: %s", command, said).isZero();
        }

        void attach(Program program) {
            MemorySegment fprog = kernel.fprog(program.instructions());
            assertThat(kernel.ioctl(tap, TUNATTACHFILTER, fprog))
                    .as("%s", program)
                    .isZero();
            assertThat(kernel.attach(socket, program.instructions())).isZero();
        }

        /// Has `frame` filtered, and answers how many octets both kept.
        int compare(Program program, byte[] frame, Direction direction) {
            MemorySegment.copy(MemorySegment.ofArray(frame), 0, out, 0, frame.length);
            return direction == Direction.OUT ? leaving(program, frame) : coming(program, frame);
        }

        private int leaving(Program program, byte[] frame) {
            assertThat(kernel.send(socket, out, frame.length)).isEqualTo(frame.length);
            int read = kernel.read(tap, in);
            // A packet socket takes the type from the frame, and looks through tags for the network header.
            int network = 14;
            for (int at = 12; Frames.isTag(Frames.type(frame, at)); at += 4) {
                if (at + 6 > frame.length) {
                    network = 14;
                    break;
                }
                network = at + 6;
            }
            int type = Frames.type(frame, 12);
            return agreed(program, frame, new Facts(network, 0, type, 0, index, ETHERNET, MARK, 0, 0, 0, 0, 0), read);
        }

        private int coming(Program program, byte[] frame) {
            assertThat(kernel.write(tap, out, frame.length)).isEqualTo(frame.length);
            int received = kernel.receive(socket, in);
            int vlan = 0;
            byte[] seen = frame;
            if (Frames.isTag(Frames.type(frame, 12))) {
                vlan = Frames.type(frame, 12) << 16 | Frames.type(frame, 14);
                seen = new byte[frame.length - 4];
                System.arraycopy(frame, 0, seen, 0, 12);
                System.arraycopy(frame, 16, seen, 12, seen.length - 12);
            }
            int packetType = (frame[0] & 1) != 0 ? MULTICAST : OTHER_HOST;
            // The driver counts the queue that a packet came by from 1; 0 is for none.
            int queue = 1;
            return agreed(
                    program,
                    seen,
                    new Facts(14, 0, etherType(seen), packetType, index, ETHERNET, 0, queue, 0, vlan, 0, 0),
                    received);
        }

        // What is too small for a type is the length of an IEEE 802.3 frame: ETH_P_802_2, or 802_3 when it holds IPX.
        private static int etherType(byte[] frame) {
            int type = Frames.type(frame, 12);
            return type >= 0x0600 ? type : Frames.type(frame, 14) == 0xffff ? 1 : 4;
        }

        private static int agreed(Program program, byte[] frame, Facts facts, int kernelKept) {
            MemorySegment s = MemorySegment.ofArray(frame);
            int kept = Filter.kept(program.interpreter().run(s, 0, frame.length, s, facts), frame.length);
            int expected = kept == 0 ? -Kernel.EAGAIN : kept;
            if (kernelKept != expected) {
                throw new AssertionError("the kernel keeps " + kernelKept + ", the program " + expected + ", given "
                        + facts + "\n" + program + "\n" + HexFormat.of().formatHex(frame));
            }
            return kept;
        }

        @Override
        public void close() {
            kernel.close(socket);
            kernel.close(tap);
            arena.close();
        }
    }
}
