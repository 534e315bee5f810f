package adit.fuzz;

import adit.offload.Coalescer;
import adit.offload.Gro;
import adit.offload.Segmenter;
import adit.packet.Offload;
import adit.packet.PacketBuffer;
import adit.packet.PacketPool;
import adit.packet.UdpTunnel;
import adit.wire.Ipv4;
import adit.wire.Udp;
import com.code_intelligence.jazzer.junit.FuzzTest;
import java.lang.foreign.MemorySegment;

/// Packets that may follow each other, or pretend to, also inside FOU and GUE: nothing is thrown, cutting what was
/// joined gives as many packets as there were, and every buffer comes back.
class CoalescingFuzzTest {
    private static final Integer[] ETHER_TYPES = {0x0800, 0x86dd};
    private static final int MAX_PACKETS = 16;
    private static final int MAX_LENGTH = 1_500;
    /// The ports that take something out of their datagrams, from this one on in the order of [UdpTunnel].
    private static final int FIRST_PORT = 5_000;

    private static final int SAME_AGAIN = 1;
    private static final int LEFT_ALONE = 2;
    private static final int VALID = 4;
    private static final int OPEN = 8;

    /// The transports; the form. Then packets: an octet of bits, of which SAME_AGAIN stands for the octets of the
    /// packet before, LEFT_ALONE for a header checksum that is not mended, VALID and OPEN for what is known of its
    /// checksum; and unless it is the same again, its EtherType and its octets behind their length.
    @FuzzTest
    void joinsOrPasses(byte[] octets) {
        Input input = new Input(octets);
        try (PacketPool pool = new PacketPool(2 * MAX_PACKETS, 64, 70_000)) {
            Taker taker = new Taker(pool);
            Gro gro = new Gro(taker);
            Coalescer.Transports transports = input.oneOf(Coalescer.Transports.values());
            Gro.Form form = input.oneOf(Gro.Form.values());
            int sent = 0;
            byte[] packet = {};
            int etherType = ETHER_TYPES[0];
            while (sent < MAX_PACKETS && !input.isEmpty()) {
                int bits = input.u8();
                if ((bits & SAME_AGAIN) == 0) {
                    etherType = input.oneOf(ETHER_TYPES);
                    packet = input.counted(MAX_LENGTH);
                }
                gro.receive(packet(pool, packet, etherType, bits), 0, etherType, transports, form, sent / 3);
                sent++;
                if (sent % 5 == 0) {
                    gro.flushOlder(sent / 3);
                }
            }
            gro.flush();
            if (taker.packets != sent) {
                throw new AssertionError(sent + " packets became " + taker.packets);
            }
            if (pool.lent() != 0) {
                throw new AssertionError(pool.lent() + " buffers did not come back");
            }
        }
    }

    private static PacketBuffer packet(PacketPool pool, byte[] octets, int etherType, int bits) {
        PacketBuffer p = pool.lend();
        MemorySegment s = p.segment();
        int at = p.put(octets.length);
        MemorySegment.copy(MemorySegment.ofArray(octets), 0, s, at, octets.length);
        p.protocol(etherType);
        boolean isHeader = etherType == 0x0800 && octets.length >= Ipv4.MIN_HEADER_LENGTH && octets[0] == 0x45;
        if (isHeader && (bits & LEFT_ALONE) == 0) {
            Ipv4.totalLength(s, at, octets.length);
            Ipv4.fillChecksum(s, at);
        }
        Offload o = p.offload();
        if ((bits & VALID) != 0) {
            o.checksum = Offload.Checksum.VALID;
        } else if ((bits & OPEN) != 0) {
            o.checksum = Offload.Checksum.PARTIAL;
            o.checksumStart = Ipv4.MIN_HEADER_LENGTH;
            o.checksumOffset = 6;
        }
        return p;
    }

    /// Takes what is done, and cuts it.
    private static final class Taker implements Gro.Surroundings {
        private final PacketPool pool;
        private final Segmenter segmenter = new Segmenter();
        private int packets;

        Taker(PacketPool pool) {
            this.pool = pool;
        }

        @Override
        public PacketBuffer lend(int octets) {
            return pool.lend();
        }

        @Override
        public UdpTunnel tunnelAt(PacketBuffer p, int network, int transport) {
            int kind = Udp.destinationPort(p.segment(), p.head() + (long) transport) - FIRST_PORT;
            return kind >= 0 && kind < UdpTunnel.values().length ? UdpTunnel.values()[kind] : UdpTunnel.NONE;
        }

        @Override
        public void deliver(PacketBuffer p) {
            boolean isJoined = p.offload().segmentation != Offload.Segmentation.NONE || p.offload().listed;
            int count = isJoined ? segmenter.begin(p) : 0;
            for (int i = 0; i < count; i++) {
                PacketBuffer piece = pool.lend();
                segmenter.next(piece);
                piece.release();
            }
            packets += isJoined ? count : 1;
            p.release();
        }
    }
}
