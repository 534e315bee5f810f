package adit.ipip;

import static org.assertj.core.api.Assertions.assertThat;

import adit.device.Device;
import adit.device.Errno;
import adit.device.InterfaceRequest;
import adit.netns.Namespace;
import adit.tun.Credentials;
import adit.tun.Ifreq;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Tunnels by ioctl, with the struct written octet by octet as `linux/if_tunnel.h` lays it out.
class IoctlTest {
    private static final int PEER = 0xc000_0202;
    private static final int OTHER = 0xc000_0203;
    private static final int HERE = 0xc000_0201;

    private Hosts hosts;
    private Namespace ns;
    private TunnelIoctl ioctl;

    @BeforeEach
    void open() throws IOException {
        hosts = new Hosts();
        ns = hosts.a;
        ioctl = hosts.ipip.ioctl(ns);
    }

    @AfterEach
    void close() {
        hosts.close();
    }

    /// `struct ip_tunnel_parm`: name, link, flags and keys full of what must not matter, and a header.
    private static MemorySegment parameters(String name, int local, int remote) {
        byte[] octets = new byte[52];
        ByteBuffer b = ByteBuffer.wrap(octets);
        b.put(name.getBytes(StandardCharsets.US_ASCII));
        b.position(20);
        b.put(HexFormat.of().parseHex("a5a5a5a5a5a5a5a5a5a5a5a5"));
        b.put(HexFormat.of().parseHex("4500000000004000" + "00040000"));
        b.putInt(local).putInt(remote);
        return MemorySegment.ofArray(octets);
    }

    private static MemorySegment with(MemorySegment s, int at, int octet) {
        s.set(ValueLayout.JAVA_BYTE, at, (byte) octet);
        return s;
    }

    private int call(int request, String device, MemorySegment s) {
        return ioctl.ioctl(request, device, s, Credentials.ROOT);
    }

    private int add(String name, int local, int remote) {
        return call(TunnelIoctl.SIOCADDTUNNEL, "tunl0", parameters(name, local, remote));
    }

    private static String hex(MemorySegment s) {
        return HexFormat.of().formatHex(s.toArray(ValueLayout.JAVA_BYTE));
    }

    private Device device(String name) {
        return ns.devices().byName(name);
    }

    @Test
    void addsTellsOfAndDeletesATunnel() {
        assertThat(add("t1", HERE, PEER)).isZero();
        assertThat(device("t1").mtu()).isEqualTo(1480);
        assertThat(device("t1").mtuRange().minimum()).isEqualTo(68);
        assertThat(device("t1").mtuRange().maximum()).isEqualTo(65515);
        MemorySegment told = MemorySegment.ofArray(new byte[52]).fill((byte) 0xa5);
        assertThat(call(TunnelIoctl.SIOCGETTUNNEL, "t1", told)).isZero();
        assertThat(hex(told))
                .isEqualTo("7431" + "00".repeat(14) + "00000000" + "00".repeat(12) + "4500000000004000" + "00040000"
                        + "c0000201" + "c0000202");
        assertThat(call(TunnelIoctl.SIOCDELTUNNEL, "t1", parameters("", 0, 0))).isZero();
        assertThat(device("t1")).isNull();
    }

    @Test
    void findsTheTunnelOfTheseAddressesThroughTunl0() {
        add("t1", HERE, PEER);
        MemorySegment told = parameters("", HERE, PEER);
        assertThat(call(TunnelIoctl.SIOCGETTUNNEL, "tunl0", told)).isZero();
        assertThat(told.getString(0)).isEqualTo("t1");
        MemorySegment itself = parameters("", HERE, OTHER);
        assertThat(call(TunnelIoctl.SIOCGETTUNNEL, "tunl0", itself)).isZero();
        assertThat(itself.getString(0)).isEqualTo("tunl0");
        assertThat(call(TunnelIoctl.SIOCDELTUNNEL, "tunl0", parameters("", HERE, PEER)))
                .isZero();
        assertThat(device("t1")).isNull();
    }

