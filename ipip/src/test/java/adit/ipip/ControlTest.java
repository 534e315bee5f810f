package adit.ipip;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import adit.device.Device;
import adit.device.Errno;
import adit.ip.IpException;
import adit.netlink.IfLink;
import adit.netlink.Netlink;
import adit.netlink.Rtnetlink;
import adit.netns.Namespace;
import adit.netns.TunnelWords;
import java.io.IOException;
import java.util.Arrays;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Tunnels by rtnetlink: error numbers, MTUs and what stays as it was, all as Linux 6.1 and 6.12 were seen to
/// do it.
class ControlTest {
    private Hosts hosts;
    private Namespace ns;

    @BeforeEach
    void open() throws IOException {
        hosts = new Hosts();
        ns = hosts.a;
    }

    @AfterEach
    void close() {
        hosts.close();
    }

    private TunnelWords tunnel(String name) {
        return ns.configure().tunnel(name);
    }

    private TunnelWords toPeer(String name) {
        return tunnel(name).local("192.0.2.1").remote("192.0.2.2");
    }

    private static void refused(int errno, ThrowingCallable call) {
        assertThatThrownBy(call)
                .asInstanceOf(type(IpException.class))
                .satisfies(e -> assertThat(Errno.name(e.errno())).isEqualTo(Errno.name(errno)))
                .satisfies(e -> assertThat(e.reason()).isNotEmpty());
    }

    private Device device(String name) {
        return ns.devices().byName(name);
    }

    // ---- Duplicates and names

    @Test
    void refusesASecondTunnelWithTheSameAddresses() throws IOException {
        toPeer("t1").add();
        refused(Errno.EEXIST, () -> toPeer("t2").add());
        refused(Errno.EEXIST, () -> toPeer("t2").mplsip().add());
        refused(Errno.EEXIST, () -> toPeer("t2").fwmark(7).add());
        toPeer("t2").dev("net0").add();
        refused(Errno.EEXIST, () -> toPeer("t3").dev("net0").add());
    }

    @Test
    void hasATunnelForAnyAddressesAlready() throws IOException {
        refused(Errno.EEXIST, () -> tunnel("t1").add());
        tunnel("t1").dev("net0").add();
    }

    @Test
    void hasOneExternalTunnel() throws IOException {
        tunnel("e1").external().add();
        refused(Errno.EEXIST, () -> tunnel("e2").external().add());
        ns.configure().link("e1").delete();
        tunnel("e2").external().add();
    }

    @Test
    void refusesANameThatIsTaken() throws IOException {
        toPeer("t1").add();
        refused(Errno.EEXIST, () -> tunnel("t1").remote("192.0.2.3").add());
        refused(Errno.EEXIST, () -> tunnel("net0").remote("192.0.2.3").add());
    }

    @Test
    void findsNamesByItself() throws IOException {
        tunnel("ipip%d").remote("192.0.2.2").add();
        tunnel("foo%d").remote("192.0.2.3").add();
        assertThat(device("ipip0")).isNotNull();
        assertThat(device("foo0")).isNotNull();
    }

    @Test
    void leavesNothingBehindWhenItRefuses() throws IOException {
        toPeer("t1").add();
        int before = ns.devices().devices().size();
        refused(Errno.EEXIST, () -> toPeer("t2").add());
        refused(
                Errno.EINVAL,
                () -> tunnel("t2").remote("192.0.2.9").encapsulation(9, 0, 0, 5).add());
        assertThat(ns.devices().devices()).hasSize(before);
        tunnel("t2").remote("192.0.2.9").add();
    }

    // ---- Octets

    /// Asks for a tunnel with one attribute of so many octets, all 1.
    private int addWith(int attribute, int octets) throws IOException {
        byte[] payload = new byte[octets];
        Arrays.fill(payload, (byte) 1);
        return NamespaceHost.send(
                ns,
                Rtnetlink.RTM_NEWLINK,
                Netlink.NLM_F_CREATE | Netlink.NLM_F_EXCL,
                w -> w.u8(0)
                        .u8(0)
                        .u16(0)
                        .i32(0)
                        .i32(0)
                        .i32(0)
                        .nested(
                                IfLink.IFLA_LINKINFO,
                                info -> info.string(IfLink.IFLA_INFO_KIND, "ipip")
                                        .nested(IfLink.IFLA_INFO_DATA, d -> d.octets(attribute, payload))));
    }

