package adit.tunnel;

import static org.assertj.core.api.Assertions.assertThat;

import adit.packet.PacketBuffer;
import adit.packet.PacketPool;
import adit.wire.Ip4Address;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Many tunnels on one underlay, and changes of the set while it works.
class InboundTest {
    private final PacketPool pool = new PacketPool(256, 64, 256);
    private final RecordingUnderlay underlay = new RecordingUnderlay();
    private final Inbound inbound = Inbound.of(underlay, pool).burst(64).build();
    private final Map<Tunnel, RecordingPort> ports = new HashMap<>();

    @AfterEach
    void everyPacketHasComeBack() {
        assertThat(pool.lent()).isZero();
        pool.close();
    }

    private Tunnel tunnel(int remote) {
        Tunnel t = new Tunnel(TunnelSpec.of("t" + (remote & 0xffff), Rig.HERE, new Ip4Address(remote)));
        ports.put(t, new RecordingPort());
        return t;
    }

    private void arrive(int remote, int ttl) {
        byte[] inner = Octet.ip4().ttl(ttl).build();
        PacketBuffer p = pool.lend();
        for (byte octet : inner) {
            p.segment().set(java.lang.foreign.ValueLayout.JAVA_BYTE, p.put(1), octet);
        }
        p.addressing().source = remote;
        p.addressing().destination = Rig.HERE.bits();
        p.addressing().protocol = 4;
        underlay.arrived.add(p);
    }

    @Test
    void handsEachTunnelItsPacketsInTheirOrder() {
        List<Tunnel> tunnels = new ArrayList<>();
        for (int i = 0; i < 64; i++) {
            tunnels.add(tunnel(0x0a000000 + i));
        }
        inbound.serve(TunnelTable.of(tunnels), ports::get);
        for (int ttl = 1; ttl <= 3; ttl++) {
            for (int i = 0; i < 64; i++) {
                arrive(0x0a000000 + i, ttl);
            }
        }
        while (inbound.turn(0) > 0) {
            assertThat(underlay.arrived.size() % 64).isZero();
        }
        for (Tunnel t : tunnels) {
            assertThat(ports.get(t).sent).extracting(p -> p.octets()[8]).containsExactly((byte) 1, (byte) 2, (byte) 3);
            assertThat(inbound.counters(t).rxPackets()).isEqualTo(3);
            assertThat(inbound.counters(t).rxOctets()).isEqualTo(252);
        }
    }

    @Test
    void looksForTheTunnelBoundToTheInterfaceThatThePacketCameBy() {
        Tunnel unbound = tunnel(0x0a000001);
        Tunnel bound =
                new Tunnel(TunnelSpec.of("bound", Rig.HERE, Ip4Address.ANY).link(5));
        ports.put(bound, new RecordingPort());
        inbound.serve(TunnelTable.of(List.of(unbound, bound)), ports::get);
        arrive(0x0a000001, 1);
        arrive(0x0a000001, 2);
        underlay.arrived.getLast().addressing().link = 5;
        inbound.turn(0);
        assertThat(inbound.counters(unbound).rxPackets()).isEqualTo(1);
        assertThat(ports.get(bound).sent).extracting(p -> p.octets()[8]).containsExactly((byte) 2);
    }

    @Test
    void dropsEverythingUntilItIsToldWhatToServe() {
        arrive(0x0a000000, 1);
        assertThat(inbound.turn(0)).isEqualTo(1);
        assertThat(inbound.strays().drops(Drop.NO_TUNNEL)).isEqualTo(1);
    }

    @Test
    void keepsTheCountersOfATunnelThatStaysAndForgetsTheOthers() {
        Tunnel stays = tunnel(0x0a000001);
        Tunnel goes = tunnel(0x0a000002);
        inbound.serve(TunnelTable.of(List.of(stays, goes)), ports::get);
        arrive(0x0a000001, 1);
        arrive(0x0a000002, 1);
        inbound.turn(0);
        inbound.serve(TunnelTable.of(List.of(stays)), ports::get);
        arrive(0x0a000001, 2);
        arrive(0x0a000002, 2);
        inbound.turn(0);
        assertThat(inbound.counters(stays).rxPackets()).isEqualTo(2);
        assertThat(inbound.counters(goes)).isNull();
        assertThat(inbound.strays().drops(Drop.NO_TUNNEL)).isEqualTo(1);
    }
}
