package adit.netlink;

import static adit.netlink.Captures.read;
import static adit.netlink.Captures.reader;
import static org.assertj.core.api.Assertions.assertThat;

import adit.wire.IpAddress;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

/// What stands in datagrams of the real kernel and of the real `ip`; see `captures.txt` for the commands.
class ReadingTest {
    private static IpAddress ip(String text) {
        return IpAddress.parse(text);
    }

    @Test
    void readsTheHeader() {
        MessageReader m = reader("veth-request");
        assertThat(m.length()).isEqualTo(0x78);
        assertThat(m.type()).isEqualTo(Rtnetlink.RTM_NEWLINK);
        assertThat(m.flags())
                .isEqualTo(Netlink.NLM_F_REQUEST | Netlink.NLM_F_ACK | Netlink.NLM_F_CREATE | Netlink.NLM_F_EXCL);
        assertThat(m.sequence()).isEqualTo(0x6b023ac1);
        assertThat(m.port()).isZero();
        assertThat(reader("acknowledgement").port()).isEqualTo(0x22a);
        assertThat(m.next()).isFalse();
    }

    @Test
    void readsTheRequestForAPairOfInterfaces() {
        LinkMessage link = read("veth-request", LinkMessage::read);
        assertThat(link.name()).contains("v0");
        assertThat(link.mtu()).hasValue(1400);
        assertThat(link.transmitQueueLength()).hasValue(77);
        assertThat(link.address()).contains(OctetString.parse("02:00:5e:10:00:01"));
        assertThat(link.kind()).contains("veth");
        LinkInfo.Data data = link.info().orElseThrow().data();
        assertThat(data).isInstanceOfSatisfying(LinkInfo.VethPeer.class, veth -> {
            assertThat(veth.peer().name()).contains("v1");
            assertThat(veth.peer().mtu()).hasValue(1450);
        });
    }

    @Test
    void readsALinkOfTheKernel() {
        LinkMessage link = read("veth-answer", LinkMessage::read);
        assertThat(link.index()).isEqualTo(3);
        assertThat(link.hardwareType()).isEqualTo(IfLink.ARPHRD_ETHER);
        assertThat(link.flags())
                .isEqualTo(IfLink.IFF_UP
                        | IfLink.IFF_BROADCAST
                        | IfLink.IFF_RUNNING
                        | IfLink.IFF_MULTICAST
                        | IfLink.IFF_LOWER_UP);
        assertThat(link.isUp()).isTrue();
        assertThat(link.isRunning()).isTrue();
        assertThat(link.name()).contains("v0");
        assertThat(link.mtu()).hasValue(1400);
        assertThat(link.transmitQueueLength()).hasValue(77);
        assertThat(link.operationalState()).hasValue(6);
        assertThat(link.parent()).hasValue(2);
        assertThat(link.broadcast()).contains(OctetString.parse("ff:ff:ff:ff:ff:ff"));
        assertThat(link.master()).isEmpty();
        assertThat(link.info()).contains(LinkInfo.of("veth"));
    }

    @Test
    void readsATunDeviceOfTheKernel() {
        LinkMessage link = read("tun-answer", LinkMessage::read);
        assertThat(link.hardwareType()).isEqualTo(IfLink.ARPHRD_NONE);
        assertThat(link.flags()).isEqualTo(IfLink.IFF_POINTOPOINT | IfLink.IFF_NOARP | IfLink.IFF_MULTICAST);
        assertThat(link.isUp()).isFalse();
        assertThat(link.info())
                .contains(new LinkInfo(
                        "tun",
                        new TunData(
                                1,
                                OptionalInt.of(1000),
                                OptionalInt.empty(),
                                new TunData.Framing(0, 0),
                                TunData.Persistence.PERSISTENT,
                                new TunData.Queues(1, OptionalInt.of(0), OptionalInt.of(0)))));
    }

