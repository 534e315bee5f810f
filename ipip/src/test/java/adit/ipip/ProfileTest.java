package adit.ipip;

import static org.assertj.core.api.Assertions.assertThat;

import adit.device.Counter;
import adit.device.PacketTap;
import adit.ip.Endpoint;
import adit.ip.Sockets;
import adit.ip.UdpSocket;
import adit.netns.Namespace;
import adit.packet.PacketBuffer;
import adit.wire.EtherType;
import adit.wire.Ip4Address;
import adit.wire.IpProtocol;
import adit.wire.Ipv4;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/// Where Linux 5.4 and 6.12 differ.
class ProfileTest {
    private static final int PEER = Ip4Address.parse("192.0.2.2").bits();
    private static final int HERE = Ip4Address.parse("192.0.2.1").bits();
    private static final int INNER = Ip4Address.parse("10.0.0.2").bits();
    private static final int INNER_HERE = Ip4Address.parse("10.0.0.1").bits();

    /// Has an ipip packet with these congestion fields arrive.
    private static void arrive(Namespace ns, int outerTos, int innerTos) {
        PacketBuffer p = ns.devices().buffers().lend(40);
        int at = p.put(40);
        Ipv4.emit(p.segment(), at, outerTos, 40, 1, 0, 0, 64, IpProtocol.IPIP, PEER, HERE);
        Ipv4.emit(p.segment(), at + 20, innerTos, 20, 1, 0, 0, 64, IpProtocol.UDP, INNER, INNER_HERE);
        p.protocol(EtherType.IPV4);
        ns.ip().receive(ns.devices().byName("net0"), p);
    }

    @ParameterizedTest
    @EnumSource(Profile.class)
    void aTunnelWithoutAddressesReceivesSinceLinux57(Profile profile) throws IOException {
        try (Hosts hosts = new Hosts(Ipip.of(profile))) {
            hosts.a.configure().tunnel("wild").dev("lo").add();
            hosts.a.configure().link("wild").up();
            hosts.a.configure().link("tunl0").up();
            arrive(hosts.a, 0, 0);
            boolean wild = hosts.a.devices().byName("wild").statistics().get(Counter.RX_PACKETS) == 1;
            boolean fallback = hosts.a.devices().byName("tunl0").statistics().get(Counter.RX_PACKETS) == 1;
            assertThat(wild).isEqualTo(profile == Profile.LINUX_6_12);
            assertThat(fallback).isEqualTo(profile == Profile.LINUX_5_4);
        }
    }

    @ParameterizedTest
    @CsvSource({"LINUX_5_4, 2", "LINUX_6_12, 1"})
    void ect1OutsideOfEct0IsPassedOnSinceRfc6040(Profile profile, int expected) throws IOException {
        try (Hosts hosts = new Hosts(Ipip.of(profile))) {
            hosts.a
                    .configure()
                    .tunnel("t1")
                    .local("192.0.2.1")
                    .remote("192.0.2.2")
                    .add();
            hosts.a.configure().link("t1").up();
            List<Integer> seen = new ArrayList<>();
            PacketTap tap = (_, p, direction) -> {
                if (direction == PacketTap.Direction.RECEIVED) {
                    seen.add(Ipv4.tos(p.segment(), p.head()));
                }
            };
            hosts.a.devices().byName("t1").addTap(tap);
            arrive(hosts.a, 1, 2);
            arrive(hosts.a, 2, 2);
            arrive(hosts.a, 3, 2);
            assertThat(seen).containsExactly(expected, 2, 3);
        }
    }

    @ParameterizedTest
    @EnumSource(Profile.class)
    void anExternalDeviceMayMoveNowadays(Profile profile) throws IOException {
        try (Hosts hosts = new Hosts(Ipip.of(profile))) {
            hosts.a.configure().tunnel("e1").external().add();
            assertThat(hosts.a.devices().byName("e1").mayMove()).isEqualTo(profile == Profile.LINUX_6_12);
        }
    }

    @ParameterizedTest
    @EnumSource(Profile.class)
    void nothingIsLostWhenSomebodyElseHasThePort(Profile profile) throws IOException {
        try (Hosts hosts = new Hosts(Ipip.of(profile));
                UdpSocket socket = hosts.a.sockets().udp(Sockets.Family.IP4)) {
            socket.bind(Endpoint.of("0.0.0.0", 5555));
            assertThat(NamespaceHost.ip(hosts.a, "fou add port 5555 ipproto 4").exitCode())
                    .isNotZero();
        }
    }
}
