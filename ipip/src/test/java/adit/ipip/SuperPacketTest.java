package adit.ipip;

import static org.assertj.core.api.Assertions.assertThat;

import adit.netns.Namespace;
import adit.packet.Offload;
import adit.packet.PacketBuffer;
import adit.wire.EtherType;
import adit.wire.InternetChecksum;
import adit.wire.Ip4Address;
import adit.wire.IpProtocol;
import adit.wire.Ipv4;
import adit.wire.MacAddress;
import adit.wire.Octets;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A super-packet through a tunnel to the other namespace, over a cable that carries it whole, and on from there.
class SuperPacketTest {
    private static final int SOURCE = Ip4Address.parse("10.5.0.1").bits();
    private static final int DESTINATION = Ip4Address.parse("10.6.0.1").bits();
    private static final int ETHERNET = 14;
    private static final int HEADERS = 40;
    private static final int PAYLOAD = 3500;

    private Hosts hosts;

    @BeforeEach
    void open() throws IOException {
        hosts = new Hosts();
    }

    @AfterEach
    void close() {
        hosts.close();
    }

    private static void ip(Namespace ns, String... lines) {
        for (String line : lines) {
            assertThat(NamespaceHost.ip(ns, line.strip()).err()).as(line).isEmpty();
        }
    }

    private static void end(Namespace ns, int here, int there, String carrier) {
        ip(
                ns,
                "fou add port 5555 ipproto 4",
                "fou add port 6080 gue",
                "link add t1 type ipip local 192.0.2." + here + " remote 192.0.2." + there + " " + carrier,
                "link set t1 up");
        ns.forwarding(true);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "encap fou encap-sport 5555 encap-dport 5555",
                "encap fou encap-sport 5555 encap-dport 5555 encap-csum",
                "encap gue encap-sport 6080 encap-dport 6080",
                "encap gue encap-sport 6080 encap-dport 6080 encap-csum"
            })
    void comesOutAsItWentIn(String carrier) throws IOException {
        end(hosts.a, 1, 2, carrier);
        end(hosts.b, 2, 1, carrier);
        hosts.a.configure().dummy("in0");
        hosts.a.configure().link("in0").up();
        hosts.a.configure().route("10.6.0.0/16").dev("t1").add();
        hosts.b.configure().dummy("out0");
        hosts.b.configure().link("out0").address(MacAddress.parse("02:00:00:00:00:01"));
        hosts.b.configure().link("out0").up();
        hosts.b.configure().route("10.6.0.0/16").dev("out0").add();
        hosts.b.configure().neighbour("out0", "10.6.0.1", "02:00:00:00:00:02");
        List<byte[]> left = new ArrayList<>();
        PacketBuffer kept = hosts.b.devices().buffers().lend(1);
        Offload said = kept.offload();
        hosts.b.devices().byName("out0").addTap((_, p, _) -> {
            left.add(p.segment().asSlice(p.head(), p.length()).toArray(ValueLayout.JAVA_BYTE));
            said.copyFrom(p.offload());
        });
        PacketBuffer p = superPacket(hosts.a);
        byte[] sent = p.segment().asSlice(p.head(), p.length()).toArray(ValueLayout.JAVA_BYTE);
        hosts.a.ip().receive(hosts.a.devices().byName("in0"), p);

        // Two routers on.
        MemorySegment expected = MemorySegment.ofArray(sent);
        Ipv4.timeToLive(expected, 0, 62);
        assertThat(left).hasSize(1);
        assertThat(left.getFirst()).hasSize(ETHERNET + sent.length).endsWith(sent);
        assertThat(said.segmentation).isEqualTo(Offload.Segmentation.TCP4);
        assertThat(said.segmentSize).isEqualTo(1000);
        assertThat(said.checksum).isEqualTo(Offload.Checksum.PARTIAL);
        assertThat(said.checksumStart).isEqualTo(ETHERNET + 20);
        assertThat(said.checksumOffset).isEqualTo(16);
        assertThat(said.networkStart).isEqualTo(ETHERNET);
        assertThat(said.tunnel).isEqualTo(Offload.Tunnel.NONE);
        kept.release();
        assertThat(hosts.a.lent()).isZero();
    }

    private static PacketBuffer superPacket(Namespace ns) {
        int octets = HEADERS + PAYLOAD;
        PacketBuffer p = ns.devices().buffers().lend(octets);
        MemorySegment s = p.segment();
        int at = p.put(octets);
        for (int i = 0; i < PAYLOAD; i++) {
            Octets.put8(s, at + HEADERS + i, i);
        }
        s.asSlice(at, HEADERS).fill((byte) 0);
        Ipv4.emit(s, at, 0, octets, 7, 0, 0, 64, IpProtocol.TCP, SOURCE, DESTINATION);
        Octets.put16(s, at + 20 + 12, 5 << 12);
        Octets.put16(s, at + 20 + 16, InternetChecksum.pseudoHeader4(SOURCE, DESTINATION, IpProtocol.TCP, octets - 20));
        p.protocol(EtherType.IPV4);
        Offload o = p.offload();
        o.segmentation = Offload.Segmentation.TCP4;
        o.segmentSize = 1000;
        o.checksum = Offload.Checksum.PARTIAL;
        o.checksumStart = 20;
        o.checksumOffset = 16;
        return p;
    }
}
