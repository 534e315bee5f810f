package adit.tunnel;

import static org.assertj.core.api.Assertions.assertThat;

import adit.offload.Coalescer.Transports;
import adit.packet.Addressing;
import adit.packet.Offload;
import adit.packet.PacketBatch;
import adit.packet.PacketBuffer;
import adit.packet.PacketPool;
import adit.port.Port;
import adit.underlay.Path;
import adit.underlay.Underlay;
import com.sun.management.ThreadMXBean;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.management.ManagementFactory;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Two million packets as super-packets: cut on the way out, some joined again by the underlay, made whole on
/// the way in.
class SuperPacketAllocationTest {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    /// What the virtual machine may allocate on its own account in a whole run, in octets.
    private static final long ONCE = 1024;

    private static final SuperPacket SUPER =
            new SuperPacket(SuperPacket.Version.IPV4, SuperPacket.ACK | SuperPacket.PSH, 32, 2800, 100);
    private static final int SEGMENTS = 28;
    private static final int EACH_TURN = 4;

    private final PacketPool pool = new PacketPool(512, 64, 4096);

    /// Gives the super-packet so often a turn, and takes what comes.
    private final class Device implements Port {
        final PacketBuffer template = pool.lend();
        long whole;
        long octets;

        Device() {
            byte[] octets = SUPER.whole();
            MemorySegment.copy(
                    octets, 0, template.segment(), ValueLayout.JAVA_BYTE, template.put(octets.length), octets.length);
            SUPER.describe(template);
            template.protocol(0x0800);
        }

        @Override
        public int receive(PacketBatch into) {
            for (int i = 0; i < EACH_TURN; i++) {
                PacketBuffer p = pool.lend();
                p.copyFrom(template);
                into.add(p);
            }
            return EACH_TURN;
        }

        @Override
        public int send(PacketBatch batch) {
            int size = batch.size();
            for (int i = 0; i < size; i++) {
                whole += batch.get(i).offload().segmentation == Offload.Segmentation.TCP4 ? 1 : 0;
                octets += batch.get(i).length();
            }
            batch.releaseAll();
            return size;
        }

        @Override
        public int mtu() {
            return 1480;
        }

        @Override
        public void close() {
            template.release();
        }
    }

    /// Gives back what it was sent as if it came from the peer, every other time joined.
    private static final class Echo implements Underlay {
        final PacketBatch held = new PacketBatch(256);
        boolean joins;

        @Override
        public int receive(PacketBatch into) {
            joins = !joins;
            int given = 0;
            for (int i = 0; i < held.size(); i++) {
                PacketBuffer p = held.get(i);
                PacketBuffer last = into.isEmpty() ? null : into.get(into.size() - 1);
                if (joins && last != null && last.addressing().joined != 0 && last.tailroom() >= p.length()) {
                    MemorySegment.copy(p.segment(), p.head(), last.segment(), last.put(p.length()), p.length());
                    p.release();
                    continue;
                }
                Addressing a = p.addressing();
                int source = a.source;
                a.source = a.destination;
                a.destination = source;
                a.joined = joins ? p.length() : 0;
                into.add(p);
                given++;
            }
            held.clear();
            return given;
        }

        @Override
        public int send(PacketBatch batch) {
            int size = batch.size();
            for (int i = 0; i < size; i++) {
                held.add(batch.get(i));
            }
            batch.clear();
            return size;
        }

        @Override
        public Path path(int source, int destination) {
            return PATH;
        }

        @Override
        public int headroom() {
            return 28;
        }

        @Override
        public void close() {}
    }

    private static final Path PATH = Path.of(1500, 1);

    @Test
    void nothingIsAllocatedLostOrKept() {
        Device device = new Device();
        Echo echo = new Echo();
        Tunnel tunnel = new Tunnel(Rig.spec().carrier(new Carrier.Gue(7000, 7000, Carrier.UdpChecksum.OFF)));
        Outbound outbound = Outbound.of(tunnel, device, echo, pool).burst(128).build();
        Inbound inbound = Inbound.of(echo, pool).burst(128).build();
        inbound.serve(TunnelTable.of(List.of(tunnel)), _ -> device, _ -> Transports.TCP);
        int turns = 2_000_000 / SEGMENTS / EACH_TURN;
        run(outbound, inbound, turns / 5);
        long before = THREADS.getCurrentThreadAllocatedBytes();
        run(outbound, inbound, turns - turns / 5);
        assertThat(THREADS.getCurrentThreadAllocatedBytes() - before).isLessThan(ONCE);

        long superPackets = (long) turns * EACH_TURN;
        assertThat(outbound.counters().txPackets()).isEqualTo(superPackets * SEGMENTS);
        assertThat(inbound.counters(tunnel).rxPackets()).isEqualTo(superPackets * SEGMENTS);
        assertThat(device.whole).isEqualTo(superPackets);
        assertThat(device.octets).isEqualTo(superPackets * SUPER.whole().length);
        device.close();
        assertThat(pool.lent()).isZero();
        pool.close();
    }

    private static void run(Outbound outbound, Inbound inbound, int turns) {
        for (int i = 0; i < turns; i++) {
            outbound.turn(i);
            inbound.turn(i);
        }
    }
}