    @Test
    void namesATunnelItself() {
        assertThat(add("", HERE, PEER)).isZero();
        assertThat(add("foo%d", HERE, OTHER)).isZero();
        assertThat(device("ipip0")).isNotNull();
        assertThat(device("foo0")).isNotNull();
    }

    @Test
    void answersWithLinuxsErrorNumbers() {
        assertThat(add("t1", HERE, PEER)).isZero();
        assertThat(add("t2", HERE, PEER)).isEqualTo(-Errno.EEXIST);
        assertThat(add("t1", HERE, OTHER)).isEqualTo(-Errno.EEXIST);
        assertThat(add("any", 0, 0)).isEqualTo(-Errno.EEXIST);
        assertThat(add("a/b", HERE, OTHER)).isEqualTo(-Errno.E2BIG);
        assertThat(call(TunnelIoctl.SIOCDELTUNNEL, "tunl0", parameters("", HERE, OTHER)))
                .isEqualTo(-Errno.ENOENT);
        assertThat(call(TunnelIoctl.SIOCDELTUNNEL, "tunl0", parameters("", 0, 0)))
                .isEqualTo(-Errno.EPERM);
        assertThat(call(TunnelIoctl.SIOCCHGTUNNEL, "tunl0", parameters("", HERE, OTHER)))
                .isEqualTo(-Errno.ENOENT);
        assertThat(call(TunnelIoctl.SIOCGETTUNNEL, "none", parameters("", 0, 0)))
                .isEqualTo(-Errno.ENODEV);
        assertThat(call(TunnelIoctl.SIOCGETTUNNEL, "net0", parameters("", 0, 0)))
                .isEqualTo(-Errno.EOPNOTSUPP);
        assertThat(call(0x89ff, "t1", parameters("", 0, 0))).isEqualTo(-Errno.EINVAL);
    }

    @Test
    void looksAtTheHeaderBeforeAnythingElse() {
        for (int request : new int[] {TunnelIoctl.SIOCADDTUNNEL, TunnelIoctl.SIOCCHGTUNNEL}) {
            assertThat(call(request, "tunl0", with(parameters("t1", HERE, PEER), 32, 0x46)))
                    .as("header length 6")
                    .isEqualTo(-Errno.EINVAL);
            assertThat(call(request, "tunl0", with(parameters("t1", HERE, PEER), 32, 0x55)))
                    .as("version 5")
                    .isEqualTo(-Errno.EINVAL);
            assertThat(call(request, "tunl0", with(parameters("t1", HERE, PEER), 38, 0x20)))
                    .as("more fragments")
                    .isEqualTo(-Errno.EINVAL);
            assertThat(call(request, "tunl0", with(parameters("t1", HERE, PEER), 39, 1)))
                    .as("fragment offset")
                    .isEqualTo(-Errno.EINVAL);
            assertThat(call(request, "tunl0", with(parameters("t1", HERE, PEER), 41, 47)))
                    .as("GRE")
                    .isEqualTo(-Errno.EINVAL);
        }
        assertThat(call(TunnelIoctl.SIOCADDTUNNEL, "tunl0", with(parameters("t1", HERE, PEER), 41, 137)))
                .isZero();
    }

    @Test
    void lookingIsForEverybodyAndChangingForAdministrators() {
        add("t1", HERE, PEER);
        Credentials nobody = Credentials.user(65534);
        assertThat(ioctl.ioctl(TunnelIoctl.SIOCGETTUNNEL, "t1", parameters("", 0, 0), nobody))
                .isZero();
        for (int request :
                new int[] {TunnelIoctl.SIOCADDTUNNEL, TunnelIoctl.SIOCCHGTUNNEL, TunnelIoctl.SIOCDELTUNNEL}) {
            assertThat(ioctl.ioctl(request, "tunl0", parameters("t2", HERE, OTHER), nobody))
                    .isEqualTo(-Errno.EPERM);
        }
    }

    @Test
    void aFixedTtlMeansDontFragment() {
        MemorySegment s = with(with(parameters("t1", HERE, PEER), 38, 0), 40, 9);
        assertThat(call(TunnelIoctl.SIOCADDTUNNEL, "tunl0", s)).isZero();
        assertThat(s.get(ValueLayout.JAVA_BYTE, 38)).isEqualTo((byte) 0x40);
        assertThat(NamespaceHost.ip(ns, "-d link show dev t1").out()).contains("ttl 9 pmtudisc");
    }

