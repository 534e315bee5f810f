package adit.fuzz;

import adit.packet.PacketBatch;
import adit.packet.PacketBuffer;
import adit.packet.PacketPool;
import adit.port.Cable;
import adit.port.Port;
import adit.port.VirtualTime;
import adit.tunnel.Carrier;
import adit.tunnel.Inbound;
import adit.tunnel.Mode;
import adit.tunnel.Outbound;
import adit.tunnel.Tunnel;
import adit.tunnel.TunnelSpec;
import adit.tunnel.TunnelTable;
import adit.underlay.HeaderUnderlay;
import adit.underlay.OuterHeader;
import adit.wire.Ip4Address;
import adit.wire.Ipv4;
import adit.wire.Octets;
import com.code_intelligence.jazzer.junit.FuzzTest;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.SplittableRandom;

/// Packets from a peer that means ill, and from an overlay that does not know better: nothing is thrown, and every
/// buffer comes back.
class TunnelFuzzTest {
    private static final Ip4Address HERE = Ip4Address.parse("192.0.2.1");
    /// The peer of the first tunnel; those of the others follow.
    private static final Ip4Address THERE = Ip4Address.parse("198.51.100.4");
    private static final int FOU = 5555;
    private static final int GUE = 6080;
    private static final int MTU = 1500;
    private static final int MAX_PACKETS = 8;
    private static final Integer[] ETHER_TYPES = {0x0800, 0x86dd, 0x8847, 0};

    /// Outer IPv4 packets, of which the fuzzer makes up everything but, unless it says otherwise, the addresses and
    /// the checksum. So it reaches reassembly, UDP, GUE with remote checksum offload, ICMP errors and what they
    /// quote. Each packet: an octet, odd when it is to be left as it is; its length; its octets.
    @FuzzTest
    void takesAnyOuterPacket(byte[] octets) {
        Input input = new Input(octets);
        try (Rig rig = new Rig()) {
            for (int i = 0; i < MAX_PACKETS && !input.isEmpty(); i++) {
                int asItIs = input.u8() & 1;
                byte[] packet = input.counted(MTU);
                rig.arrive(asItIs == 0 ? addressed(packet) : packet);
            }
        }
    }

    /// Inner packets. Each: the tunnel; the kind; its length; its octets.
    @FuzzTest
    void takesAnyInnerPacket(byte[] octets) {
        Input input = new Input(octets);
        try (Rig rig = new Rig()) {
            for (int i = 0; i < MAX_PACKETS && !input.isEmpty(); i++) {
                int tunnel = input.u8() % Rig.TUNNELS;
                rig.send(tunnel, input.oneOf(ETHER_TYPES), input.counted(MTU));
            }
        }
    }

    // Makes a header that gets past the first look, and keeps what may stand there by chance.
    private static byte[] addressed(byte[] packet) {
        if (packet.length < Ipv4.MIN_HEADER_LENGTH) {
            return packet;
        }
        MemorySegment s = MemorySegment.ofArray(packet);
        int header = Math.min(Math.max(Ipv4.headerLength(s, 0), Ipv4.MIN_HEADER_LENGTH), packet.length & ~3);
        Octets.put8(s, 0, 0x40 | (header >> 2));
        Ipv4.totalLength(s, 0, packet.length);
        Octets.put32(s, Ipv4.SOURCE, THERE.bits() | (Octets.u8(s, Ipv4.SOURCE) & 3));
        Octets.put32(s, Ipv4.SOURCE + 4, HERE.bits());
        Ipv4.fillChecksum(s, 0);
        return packet;
    }

    /// Three tunnels, each to a peer of its own: direct, FOU and GUE.
    private static final class Rig implements AutoCloseable {
        static final int TUNNELS = 3;

        private final PacketPool pool = new PacketPool(512, 128, 4096);
        private final VirtualTime time = new VirtualTime();
        private final Cable wire = new Cable(MTU, 256);
        private final Cable[] overlays = new Cable[TUNNELS];
        private final Outbound[] outbounds = new Outbound[TUNNELS];
        private final Inbound inbound;
        private final HeaderUnderlay underlay;
        private final PacketBatch batch = new PacketBatch(64);

        Rig() {
            underlay = new HeaderUnderlay(
                    wire.left(),
                    HERE.bits(),
                    HeaderUnderlay.Accepts.TUNNELS,
                    OuterHeader.UdpChecksum.OFF,
                    pool,
                    time,
                    new SplittableRandom(1));
            Tunnel[] tunnels = {
                tunnel(0, new Carrier.Direct()),
                tunnel(1, new Carrier.Fou(FOU, FOU, Carrier.UdpChecksum.OFF)),
                tunnel(2, new Carrier.Gue(GUE, GUE, Carrier.UdpChecksum.OFF))
            };
            for (int i = 0; i < TUNNELS; i++) {
                overlays[i] = new Cable(MTU, 256);
                Port overlay = overlays[i].left();
                outbounds[i] = Outbound.of(tunnels[i], overlay, underlay, pool).build();
            }
            inbound = Inbound.of(underlay, pool).replies(underlay).build();
            inbound.serve(TunnelTable.of(List.of(tunnels)), tunnel -> {
                for (int i = 0; i < TUNNELS; i++) {
                    if (tunnels[i].equals(tunnel)) {
                        return overlays[i].left();
                    }
                }
                throw new AssertionError(tunnel);
            });
        }

        private static Tunnel tunnel(int index, Carrier carrier) {
            Ip4Address peer = new Ip4Address(THERE.bits() + index);
            return new Tunnel(
                    TunnelSpec.of("t" + index, HERE, peer).mode(Mode.ANY).carrier(carrier), 1);
        }

        void arrive(byte[] octets) {
            batch.add(filled(octets));
            offer(wire.right());
            inbound.turn(time.getAsLong());
            drain();
        }

        void send(int tunnel, int etherType, byte[] octets) {
            PacketBuffer p = filled(octets);
            p.protocol(etherType);
            batch.add(p);
            offer(overlays[tunnel].right());
            outbounds[tunnel].turn(time.getAsLong());
            drain();
        }

        private PacketBuffer filled(byte[] octets) {
            PacketBuffer p = pool.lend();
            MemorySegment.copy(MemorySegment.ofArray(octets), 0, p.segment(), p.put(octets.length), octets.length);
            return p;
        }

        private void offer(Port port) {
            port.send(batch);
            batch.releaseAll();
        }

        private void drain() {
            drain(wire.right());
            for (Cable overlay : overlays) {
                drain(overlay.right());
            }
        }

        private void drain(Port port) {
            while (port.receive(batch) > 0) {
                batch.releaseAll();
            }
        }

        @Override
        public void close() {
            underlay.close();
            for (Cable overlay : overlays) {
                overlay.close();
            }
            wire.close();
            if (pool.lent() != 0) {
                throw new AssertionError(pool.lent() + " buffers did not come back");
            }
            pool.close();
        }
    }
}
