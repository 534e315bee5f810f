package adit.tunnel;

import static org.assertj.core.api.Assertions.assertThat;

import adit.packet.PacketBuffer;
import adit.packet.PacketPool;
import adit.underlay.HeaderUnderlay;
import adit.underlay.OuterHeader;
import adit.wire.Ip4Address;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The engine on an underlay that writes whole outer packets: their octets, and what routers between the hosts
/// do to them.
class TwoHostsTest {
    private static final byte[] INNER = Octet.hex("4500001c0001000040fd65df0a0100010a020002" + "0123456789abcdef");

    private final PacketPool pool = new PacketPool(64, 128, 2048);
    private long now = 1;

    @AfterEach
    void everyPacketHasComeBack() {
        assertThat(pool.lent()).isZero();
        pool.close();
    }

    /// One end of a tunnel, with an overlay and a wire that record.
    private final class Host {
        final RecordingPort overlay = new RecordingPort();
        final RecordingPort wire = new RecordingPort();
        final Tunnel tunnel;
        final Outbound outbound;
        final Inbound inbound;

        Host(Ip4Address here, Ip4Address there, Carrier carrier, OuterHeader.UdpChecksum checksum, PathMtu pathMtu) {
            overlay.mtu = 1500;
            wire.mtu = 1500;
            // Identifications start at 0x1234.
            RandomGenerator start = () -> 0x1234_0000_0000L;
            HeaderUnderlay underlay = new HeaderUnderlay(
                    wire, here.bits(), HeaderUnderlay.Accepts.TUNNELS, checksum, pool, () -> now, start);
            tunnel = new Tunnel(TunnelSpec.of("t1", here, there)
                    .mode(Mode.ANY)
                    .carrier(carrier)
                    .pathMtu(pathMtu));
            outbound = Outbound.of(tunnel, overlay, underlay, pool).build();
            inbound = Inbound.of(underlay, pool).build();
            inbound.serve(TunnelTable.of(List.of(tunnel)), t -> overlay);
        }

        void send(byte[] inner) {
            overlay.queued.add(buffer(inner, inner[0] >> 4 == 4 ? 0x0800 : inner[0] >> 4 == 6 ? 0x86dd : 0x8847));
            outbound.turn(now);
        }

        void receive(byte[] outer) {
            wire.queued.add(buffer(outer, 0x0800));
            inbound.turn(now);
        }
    }

    private PacketBuffer buffer(byte[] octets, int etherType) {
        PacketBuffer p = pool.lend();
        p.segment().fill((byte) 0xa5);
        MemorySegment.copy(octets, 0, p.segment(), ValueLayout.JAVA_BYTE, p.put(octets.length), octets.length);
        p.protocol(etherType);
        return p;
    }

    private Host host(Carrier carrier, PathMtu pathMtu) {
        return new Host(Rig.HERE, Rig.THERE, carrier, OuterHeader.UdpChecksum.OFF, pathMtu);
    }

    // The header checksums were computed apart from any code here; those of UDP are summed below, the slow way.
    @ParameterizedTest
    @CsvSource({
        "direct, OFF, 45000030 12344000 40043c5a c0000201 c6336407",
        "fou, OFF, 45000038 12344000 40113c45 c0000201 c6336407 1b581b59 0024 0000",
        "gue, OFF, 4500003c 12344000 40113c41 c0000201 c6336407 1b581b59 0028 0000 00040000",
        "fou, ON, 45000038 12344000 40113c45 c0000201 c6336407 1b581b59 0024 FOU",
        "gue, ON, 4500003c 12344000 40113c41 c0000201 c6336407 1b581b59 0028 GUE 00040000",
    })
    void outerPacketsAreAsTheRfcsDrawThem(String name, OuterHeader.UdpChecksum checksum, String headers) {
        Carrier carrier = switch (name) {
            case "fou" -> new Carrier.Fou(7000, 7001, Carrier.UdpChecksum.OFF);
            case "gue" -> new Carrier.Gue(7000, 7001, Carrier.UdpChecksum.OFF);
            default -> new Carrier.Direct();
        };
        Host host = new Host(Rig.HERE, Rig.THERE, carrier, checksum, PathMtu.DISCOVER);
        host.send(INNER);
        byte[] pseudo = Octet.hex("c0000201 c6336407 0011" + (name.equals("gue") ? "0028" : "0024"));
        byte[] udp =
                Octet.join(Octet.hex("1b581b59" + (name.equals("gue") ? "0028 0000 00040000" : "0024 0000")), INNER);
        String sum = "%04x".formatted(Octet.checksum(pseudo, udp));
        byte[] expected = Octet.join(Octet.hex(headers.replaceAll("FOU|GUE", sum)), INNER);
        assertThat(Octet.checksum(Arrays.copyOf(expected, 20)))
                .as("the expectation itself")
                .isZero();
        assertThat(host.wire.sent).hasSize(1);
        assertThat(host.wire.sent.getFirst().hex()).isEqualTo(Octet.hex(expected));
    }

    private static byte[] fragmentationNeeded(byte[] about, int mtu) {
        byte[] message = Octet.join(new byte[8], Arrays.copyOf(about, 28));
        message[0] = 3;
        message[1] = 4;
        Octet.put16(message, 6, mtu);
        Octet.put16(message, 2, Octet.checksum(message));
        return Octet.ip4()
                .from("203.0.113.1")
                .to("192.0.2.1")
                .protocol(1)
                .payload(message)
                .build();
    }