    @ParameterizedTest
    @CsvSource({"1, 4", "2, 4", "3, 4", "4, 1", "5, 1", "10, 1", "15, 2", "16, 2", "17, 2", "18, 2", "20, 4"})
    void refusesAttributesThatAreTooShort(int attribute, int least) throws IOException {
        assertThat(addWith(attribute, least - 1)).isEqualTo(Errno.ERANGE);
        int before = ns.devices().devices().size();
        int answer = addWith(attribute, least);
        // A tunnel for any addresses is there, and an encapsulation of 0x0101 is not known.
        int expected = attribute == 1 || attribute == 2 || attribute == 3 ? 0 : Errno.EEXIST;
        assertThat(answer).isEqualTo(attribute == 15 ? Errno.EINVAL : expected);
        assertThat(ns.devices().devices()).hasSize(expected == 0 ? before + 1 : before);
    }

    @Test
    void refusesProtocolsThatNoTunnelCarries() throws IOException {
        assertThat(addWith(IfLink.IFLA_IPTUN_PROTO, 0)).isEqualTo(Errno.ERANGE);
        assertThat(addWith(IfLink.IFLA_IPTUN_PROTO, 1)).isEqualTo(Errno.EINVAL);
    }

    @Test
    void theFlagOfExternalTunnelsHasNoOctets() throws IOException {
        assertThat(addWith(IfLink.IFLA_IPTUN_COLLECT_METADATA, 1)).isEqualTo(Errno.ERANGE);
        assertThat(addWith(IfLink.IFLA_IPTUN_COLLECT_METADATA, 0)).isZero();
    }

    // ---- What makes no sense and is taken all the same

    @Test
    void takesWhatLinuxTakes() throws IOException {
        tunnel("m1").remote("224.1.1.1").add();
        tunnel("b1").remote("255.255.255.255").add();
        tunnel("s1").local("192.0.2.1").remote("192.0.2.1").add();
        tunnel("f1").remote("192.0.2.4").fou(0).add();
        tunnel("f2").remote("192.0.2.5").encapsulation(3, 0, 0, 0).add();
        tunnel("e1").external().local("192.0.2.1").remote("192.0.2.7").add();
        tunnel("n1").remote("192.0.2.8").nopmtudisc().ttl(5).add();
        assertThat(NamespaceHost.ip(ns, "-d link show dev n1").out()).contains(" ttl 5 pmtudisc ");
        assertThat(NamespaceHost.ip(ns, "-d link show dev e1").out())
                .contains("external ipip remote 192.0.2.7 local 192.0.2.1");
    }

    @Test
    void refusesProtocolsAndEncapsulationsThatItDoesNotKnow() {
        refused(
                Errno.EINVAL,
                () -> tunnel("t1").remote("192.0.2.2").encapsulation(4, 0, 0, 1).add());
        assertThat(NamespaceHost.ip(ns, "link add t1 type ipip mode ip6ip remote 192.0.2.2")
                        .exitCode())
                .isNotZero();
    }

    // ---- Changes

    @Test
    void changesWhatMayChange() throws IOException {
        toPeer("t1").add();
        tunnel("t1").local("192.0.2.1").remote("192.0.2.3").ttl(9).tos(1).change();
        assertThat(NamespaceHost.ip(ns, "-d link show dev t1").out())
                .contains("link/ipip 192.0.2.1 peer 192.0.2.3")
                .contains("ipip ipip remote 192.0.2.3 local 192.0.2.1 ttl 9 tos inherit pmtudisc");
        // The old addresses are free, and the new ones taken.
        toPeer("t2").add();
        refused(Errno.EEXIST, () -> toPeer("t1").change());
        refused(
                Errno.EEXIST,
                () -> tunnel("t3").local("192.0.2.1").remote("192.0.2.3").add());
    }

    @Test
    void changesNoPointToPointLinkIntoAnother() throws IOException {
        toPeer("t1").add();
        tunnel("t2").local("192.0.2.1").add();
        refused(Errno.EINVAL, () -> tunnel("t1").local("192.0.2.1").change());
        refused(Errno.EINVAL, () -> tunnel("t1").ttl(5).change());
        refused(
                Errno.EINVAL,
                () -> tunnel("t2").local("192.0.2.1").remote("192.0.2.9").change());
        refused(Errno.EINVAL, () -> tunnel("t1").external().change());
    }

    @Test
    void doesNotChangeTheEncapsulationWhenItRefusesTheRest() throws IOException {
        toPeer("t1").add();
        refused(Errno.EINVAL, () -> tunnel("t1").fou(5555).change());
        assertThat(NamespaceHost.ip(ns, "-d link show dev t1").out()).doesNotContain("encap");
        toPeer("t1").fou(5555).change();
        assertThat(NamespaceHost.ip(ns, "-d link show dev t1").out())
                .contains("encap fou encap-sport auto encap-dport 5555 noencap-csum");
    }