    @Test
    void readsTheRequestForATunnel() {
        IpTunnelData tunnel = (IpTunnelData)
                read("ipip-request", LinkMessage::read).info().orElseThrow().data();
        assertThat(tunnel.local().orElseThrow()).hasToString("192.0.2.1");
        assertThat(tunnel.remote().orElseThrow()).hasToString("198.51.100.7");
        assertThat(tunnel.timeToLive()).hasValue(64);
        assertThat(tunnel.tos()).hasValue(0x10);
        assertThat(tunnel.protocol()).hasValue(0);
        assertThat(tunnel.pathMtuDiscovery()).hasValue(1);
        assertThat(tunnel.link()).hasValue(0);
        assertThat(tunnel.mark()).hasValue(0);
        assertThat(tunnel.encapsulation()).contains(new IpTunnelData.Encapsulation(1, 1, 0, 5555));
        assertThat(tunnel.metadata()).isEqualTo(IpTunnelData.Metadata.CONFIGURED);
    }

    @Test
    void readsTheRequestForAnExternalTunnel() {
        IpTunnelData tunnel = (IpTunnelData)
                read("external-request", LinkMessage::read).info().orElseThrow().data();
        assertThat(tunnel.metadata()).isEqualTo(IpTunnelData.Metadata.COLLECTED);
        assertThat(tunnel.local()).isEmpty();
        assertThat(tunnel.encapsulation()).isEmpty();
    }

    @Test
    void readsAddresses() {
        AddressMessage a = read("address-request", AddressMessage::read);
        assertThat(a.family()).isEqualTo(Netlink.AF_INET);
        assertThat(a.index()).isEqualTo(3);
        assertThat(a.prefixLength()).isEqualTo(24);
        assertThat(a.local()).contains(ip("192.0.2.1"));
        assertThat(a.peer()).isEmpty();
        assertThat(a.broadcast()).contains(ip("192.0.2.255"));
        assertThat(a.label()).contains("v0:x");

        AddressMessage peer = read("peer-address-request", AddressMessage::read);
        assertThat(peer.local()).contains(ip("192.0.2.9"));
        assertThat(peer.peer()).contains(ip("203.0.113.5"));
        assertThat(peer.prefixLength()).isEqualTo(32);

        AddressMessage metric = read("metric-address-request", AddressMessage::read);
        assertThat(metric.priority()).isEqualTo(77);
        assertThat(metric.lifetime()).contains(new AddressLifetime(600, 1200));
        assertThat(peer.lifetime()).isEmpty();

        AddressMessage six = read("address6-request", AddressMessage::read);
        assertThat(six.family()).isEqualTo(Netlink.AF_INET6);
        assertThat(six.local()).contains(ip("2001:db8::1"));
        assertThat(six.flags()).isEqualTo(IfAddr.IFA_F_NODAD);
        assertThat(six.prefixLength()).isEqualTo(64);
    }

    @Test
    void readsAddressesOfTheKernel() {
        MessageReader m = reader("address-answer-0");
        AddressMessage first = AddressMessage.read(m);
        assertThat(first.local()).contains(ip("192.0.2.1"));
        assertThat(first.flags()).isEqualTo(IfAddr.IFA_F_PERMANENT);
        assertThat(m.next()).isTrue();
        AddressMessage second = AddressMessage.read(m);
        assertThat(second.local()).contains(ip("192.0.2.9"));
        assertThat(second.peer()).contains(ip("203.0.113.5"));
    }

    @Test
    void readsTheRequestForARoute() {
        RouteMessage r = read("route-request", RouteMessage::read);
        assertThat(r.destination()).contains(ip("10.2.0.0"));
        assertThat(r.destinationLength()).isEqualTo(16);
        assertThat(r.gateway()).contains(ip("198.51.100.9"));
        assertThat(r.flags()).isEqualTo(Rtnetlink.RTNH_F_ONLINK);
        assertThat(r.device()).hasValue(3);
        assertThat(r.priority()).hasValue(7);
        assertThat(r.preferredSource()).contains(ip("192.0.2.1"));
        assertThat(r.table()).isEqualTo(Rtnetlink.RT_TABLE_MAIN);
        assertThat(r.protocol()).isEqualTo(Rtnetlink.RTPROT_BOOT);
        assertThat(r.type()).isEqualTo(Rtnetlink.RTN_UNICAST);
        assertThat(r.metrics()).isEqualTo(RouteMetrics.ofLockedMtu(1300));
        assertThat(r.metrics().mtuLocked()).isTrue();
    }

