package adit.tunnel;

import static org.assertj.core.api.Assertions.assertThat;

import adit.packet.PacketBatch;
import adit.packet.PacketBuffer;
import adit.packet.PacketPool;
import adit.port.Cable;
import adit.port.Port;
import adit.underlay.HeaderUnderlay;
import adit.underlay.OuterHeader;
import adit.wire.Ip4Address;
import com.sun.management.ThreadMXBean;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Ten million packets between two hosts in memory: nothing is allocated, nothing is lost without a reason,
/// nothing is kept.
///
/// ```
/// application - cable - Outbound, Inbound - HeaderUnderlay - cable - the same mirrored
/// ```
///
/// In each burst there is one of every kind that ends early, so that their ways, with the ICMP errors on them,
/// are measured too.
class AllocationTest {
    private static final int BURST = 64;
    private static final Ip4Address LEFT = Ip4Address.parse("192.0.2.1");
    private static final Ip4Address RIGHT = Ip4Address.parse("198.51.100.7");
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    /// What the virtual machine may allocate on its own account in a whole run, in octets: now and then it is
    /// 152, once, whatever the number of packets.
    private static final long ONCE = 1024;

    static List<Carrier> carriers() {
        return List.of(
                new Carrier.Direct(),
                new Carrier.Fou(7000, 7000, Carrier.UdpChecksum.OFF, Carrier.SourcePort.PER_FLOW),
                new Carrier.Gue(7000, 7000, Carrier.UdpChecksum.OFF));
    }

    /// One end: an application that sends and swallows, the tunnel, and the host under it.
    private static final class Host {
        final PacketPool pool;
        final Port application;
        final Outbound outbound;
        final Inbound inbound;
        final HeaderUnderlay underlay;
        final Tunnel tunnel;
        final PacketBatch batch = new PacketBatch(2 * BURST);
        long sent;
        long swallowed;

        Host(PacketPool pool, Port wire, Ip4Address here, Ip4Address there, Carrier carrier, long[] clock) {
            this.pool = pool;
            Cable device = new Cable(65535, 4 * BURST);
            application = device.left();
            tunnel = new Tunnel(TunnelSpec.of("t", here, there).carrier(carrier));
            underlay = new HeaderUnderlay(
                    wire,
                    here.bits(),
                    HeaderUnderlay.Accepts.TUNNELS,
                    OuterHeader.UdpChecksum.OFF,
                    pool,
                    () -> clock[0],
                    new Random(1));
            outbound = Outbound.of(tunnel, device.right(), underlay, pool)
                    .burst(BURST)
                    .build();
            inbound = Inbound.of(underlay, pool).burst(BURST).build();
            inbound.serve(TunnelTable.of(List.of(tunnel)), t -> device.right());
        }

        /// One of each kind that ends early, the rest ordinary ones.
        void sendBurst(Templates templates) {
            for (int i = 0; i < BURST; i++) {
                MemorySegment template = templates.of(i);
                PacketBuffer p = pool.lend();
                int octets = (int) template.byteSize();
                MemorySegment.copy(template, 0, p.segment(), p.put(octets), octets);
                p.protocol(i == 3 ? 0x0806 : 0x0800);
                batch.add(p);
            }
            // What the cable refused would stay in the batch, and not come out of the pool's count at the end.
            sent += application.send(batch);
        }

        void swallow() {
            while (application.receive(batch) > 0) {
                swallowed += batch.size();
                batch.releaseAll();
            }
        }
    }

    private record Templates(
            MemorySegment ordinary, MemorySegment tooBig, MemorySegment tooBigOutside, MemorySegment truncated) {
        static Templates in(Arena arena) {
            return new Templates(
                    copy(arena, Octet.ip4().tos(0x2a).length(84).build()),
                    copy(arena, Octet.ip4().df().length(1481).build()),
                    copy(arena, Octet.ip4().length(1481).build()),
                    copy(arena, new byte[19]));
        }

        private static MemorySegment copy(Arena arena, byte[] octets) {
            return arena.allocate(octets.length).copyFrom(MemorySegment.ofArray(octets));
        }

        MemorySegment of(int index) {
            return switch (index) {
                case 1 -> tooBig;
                case 2 -> tooBigOutside;
                case 4 -> truncated;
                default -> ordinary;
            };
        }
    }