    private static int mtuTold(RecordingPort overlay) {
        byte[] told = overlay.sent.getLast().octets();
        assertThat(Octet.u16(told, 20)).isEqualTo(0x0304);
        return Octet.u16(told, 26);
    }

    @ParameterizedTest
    @CsvSource({"direct, 1480", "fou, 1472", "gue, 1468"})
    void aPathMtuLearnedFromARouterReachesTheInnerSender(String name, int limit) {
        Carrier carrier = switch (name) {
            case "fou" -> new Carrier.Fou(7000, 7001, Carrier.UdpChecksum.OFF);
            case "gue" -> new Carrier.Gue(7000, 7001, Carrier.UdpChecksum.OFF);
            default -> new Carrier.Direct();
        };
        Host host = host(carrier, PathMtu.DISCOVER);
        byte[] inner = Octet.ip4().df().length(limit).build();
        host.send(inner);
        assertThat(host.wire.sent).hasSize(1);
        host.receive(fragmentationNeeded(host.wire.sent.getFirst().octets(), 1300));
        assertThat(host.overlay.sent).as("nothing is relayed at once").isEmpty();
        assertThat(host.tunnel.errors().count()).isZero();
        host.send(inner);
        assertThat(host.wire.sent).hasSize(1);
        assertThat(mtuTold(host.overlay)).isEqualTo(1300 - (1500 - limit));
    }

    @Test
    void aPathMtuBelow552IsLockedAndOuterPacketsMayBeFragmented() {
        Host host = host(new Carrier.Direct(), PathMtu.DISCOVER);
        host.send(Octet.ip4().df().length(1480).build());
        host.receive(fragmentationNeeded(host.wire.sent.getFirst().octets(), 100));
        host.wire.sent.clear();
        host.send(Octet.ip4().df().length(533).build());
        assertThat(mtuTold(host.overlay)).isEqualTo(532);
        host.send(Octet.ip4().df().length(532).build());
        assertThat(host.wire.sent).hasSize(1);
        assertThat(Octet.u16(host.wire.sent.getFirst().octets(), 6)).as("no DF").isZero();
        host.wire.sent.clear();
        host.send(Octet.ip4().length(1400).build());
        assertThat(host.wire.sent).as("552 octets of each").hasSize(3);
    }

    @Test
    void nopmtudiscFragmentsOutsideAndTheOtherEndPutsItTogether() {
        Host left = host(new Carrier.Direct(), PathMtu.IGNORE);
        Host right = new Host(Rig.THERE, Rig.HERE, new Carrier.Direct(), OuterHeader.UdpChecksum.OFF, PathMtu.DISCOVER);
        byte[] inner = Octet.ip4().length(1481).build();
        left.send(inner);
        assertThat(left.wire.sent).extracting(p -> p.octets().length).containsExactly(1500, 21);
        left.wire.sent.forEach(fragment -> right.receive(fragment.octets()));
        assertThat(right.overlay.sent).hasSize(1);
        assertThat(right.overlay.sent.getFirst().hex()).isEqualTo(Octet.hex(inner));
        assertThat(left.outbound.counters().txPackets()).isEqualTo(1);
    }

    @Test
    void aHostWithoutTheTunnelAnswersAndTheInnerSenderIsTold() {
        Host left = host(new Carrier.Direct(), PathMtu.DISCOVER);
        Host right = new Host(Rig.THERE, Rig.HERE, new Carrier.Direct(), OuterHeader.UdpChecksum.OFF, PathMtu.DISCOVER);
        right.tunnel.up(false);
        left.send(INNER);
        right.receive(left.wire.sent.getFirst().octets());
        assertThat(right.wire.sent).hasSize(1);
        byte[] answer = right.wire.sent.getFirst().octets();
        assertThat(answer[9]).as("ICMP").isEqualTo((byte) 1);
        assertThat(Octet.u16(answer, 20)).as("port unreachable").isEqualTo(0x0303);
        assertThat(Octet.hex(Arrays.copyOfRange(answer, 28, answer.length)))
                .as("the whole outer packet")
                .isEqualTo(left.wire.sent.getFirst().hex());
        left.receive(answer);
        left.send(INNER);
        assertThat(left.wire.sent).as("it is sent all the same").hasSize(2);
        assertThat(Octet.u16(left.overlay.sent.getFirst().octets(), 20))
                .as("host unreachable")
                .isEqualTo(0x0301);
    }

    @Test
    void aTunnelInATunnelIsCountedInBoth() {
        Host outer = host(new Carrier.Direct(), PathMtu.DISCOVER);
        byte[] inside = Octet.ip4()
                .from("10.9.0.1")
                .to("10.9.0.2")
                .protocol(4)
                .payload(INNER)
                .build();
        byte[] around = Octet.ip4()
                .from("198.51.100.7")
                .to("192.0.2.1")
                .protocol(4)
                .payload(inside)
                .build();
        outer.receive(around);
        assertThat(outer.overlay.sent.getFirst().hex()).isEqualTo(Octet.hex(inside));
        Host inner = new Host(
                Ip4Address.parse("10.9.0.2"),
                Ip4Address.parse("10.9.0.1"),
                new Carrier.Direct(),
                OuterHeader.UdpChecksum.OFF,
                PathMtu.DISCOVER);
        inner.receive(outer.overlay.sent.getFirst().octets());
        assertThat(inner.overlay.sent.getFirst().hex()).isEqualTo(Octet.hex(INNER));
        assertThat(outer.inbound.counters(outer.tunnel).rxOctets()).isEqualTo(48);
        assertThat(inner.inbound.counters(inner.tunnel).rxOctets()).isEqualTo(28);
    }
}