    @Test
    void changesATunnelThroughItself() {
        add("t1", HERE, PEER);
        add("t2", HERE, OTHER);
        assertThat(call(TunnelIoctl.SIOCCHGTUNNEL, "t1", parameters("", HERE, OTHER)))
                .isEqualTo(-Errno.EEXIST);
        assertThat(call(TunnelIoctl.SIOCCHGTUNNEL, "t1", parameters("", HERE, 0)))
                .as("no longer point to point")
                .isEqualTo(-Errno.EINVAL);
        assertThat(call(TunnelIoctl.SIOCCHGTUNNEL, "t1", with(parameters("", HERE, 0xc000_0204), 33, 0x10)))
                .isZero();
        assertThat(NamespaceHost.ip(ns, "-d link show dev t1").out()).contains("remote 192.0.2.4 local 192.0.2.1");
        // What it carries stays.
        call(TunnelIoctl.SIOCCHGTUNNEL, "t1", with(parameters("", HERE, PEER), 41, 137));
        assertThat(NamespaceHost.ip(ns, "-d link show dev t1").out()).contains("ipip ipip remote 192.0.2.2");
    }

    @Test
    void changesTunl0sTtl() {
        assertThat(call(TunnelIoctl.SIOCCHGTUNNEL, "tunl0", with(parameters("", 0, 0), 40, 33)))
                .isZero();
        assertThat(NamespaceHost.ip(ns, "-d link show dev tunl0").out()).contains("ttl 33 pmtudisc");
    }

    /// A change through `tunl0` gives the addresses of the other tunnel to `tunl0`, and takes away a mark.
    @Test
    void keepsLinuxsOddities() throws IOException {
        ns.configure()
                .tunnel("t1")
                .local("192.0.2.1")
                .remote("192.0.2.2")
                .fwmark(7)
                .add();
        ns.configure().link("t1").mtu(1000);
        assertThat(call(TunnelIoctl.SIOCCHGTUNNEL, "tunl0", with(parameters("", HERE, PEER), 33, 0x10)))
                .isZero();
        assertThat(NamespaceHost.ip(ns, "-d link show dev tunl0").out()).contains("link/ipip 192.0.2.1 brd 192.0.2.2");
        assertThat(NamespaceHost.ip(ns, "-d link show dev t1").out())
                .contains("tos 0x10")
                .doesNotContain("fwmark");
        assertThat(device("t1").mtu())
                .as("it is the MTU of tunl0 that is measured anew")
                .isEqualTo(1000);
    }

    @Test
    void followsThePointerInTheRequest() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment known = arena.allocate(64, 8);
            MemorySegment.copy(parameters("t1", HERE, PEER), 0, known, 8, 52);
            MemorySegment ifreq = arena.allocate(Ifreq.SIZE, 8);
            InterfaceRequest.name(ifreq, "tunl0");
            ifreq.set(ValueLayout.JAVA_LONG, 16, known.address() + 8);
            assertThat(ioctl.ioctl(TunnelIoctl.SIOCADDTUNNEL, ifreq, Credentials.ROOT, known))
                    .isZero();
            assertThat(device("t1")).isNotNull();
            ifreq.set(ValueLayout.JAVA_LONG, 16, known.address() + 13);
            assertThat(ioctl.ioctl(TunnelIoctl.SIOCGETTUNNEL, ifreq, Credentials.ROOT, known))
                    .isEqualTo(-Errno.EFAULT);
        }
    }

    @Test
    void theLinkIsAHostOrderNumber() {
        MemorySegment s = parameters("t1", HERE, PEER);
        int index = device("net0").index();
        s.asByteBuffer().order(ByteOrder.nativeOrder()).putInt(16, index);
        assertThat(call(TunnelIoctl.SIOCADDTUNNEL, "tunl0", s)).isZero();
        assertThat(NamespaceHost.ip(ns, "-d link show dev t1").out())
                .contains("t1@net0:")
                .contains("dev net0");
    }
}