    @ParameterizedTest
    @MethodSource("carriers")
    void nothingIsAllocatedLostOrKept(Carrier carrier) {
        long packets = 10_000_000L / carriers().size();
        long bursts = packets / 2 / BURST;
        long[] clock = {1};
        try (Arena arena = Arena.ofConfined();
                PacketPool pool = new PacketPool(1024, 128, 1600)) {
            Templates templates = Templates.in(arena);
            Cable wire = new Cable(1500, 4 * BURST);
            Host left = new Host(pool, wire.left(), LEFT, RIGHT, carrier, clock);
            Host right = new Host(pool, wire.right(), RIGHT, LEFT, carrier, clock);
            run(left, right, templates, clock, bursts / 10);
            long before = THREADS.getCurrentThreadAllocatedBytes();
            run(left, right, templates, clock, bursts - bursts / 10);
            long allocated = THREADS.getCurrentThreadAllocatedBytes() - before;

            assertThat(allocated).as("octets allocated by %d packets", packets).isLessThan(ONCE);
            assertThat(pool.lent()).as("packets not given back").isZero();
            assertAddsUp(left, right, bursts);
            assertAddsUp(right, left, bursts);
        }
    }

    private static void run(Host left, Host right, Templates templates, long[] clock, long bursts) {
        for (long i = 0; i < bursts; i++) {
            clock[0] += 1_000_000;
            left.sendBurst(templates);
            right.sendBurst(templates);
            left.outbound.turn(clock[0]);
            right.outbound.turn(clock[0]);
            right.inbound.turn(clock[0]);
            // After the other side, whose ICMP errors it hears.
            left.inbound.turn(clock[0]);
            left.swallow();
            right.swallow();
        }
    }

    private static void assertAddsUp(Host here, Host there, long bursts) {
        TunnelCounters out = here.outbound.counters();
        TunnelCounters in = there.inbound.counters(there.tunnel);
        assertThat(here.sent).isEqualTo(bursts * BURST);
        assertThat(out.txPackets() + drops(out)).isEqualTo(here.sent);
        assertThat(out.txPackets()).isEqualTo(bursts * (BURST - 4));
        for (Drop drop : List.of(Drop.TOO_BIG, Drop.TOO_BIG_OUTSIDE, Drop.NOT_CARRIED, Drop.INNER_TRUNCATED)) {
            assertThat(out.drops(drop)).as("%s", drop).isEqualTo(bursts);
        }
        assertThat(out.events(Event.TOLD_TOO_BIG)).isEqualTo(bursts);
        assertThat(in.rxPackets()).isEqualTo(out.txPackets());
        assertThat(in.rxOctets()).isEqualTo(out.txPackets() * 84);
        assertThat(drops(in) + drops(there.inbound.strays())).isZero();
        // Besides what came through the tunnel, the errors that its own side was told.
        TunnelCounters back = there.outbound.counters();
        assertThat(there.swallowed).isEqualTo(in.rxPackets() + back.events(Event.TOLD_TOO_BIG));
    }

    private static long drops(TunnelCounters counters) {
        long sum = 0;
        for (Drop drop : Drop.values()) {
            sum += counters.drops(drop);
        }
        return sum;
    }

    /// What is for no tunnel is answered by ICMP, which the other side hears and tells its inner senders of.
    /// All of that costs no memory either.
    @Test
    void nothingIsAllocatedByErrorsOfTheUnderlay() {
        long[] clock = {1};
        try (Arena arena = Arena.ofConfined();
                PacketPool pool = new PacketPool(1024, 128, 1600)) {
            Templates templates = Templates.in(arena);
            Cable wire = new Cable(1500, 4 * BURST);
            Host left = new Host(pool, wire.left(), LEFT, RIGHT, new Carrier.Direct(), clock);
            Host right = new Host(pool, wire.right(), RIGHT, LEFT, new Carrier.Direct(), clock);
            right.tunnel.up(false);
            long bursts = 20_000;
            run(left, right, templates, clock, bursts / 2);
            long before = THREADS.getCurrentThreadAllocatedBytes();
            run(left, right, templates, clock, bursts / 2);
            long allocated = THREADS.getCurrentThreadAllocatedBytes() - before;

            assertThat(allocated).isLessThan(ONCE);
            assertThat(pool.lent()).isZero();
            TunnelCounters strays = right.inbound.strays();
            long arrived = left.outbound.counters().txPackets();
            assertThat(strays.drops(Drop.NO_TUNNEL)).isEqualTo(arrived);
            assertThat(strays.events(Event.TOLD_NO_TUNNEL) + strays.events(Event.NOT_TOLD))
                    .isEqualTo(arrived);
            // The clock goes on by a millisecond a burst, which is what one message costs.
            assertThat(strays.events(Event.TOLD_NO_TUNNEL)).isBetween(bursts - 1, bursts + 50);
            assertThat(left.inbound.strays().events(Event.ICMP_HEARD)).isEqualTo(strays.events(Event.TOLD_NO_TUNNEL));
            assertThat(left.outbound.counters().events(Event.TOLD_UNREACHABLE)).isPositive();
        }
    }
}
