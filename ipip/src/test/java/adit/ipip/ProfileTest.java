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
import adit.wire.Icmp4;
import adit.wire.Ip4Address;
import adit.wire.IpProtocol;
import adit.wire.Ipv4;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/// Where Linux 5.4 and 6.12 differ.
class ProfileTest {
    private static final int PEER = Ip4Address.parse("192.0.2.2").bits();
    private static final int HERE = Ip4Address.parse("192.0.2.1").bits();
    private static final int OTHER_SENDER = Ip4Address.parse("10.5.0.9").bits();
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

    /// Has a packet forwarded into the tunnel `t1`: 1481 octets with DF, for a path of 1500.
    private static void forward(Namespace ns, int length) {
        PacketBuffer p = ns.devices().buffers().lend(length);
        int at = p.put(length);
        Ipv4.emit(p.segment(), at, 0, length, 1, Ipv4.DONT_FRAGMENT, 0, 64, IpProtocol.UDP, OTHER_SENDER, INNER);
        p.protocol(EtherType.IPV4);
        ns.ip().receive(ns.devices().byName("in0"), p);
    }

    private static List<String> errorsToldBy(Namespace ns) throws IOException {
        ns.forwarding(true);
        ns.configure().dummy("in0").link("in0").up();
        ns.configure().address("in0", "10.5.0.1/24").neighbour("in0", "10.5.0.9", "02:00:00:00:00:09");
        List<String> told = new ArrayList<>();
        ns.devices().byName("in0").addTap((_, p, direction) -> {
            if (direction == PacketTap.Direction.SENT) {
                long icmp = p.head() + 14L + 20;
                told.add(Icmp4.type(p.segment(), icmp) + "/" + Icmp4.code(p.segment(), icmp) + " mtu "
                        + Icmp4.nextHopMtu(p.segment(), icmp));
            }
        });
        return told;
    }

    @ParameterizedTest
    @EnumSource(Profile.class)
    void dontFragmentWithoutDiscoveryIsHeldAgainstThePathMtuSinceLinux510(Profile profile) throws IOException {
        try (Hosts hosts = new Hosts(Ipip.of(profile))) {
            List<String> told = errorsToldBy(hosts.a);
            hosts.a
                    .configure()
                    .tunnel("t1")
                    .remote("192.0.2.2")
                    .nopmtudisc()
                    .mtu(1500)
                    .add();
            hosts.a.configure().link("t1").up();
            hosts.a.configure().route("10.0.0.0/24").dev("t1").add();
            forward(hosts.a, 1481);
            boolean current = profile == Profile.LINUX_6_12;
            assertThat(told).isEqualTo(current ? List.of("3/4 mtu 1480") : List.of());
            assertThat(Hosts.statistics(hosts.a, "t1"))
                    .isEqualTo(Map.of(current ? Counter.TX_ERRORS : Counter.TX_DROPPED, 1L));
        }
    }

    @ParameterizedTest
    @EnumSource(Profile.class)
    void anExternalDeviceEncapsulatesAsConfiguredSinceLinux64(Profile profile) throws IOException {
        try (Hosts hosts = new Hosts(Ipip.of(profile))) {
            errorsToldBy(hosts.a);
            hosts.a.configure().tunnel("e1").external().fou(5555).add();
            hosts.a.configure().link("e1").up();
            assertThat(NamespaceHost.ip(hosts.a, "route add 10.0.0.0/24 encap ip id 0 dst 192.0.2.2 ttl 9 dev e1")
                            .err())
                    .isEmpty();
            forward(hosts.a, 100);
            boolean current = profile == Profile.LINUX_6_12;
            assertThat(Hosts.statistics(hosts.a, "e1"))
                    .isEqualTo(
                            current
                                    ? Map.of(Counter.TX_PACKETS, 1L, Counter.TX_BYTES, 100L)
                                    : Map.of(Counter.TX_ERRORS, 1L));
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