    @Test
    void readsAGatewayOfAnotherFamilyAndABigTable() {
        RouteMessage r = read("via6-request", RouteMessage::read);
        assertThat(r.gateway()).contains(ip("2001:db8::9"));
        assertThat(r.table()).isEqualTo(1000);
        assertThat(read("unreachable-request", RouteMessage::read).type()).isEqualTo(Rtnetlink.RTN_UNREACHABLE);
    }

    @Test
    void readsMplsRoutes() {
        RouteMessage swap = read("mpls-request", RouteMessage::read);
        assertThat(swap.family()).isEqualTo(Netlink.AF_MPLS);
        assertThat(swap.label()).contains(LabelStack.of(100));
        assertThat(swap.newLabels()).contains(LabelStack.of(200, 300));
        assertThat(swap.gateway()).contains(ip("192.0.2.9"));
        RouteMessage push = read("push-request", RouteMessage::read);
        assertThat(push.pushed()).contains(LabelStack.of(100, 200));
    }

    @Test
    void readsTheWayToADestination() {
        RouteMessage asked = read("lookup-request", RouteMessage::read);
        assertThat(asked.destination()).contains(ip("10.2.3.4"));
        assertThat(asked.source()).contains(ip("192.0.2.1"));
        assertThat(asked.sourceLength()).isEqualTo(32);
        RouteMessage way = read("lookup-answer", RouteMessage::read);
        assertThat(way.device()).hasValue(3);
        assertThat(way.gateway()).contains(ip("198.51.100.9"));
        assertThat(way.metrics().mtu()).hasValue(1300);
        assertThat(way.metrics().mtuLocked()).isTrue();
        assertThat(way.error()).isZero();
    }

    @Test
    void readsNeighbours() {
        for (String name : new String[] {"neighbour-request", "neighbour-answer"}) {
            NeighbourMessage n = read(name, NeighbourMessage::read);
            assertThat(n.index()).isEqualTo(3);
            assertThat(n.destination()).contains(ip("192.0.2.7"));
            assertThat(n.linkAddress()).contains(OctetString.parse("02:00:5e:10:00:07"));
            assertThat(n.state()).isEqualTo(Neigh.NUD_PERMANENT);
        }
    }

    @Test
    void readsErrorsWithTheirText() {
        ErrorMessage mtu = read("mtu-error", ErrorMessage::read);
        assertThat(mtu.errno()).isEqualTo(22);
        assertThat(mtu.text()).contains("mtu less than device minimum");
        assertThat(mtu.request().orElseThrow().type()).isEqualTo(Rtnetlink.RTM_NEWLINK);
        ErrorMessage kind = read("kind-error", ErrorMessage::read);
        assertThat(kind.errno()).isEqualTo(95);
        assertThat(kind.text()).contains("Unknown device type");
        ErrorMessage name = read("name-error", ErrorMessage::read);
        assertThat(name.errno()).isEqualTo(19);
        assertThat(name.text()).isEmpty();
        assertThat(read("lookup-error", ErrorMessage::read).errno()).isEqualTo(113);
        ErrorMessage fine = read("acknowledgement", ErrorMessage::read);
        assertThat(fine.isAcknowledgement()).isTrue();
        assertThat(fine.request().orElseThrow().length()).isEqualTo(0x78);
        assertThat(read("done", ErrorMessage::read).isAcknowledgement()).isTrue();
    }

    @Test
    void readsFouPorts() {
        assertThat(read("fou-request", FouMessage::read)).isEqualTo(FouMessage.of(Genl.FOU_CMD_ADD, 5555, 4));
        FouMessage gue = read("gue-request", FouMessage::read);
        assertThat(gue.type()).isEqualTo(Genl.FOU_ENCAP_GUE);
        assertThat(gue.port()).isEqualTo(11111);
        assertThat(gue.local()).contains(ip("1.2.3.4"));
        assertThat(gue.peer()).contains(ip("5.6.7.8"));
        assertThat(gue.peerPort()).isEqualTo(22222);
        assertThat(gue.index()).isEqualTo(1);
        assertThat(read("family-request", FamilyMessage::read)).isEqualTo(FamilyMessage.get("fou"));
    }
}