    @Test
    void tunl0TakesNoChangeAndNoDeletion() throws IOException {
        refused(Errno.EINVAL, () -> tunnel("tunl0").ttl(5).change());
        ns.configure().link("tunl0").delete();
        assertThat(device("tunl0")).isNotNull();
        assertThat(NamespaceHost.ip(ns, "-d link show dev tunl0").out())
                .contains("tunl0@NONE: <NOARP> mtu 1480 qdisc noop state DOWN")
                .contains("link/ipip 0.0.0.0 brd 0.0.0.0")
                .contains("ipip any remote any local any ttl inherit nopmtudisc");
        refused(Errno.EINVAL, () -> ns.move("tunl0", hosts.b, "x"));
    }

    @Test
    void tunl0CanBeLeftOut() throws IOException {
        try (Hosts without = new Hosts(Ipip.of(Profile.LINUX_6_12).fallback(Ipip.Fallback.NONE))) {
            assertThat(without.a.devices().byName("tunl0")).isNull();
            without.a.configure().tunnel("t1").add();
        }
    }

    @Test
    void aLinkOfAnotherKindIsNotChanged() {
        refused(Errno.EOPNOTSUPP, () -> tunnel("net0").remote("192.0.2.2").change());
        assertThatThrownBy(() -> tunnel("none").remote("192.0.2.2").change())
                .asInstanceOf(type(IpException.class))
                .satisfies(e -> assertThat(e.errno()).isEqualTo(Errno.ENODEV));
    }

    @Test
    void theLinkAddressIsNotChanged() throws IOException {
        toPeer("t1").add();
        assertThat(device("t1").address(768, 5)).isEqualTo(-Errno.EOPNOTSUPP);
    }

    // ---- MTU

    @ParameterizedTest(name = "{0}")
    @CsvSource({
        "direct, 0, 0, 1480",
        "fou, 1, 0, 1472",
        "gue, 2, 0, 1468",
        "gue remcsum, 2, 4, 1460",
    })
    void theMtuIsTheUnderlaysWithoutTheHeaders(String name, int encap, int flags, int mtu) throws IOException {
        toPeer("t1").encapsulation(encap, flags, 0, 5555).add();
        assertThat(device("t1").mtu()).isEqualTo(mtu);
        ns.configure().link("net0").mtu(9000);
        tunnel("t2")
                .local("192.0.2.1")
                .remote("192.0.2.3")
                .encapsulation(encap, flags, 0, 5555)
                .add();
        assertThat(device("t2").mtu()).isEqualTo(mtu + 7500);
    }

    @Test
    void theMtuIs1480WithoutAWayAndNearly64KToOneself() throws IOException {
        tunnel("t1").remote("203.0.113.9").add();
        tunnel("t2").local("192.0.2.1").add();
        tunnel("t3").remote("192.0.2.1").add();
        assertThat(device("t1").mtu()).isEqualTo(1480);
        assertThat(device("t2").mtu()).isEqualTo(1480);
        assertThat(device("t3").mtu()).isEqualTo(65515);
    }

    @Test
    void anMtuIsClampedAtCreationAndRefusedLater() throws IOException {
        tunnel("t1").remote("192.0.2.2").mtu(67).add();
        tunnel("t2").remote("192.0.2.3").mtu(70_000).add();
        tunnel("t3").remote("192.0.2.4").fou(5).mtu(70_000).add();
        assertThat(device("t1").mtu()).isEqualTo(68);
        assertThat(device("t2").mtu()).isEqualTo(65515);
        assertThat(device("t3").mtu()).isEqualTo(65507);
        for (int mtu : new int[] {67, 65516, 70_000}) {
            refused(Errno.EINVAL, () -> ns.configure().link("t1").mtu(mtu));
        }
        ns.configure().link("t1").mtu(65515);
        refused(Errno.EINVAL, () -> ns.configure().link("t3").mtu(65508));
    }

    @Test
    void theMtuIsMeasuredAnewForAnotherLinkOrMarkOnly() throws IOException {
        toPeer("t1").add();
        ns.configure().link("net0").mtu(9000);
        assertThat(device("t1").mtu()).isEqualTo(1480);
        toPeer("t1").ttl(5).change();
        tunnel("t1").local("192.0.2.1").remote("192.0.2.3").change();
        toPeer("t1").fou(5555).change();
        assertThat(device("t1").mtu()).isEqualTo(1480);
        toPeer("t1").dev("net0").change();
        assertThat(device("t1").mtu()).isEqualTo(8972);
        ns.configure().link("t1").mtu(1000);
        toPeer("t1").dev("net0").fwmark(3).change();
        assertThat(device("t1").mtu()).isEqualTo(8972);
        toPeer("t1").dev("net0").fwmark(4).mtu(1234).change();
        assertThat(device("t1").mtu()).isEqualTo(1234);
    }

    @Test
    void wantsAsMuchHeadroomAsItsHeadersAndThoseOfTheDeviceBelowTake() throws IOException {
        toPeer("t1").gue(6080).add();
        assertThat(((IpipDevice) device("t1")).neededHeadroom()).isEqualTo(20 + 12 + 14);
    }
}
