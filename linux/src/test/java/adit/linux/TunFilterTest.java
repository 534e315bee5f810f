package adit.linux;

import static adit.tun.TunSpec.Option.MULTI_QUEUE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import adit.device.Errno;
import adit.linux.sys.Bpf;
import adit.linux.sys.HostOrder;
import adit.tun.TapFilter;
import adit.tun.TapFilter.Multicast;
import adit.tun.TunSpec;
import adit.wire.MacAddress;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// What filters and steering do to packets, on the running kernel.
@Timeout(60)
class TunFilterTest {
    private final Arena arena = Arena.ofConfined();
    private final MemorySegment memory = arena.allocate(2048, 8);
    private TestHost host;

    @BeforeEach
    void makeHost() throws Exception {
        host = TestHost.create();
    }

    @AfterEach
    void removeHost() {
        if (host != null) {
            host.close();
        }
        arena.close();
    }

    private static Fd program(int type, int answer) throws Exception {
        int loaded = Bpf.load(type, answer);
        assumeTrue(
                loaded != -Errno.EPERM && loaded != -Errno.ENOSYS,
                () -> "needs bpf(2): " + Errno.name(-loaded) + "; root may load programs");
        return Fd.own(loaded, "bpf", "BPF_PROG_LOAD");
    }

    /// `ret #keep`: keeps so many octets of every packet.
    private byte[] classic(int keep) {
        MemorySegment instruction = arena.allocate(8, 8);
        HostOrder.put16(instruction, 0, 0x06);
        HostOrder.put32(instruction, 4, keep);
        return instruction.toArray(ValueLayout.JAVA_BYTE);
    }

    /// The stack asks for the neighbour, by a broadcast frame of 42 octets. A neighbour is asked for only once
    /// in a while, so each probe asks for another.
    private int probe(TunDevice tap, int last) throws Exception {
        // When ping ends, which nobody answers, what it gave rise to was sent.
        host.run("sh", "-c", "ping -c 1 -W 0.2 10.99.0." + last + " >/dev/null 2>&1; true");
        int length = tap.queue(0).tryRead(memory);
        while (tap.queue(0).tryRead(memory) > 0) {
            // Only the first of several alike counts.
        }
        return length;
    }

    @Test
    void passesTheFramesThatATransmitFilterNames() throws Exception {
        try (TunDevice tap = host.open(TunSpec.tap("tap0"))) {
            host.up(tap);
            assertThat(probe(tap, 10)).isEqualTo(42);
            List<MacAddress> one = List.of(MacAddress.parse("02:00:00:00:00:01"));
            tap.control().transmitFilter(new TapFilter(Multicast.LISTED, one));
            assertThat(probe(tap, 11)).isZero();
            tap.control().transmitFilter(new TapFilter(Multicast.ALL, one));
            assertThat(probe(tap, 12)).isEqualTo(42);
            tap.control().transmitFilter(new TapFilter(Multicast.LISTED, List.of(MacAddress.BROADCAST)));
            assertThat(probe(tap, 13)).isEqualTo(42);
            tap.control().transmitFilter(TapFilter.NONE);
            assertThat(probe(tap, 14)).isEqualTo(42);
        }
    }

    @Test
    void passesWhatAClassicProgramKeeps() throws Exception {
        try (TunDevice tap = host.open(TunSpec.tap("tap0"))) {
            host.up(tap);
            tap.control().attachFilter(classic(0));
            assertThat(tap.control().filterLength()).isEqualTo(1);
            assertThat(probe(tap, 10)).isZero();
            tap.control().attachFilter(classic(-1));
            assertThat(probe(tap, 11)).isEqualTo(42);
            tap.control().attachFilter(classic(0));
            tap.control().detachFilter();
            assertThat(probe(tap, 12)).isEqualTo(42);
        }
    }

    @Test
    void steersPacketsByAnEbpfProgram() throws Exception {
        try (TunDevice tun = host.open(TunSpec.tun("tun0").with(MULTI_QUEUE), 3);
                Fd one = program(Bpf.SOCKET_FILTER, 1);
                Fd large = program(Bpf.SOCKET_FILTER, 65537 + 1)) {
            host.up(tun);
            tun.control().steering(one.holdOrThrow());
            assertThat(queueOf(tun)).isEqualTo(1);
            // The driver looks at 16 bits, modulo the number of queues.
            tun.control().steering(large.holdOrThrow());
            assertThat(queueOf(tun)).isEqualTo(2);
            tun.control().steering(-1);
            one.leave();
            large.leave();
        }
    }

    private int queueOf(TunDevice tun) throws Exception {
        int found = -1;
        for (int port = 8000; port < 8020; port++) {
            host.send(port, "x");
        }
        for (TunQueue queue : tun.queues()) {
            for (int n = queue.tryRead(memory); n > 0; n = queue.tryRead(memory)) {
                assertThat(found).isIn(-1, queue.index());
                found = queue.index();
            }
        }
        return found;
    }

    @Test
    void cutsPacketsByAnEbpfProgram() throws Exception {
        try (TunDevice tun = host.open(TunSpec.tun("tun0"));
                Fd twenty = program(Bpf.SOCKET_FILTER, 20);
                Fd none = program(Bpf.SOCKET_FILTER, 0)) {
            host.up(tun);
            tun.control().filter(twenty.holdOrThrow());
            host.send(8000, "x");
            assertThat(tun.queue(0).tryRead(memory)).isEqualTo(20);
            tun.control().filter(none.holdOrThrow());
            host.send(8000, "x");
            assertThat(tun.queue(0).tryRead(memory)).isZero();
            tun.control().filter(-1);
            host.send(8000, "x");
            assertThat(tun.queue(0).tryRead(memory)).isEqualTo(29);
            twenty.leave();
            none.leave();
        }
    }

    @Test
    void refusesEbpfProgramsOfAnotherType() throws Exception {
        try (TunDevice tun = host.open(TunSpec.tun("tun0"));
                Fd other = program(Bpf.XDP, 0)) {
            int held = other.holdOrThrow();
            assertThatThrownBy(() -> tun.control().steering(held))
                    .isInstanceOf(LinuxException.class)
                    .hasMessageStartingWith("TUNSETSTEERINGEBPF tun0: EINVAL");
            assertThatThrownBy(() -> tun.control().filter(held))
                    .isInstanceOf(LinuxException.class)
                    .hasMessageStartingWith("TUNSETFILTEREBPF tun0: EINVAL");
            other.leave();
        }
    }
}
