package adit.linux;

import static adit.tun.TunOffload.CHECKSUM;
import static adit.tun.TunOffload.TCP4;
import static adit.tun.TunOffload.TCP6;
import static adit.tun.TunOffload.TCP_ECN;
import static adit.tun.TunOffload.UDP4;
import static adit.tun.TunOffload.UDP6;
import static adit.tun.TunOffload.UDP_FRAGMENT;
import static adit.tun.TunSpec.Option.EXCLUSIVE;
import static adit.tun.TunSpec.Option.MULTI_QUEUE;
import static adit.tun.TunSpec.Option.NO_CARRIER;
import static adit.tun.TunSpec.Option.VNET_HEADER;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import adit.device.Errno;
import adit.device.InterfaceRequest;
import adit.linux.sys.Fcntl;
import adit.tun.HardwareAddress;
import adit.tun.Ifreq;
import adit.tun.TapFilter;
import adit.tun.TunIoctl;
import adit.tun.TunOffload;
import adit.tun.TunSpec;
import adit.wire.MacAddress;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.stream.LongStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Every control call against the running kernel, as it works and as it fails. The expected numbers are those
/// that Linux 6.18 was seen to answer.
@Timeout(60)
class TunControlTest {
    private TestHost host;

    @BeforeEach
    void makeHost() throws Exception {
        host = TestHost.create();
    }

    @AfterEach
    void removeHost() {
        if (host != null) {
            host.close();
        }
    }

    private static void assertFails(String call, String errno, ThrowingCallable work) {
        assertThatThrownBy(work).isInstanceOfSatisfying(LinuxException.class, e -> {
            assertThat(e.call()).isEqualTo(call);
            assertThat(e.errnoName()).isEqualTo(errno);
            assertThat(e.getMessage()).startsWith(call).contains(": " + errno + " (");
        });
    }

    private Fd unattached() throws Exception {
        return host.netns.call(() -> Fd.open("/dev/net/tun", Fcntl.O_RDWR | Fcntl.O_NONBLOCK));
    }

    // ---- The file and its device

    @Test
    void tellsFeaturesOnAnyFile() throws Exception {
        try (Fd fd = unattached();
                TunDevice tun = host.open(TunSpec.tun("tun0"))) {
            int least = TunIoctl.IFF_TUN
                    | TunIoctl.IFF_TAP
                    | TunIoctl.IFF_NO_PI
                    | TunIoctl.IFF_ONE_QUEUE
                    | TunIoctl.IFF_VNET_HDR
                    | TunIoctl.IFF_MULTI_QUEUE;
            assertThat(new TunControl(fd).features() & least).isEqualTo(least);
            assertThat(tun.control().features()).isEqualTo(new TunControl(fd).features());
        }
    }

    @Test
    void failsEveryOtherCallOnAFileThatIsNotAttached() throws Exception {
        try (Fd fd = unattached()) {
            TunControl control = new TunControl(fd);
            assertFails("TUNGETIFF", "EBADFD", control::state);
            assertFails("TUNSETPERSIST", "EBADFD", () -> control.persistent(true));
            assertFails("TUNSETOWNER", "EBADFD", () -> control.owner(0));
            assertFails("TUNSETGROUP", "EBADFD", () -> control.group(0));
            assertFails("TUNSETLINK", "EBADFD", () -> control.linkType(1));
            assertFails("TUNSETOFFLOAD", "EBADFD", () -> control.offload(Set.of()));
            assertFails("TUNSETTXFILTER", "EBADFD", () -> control.transmitFilter(TapFilter.NONE));
            assertFails("TUNGETSNDBUF", "EBADFD", control::sendBuffer);
            assertFails("TUNSETSNDBUF", "EBADFD", () -> control.sendBuffer(1));
            assertFails("TUNATTACHFILTER", "EBADFD", () -> control.attachFilter(new byte[8]));
            assertFails("TUNDETACHFILTER", "EBADFD", control::detachFilter);
            assertFails("TUNGETFILTER", "EBADFD", control::filterLength);
            assertFails("TUNGETVNETHDRSZ", "EBADFD", control::vnetHeaderLength);
            assertFails("TUNSETVNETHDRSZ", "EBADFD", () -> control.vnetHeaderLength(10));
            assertFails("TUNGETVNETLE", "EBADFD", control::vnetLittleEndian);
            assertFails("TUNSETVNETLE", "EBADFD", () -> control.vnetLittleEndian(true));
            assertFails("TUNGETVNETBE", "EBADFD", control::vnetBigEndian);
            assertFails("TUNSETVNETBE", "EBADFD", () -> control.vnetBigEndian(true));
            assertFails("TUNSETSTEERINGEBPF", "EBADFD", () -> control.steering(-1));
            assertFails("TUNSETFILTEREBPF", "EBADFD", () -> control.filter(-1));
            assertFails("TUNSETCARRIER", "EBADFD", () -> control.carrier(true));
            assertFails("TUNGETDEVNETNS", "EBADFD", control::deviceNamespace);
            assertFails("SIOCGIFHWADDR", "EBADFD", control::hardwareAddress);
            assertFails("TUNSETNOCSUM", "EBADFD", () -> control.noChecksum(true));
            assertFails("TUNSETDEBUG", "EBADFD", () -> control.messageLevel(0));
            assertFails("TUNSETQUEUE", "EINVAL", control::attachQueue);
            assertFails("TUNSETQUEUE", "EINVAL", control::detachQueue);
        }
    }

    @Test
    void makesDevicesByNameTemplateAndDefault() throws Exception {
        try (TunDevice zero = host.open(TunSpec.tun(""));
                TunDevice one = host.open(TunSpec.tun("tun%d"));
                TunDevice tap = host.open(TunSpec.tap(""));
                TunDevice named = host.open(TunSpec.tap("fifteen-octets1"))) {
            assertThat(List.of(zero.name(), one.name(), tap.name(), named.name()))
                    .containsExactly("tun0", "tun1", "tap0", "fifteen-octets1");
            host.ip("link", "delete", "tun0");
            try (TunDevice again = host.open(TunSpec.tun("tun%d").with(EXCLUSIVE))) {
                assertThat(again.name()).isEqualTo("tun0");
            }
            assertThat(host.ip("link", "show", "tap0")).contains("link/ether");
            assertThat(host.ip("link", "show", "tun1")).contains("link/none");
        }
    }

    @Test
    void refusesToAttachAsTheDriverDoes() throws Exception {
        try (TunDevice tun = host.open(TunSpec.tun("tun0"));
                TunDevice many = host.open(TunSpec.tun("tun1").with(MULTI_QUEUE))) {
            assertFails("TUNSETIFF", "EBUSY", () -> host.open(TunSpec.tun("tun0")));
            assertFails(
                    "TUNSETIFF", "EBUSY", () -> host.open(TunSpec.tun("tun0").with(EXCLUSIVE)));
            assertFails("TUNSETIFF", "EINVAL", () -> host.open(TunSpec.tap("tun0")));
            assertFails(
                    "TUNSETIFF", "EINVAL", () -> host.open(TunSpec.tun("tun0").with(MULTI_QUEUE)));
            assertFails("TUNSETIFF", "EINVAL", () -> host.open(TunSpec.tun("tun1")));
            assertFails("TUNSETIFF", "EINVAL", () -> host.open(TunSpec.tun("lo")));
            assertFails("TUNSETIFF", "EEXIST", () -> tun.control().attach(TunSpec.tun("tun0")));
            assertThat(many.queues()).hasSize(1);
        }
    }

    @Test
    void givesTheDeviceTheIndexAskedFor() throws Exception {
        try (TunDevice tun = host.open(TunSpec.tun("tun0").withIndex(4711))) {
            assertThat(tun.index()).isEqualTo(4711);
            assertThat(host.ip("link", "show", "tun0")).startsWith("4711: tun0:");
            assertFails(
                    "TUNSETIFF", "EBUSY", () -> host.open(TunSpec.tun("tun1").withIndex(4711)));
            assertFails("TUNSETIFINDEX", "EPERM", () -> tun.control().nextIndex(5));
        }
        try (Fd fd = unattached()) {
            assertFails("TUNSETIFINDEX", "EINVAL", () -> new TunControl(fd).nextIndex(-1));
        }
    }

    @Test
    void tellsNameAndFlagsAfterARename() throws Exception {
        try (TunDevice tun = host.open(TunSpec.tun("tun0").with(VNET_HEADER))) {
            assertThat(tun.control().state().name()).isEqualTo("tun0");
            assertThat(tun.control().state().kind()).isEqualTo(TunSpec.Kind.TUN);
            assertThat(tun.control().state().vnetHeader()).isTrue();
            assertThat(tun.control().state().multiQueue()).isFalse();
            host.ip("link", "set", "tun0", "name", "other");
            assertThat(tun.control().state().name()).isEqualTo("other");
            assertThat(tun.mtu()).isEqualTo(1500);
            assertThat(tun.name()).isEqualTo("other");
        }
    }

    @Test
    void keepsAPersistentDeviceAndAttachesAgain() throws Exception {
        try (TunDevice tun = host.open(TunSpec.tun("tun0"))) {
            assertThat(tun.control().state().persistent()).isFalse();
            tun.control().persistent(true);
            tun.control().persistent(true);
            assertThat(tun.control().state().persistent()).isTrue();
            host.up(tun);
        }
        assertThat(host.ip("link", "show", "tun0")).contains("NO-CARRIER").doesNotContain("LOWER_UP");
        assertFails("TUNSETIFF", "EBUSY", () -> host.open(TunSpec.tun("tun0").with(EXCLUSIVE)));
        try (TunDevice tun = host.open(TunSpec.tun("tun0"))) {
            tun.control().persistent(false);
        }
        assertThat(host.ip("-brief", "link")).doesNotContain("tun0");
    }

    @Test
    void setsOwnerAndGroup() throws Exception {
        assumeTrue(
                Files.readString(Path.of("/proc/self/uid_map")).strip().endsWith(" 4294967295"),
                "needs root: a user namespace has no user 1234");
        try (TunDevice tun = host.open(TunSpec.tun("tun0"))) {
            tun.control().owner(1234);
            tun.control().group(5678);
            assertThat(host.ip("-d", "link", "show", "tun0"))
                    .contains("user 1234")
                    .contains("group 5678");
            assertFails("TUNSETOWNER", "EINVAL", () -> tun.control().owner(-1));
            assertFails("TUNSETGROUP", "EINVAL", () -> tun.control().group(-1));
        }
    }

    @Test
    void opensTheNamespacesOfDeviceAndFile() throws Exception {
        try (TunDevice tun = host.open(TunSpec.tun("tun0"));
                Netns device = Netns.around("device", tun.control().deviceNamespace());
                Netns file = Netns.around("file", tun.control().fileNamespace())) {
            assertThat(device.call(() -> host.run("ip", "-brief", "link", "show", "tun0")))
                    .startsWith("tun0");
            String inside = host.run("readlink", "/proc/self/ns/net");
            for (Netns netns : List.of(device, file)) {
                Process p = netns.exec("readlink", "/proc/self/ns/net");
                assertThat(new String(p.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                        .isEqualTo(inside);
            }
        }
    }

    // ---- Queues

    @Test
    void takesQueuesOutOfServiceAndBack() throws Exception {
        try (TunDevice tun = host.open(TunSpec.tun("tun0").with(MULTI_QUEUE), 2)) {
            TunControl second = tun.queue(1).control();
            assertFails("TUNSETQUEUE", "EINVAL", second::attachQueue);
            second.detachQueue();
            assertThat(second.state().detached()).isTrue();
            assertThat(tun.control().state().detached()).isFalse();
            assertFails("TUNSETQUEUE", "EINVAL", second::detachQueue);
            assertFails(
                    "TUNSETIFF",
                    "EEXIST",
                    () -> second.attach(TunSpec.tun("tun0").with(MULTI_QUEUE)));
            second.attachQueue();
            assertThat(second.state().detached()).isFalse();

            tun.control().detachQueue();
            second.detachQueue();
            assertFails("TUNSETCARRIER", "EPERM", () -> second.carrier(true));
        }
        try (TunDevice single = host.open(TunSpec.tun("tun1"))) {
            assertFails("TUNSETQUEUE", "EINVAL", single.control()::detachQueue);
            assertThatThrownBy(single::openQueue).isInstanceOf(IllegalStateException.class);
        }
    }

    @Test
    void opensAtMost256Queues() throws Exception {
        try (TunDevice tun = host.open(TunSpec.tun("tun0").with(MULTI_QUEUE), 256)) {
            tun.queue(7).control().detachQueue();
            assertFails("TUNSETIFF", "E2BIG", () -> host.netns.call(tun::openQueue));
            assertThat(tun.queues()).hasSize(256);
        }
    }

    @Test
    void refusesToOpenAQueueInAnotherNamespace() throws Exception {
        try (TunDevice tun = host.open(TunSpec.tun("tun0").with(MULTI_QUEUE))) {
            assertThatThrownBy(tun::openQueue)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("another network namespace");
            assertThat(host.netns.call(tun::openQueue).index()).isEqualTo(1);
        }
    }

    // ---- The link

    @Test
    void setsTheLinkTypeWhileDown() throws Exception {
        try (TunDevice tun = host.open(TunSpec.tun("tun0"))) {
            tun.control().linkType(HardwareAddress.ETHERNET);
            assertThat(host.ip("link", "show", "tun0")).contains("link/ether");
            assertThat(tun.control().hardwareAddress().linkType()).isEqualTo(HardwareAddress.ETHERNET);
            tun.control().linkType(HardwareAddress.NONE);
            host.up(tun);
            assertFails("TUNSETLINK", "EBUSY", () -> tun.control().linkType(1));
        }
    }

    @Test
    void switchesTheCarrier() throws Exception {
        try (TunDevice tun = host.open(TunSpec.tun("tun0").with(NO_CARRIER))) {
            host.up(tun);
            assertThat(host.ip("link", "show", "tun0")).contains("NO-CARRIER");
            tun.control().carrier(true);
            assertThat(host.ip("link", "show", "tun0")).contains("LOWER_UP");
            tun.control().carrier(false);
            assertThat(host.ip("link", "show", "tun0")).contains("NO-CARRIER");
        }
    }

    @Test
    void readsAndSetsHardwareAddresses() throws Exception {
        MacAddress address = MacAddress.parse("02:00:5e:10:00:01");
        try (TunDevice tap = host.open(TunSpec.tap("tap0"));
                TunDevice tun = host.open(TunSpec.tun("tun0"))) {
            tap.control().hardwareAddress(HardwareAddress.ethernet(address));
            assertThat(host.ip("link", "show", "tap0")).contains("link/ether 02:00:5e:10:00:01");
            assertThat(tap.control().hardwareAddress()).isEqualTo(HardwareAddress.ethernet(address));
            assertFails(
                    "SIOCSIFHWADDR",
                    "EADDRNOTAVAIL",
                    () -> tap.control()
                            .hardwareAddress(HardwareAddress.ethernet(MacAddress.parse("01:00:5e:00:00:01"))));
            assertFails(
                    "SIOCSIFHWADDR", "EINVAL", () -> tap.control().hardwareAddress(new HardwareAddress(2, address)));
            assertThat(tun.control().hardwareAddress())
                    .isEqualTo(new HardwareAddress(HardwareAddress.NONE, new MacAddress(0)));
            assertFails(
                    "SIOCSIFHWADDR",
                    "EOPNOTSUPP",
                    () -> tun.control().hardwareAddress(new HardwareAddress(HardwareAddress.NONE, address)));
        }
    }

    // ---- Framing and offload

    @Test
    void takesTheOffloadsThatTheDriverTakes() throws Exception {
        try (TunDevice tun = host.open(TunSpec.tun("tun0").with(VNET_HEADER))) {
            TunControl control = tun.control();
            for (Set<TunOffload> good : List.of(
                    Set.<TunOffload>of(),
                    Set.of(CHECKSUM),
                    Set.of(CHECKSUM, TCP4),
                    Set.of(CHECKSUM, TCP4, TCP6, TCP_ECN),
                    Set.of(CHECKSUM, UDP_FRAGMENT))) {
                control.offload(good);
            }
            for (Set<TunOffload> bad :
                    List.of(Set.of(TCP4), Set.of(CHECKSUM, TCP_ECN), Set.of(UDP_FRAGMENT), Set.of(CHECKSUM, UDP4))) {
                assertFails("TUNSETOFFLOAD", "EINVAL", () -> control.offload(bad));
            }
            assertThat(control.ioctl(TunIoctl.TUNSETOFFLOAD, 0x200)).isEqualTo(-Errno.EINVAL);
        }
    }

    @Test
    void takesFewerOffloadsStepByStep() throws Exception {
        try (TunDevice tun = host.open(TunSpec.tun("tun0").with(VNET_HEADER))) {
            TunOffloads offloads = tun.queue(0).offloads();
            tun.enableOffload();
            assertThat(tun.offloads()).contains(UDP4);
            assertThat(tun.offloadReason()).isEmpty();
            offloads.reduce("first");
            assertThat(tun.offloads()).containsExactlyInAnyOrder(CHECKSUM, TCP4, TCP6, TCP_ECN);
            assertThat(tun.offloadReason()).isEqualTo("first");
            offloads.reduce("second");
            assertThat(tun.offloads()).containsExactly(CHECKSUM);
            offloads.reduce("third");
            assertThat(tun.offloads()).isEmpty();
            offloads.reduce("fourth");
            assertThat(tun.offloadReason()).isEqualTo("third");
        }
    }

    @Test
    void enablesWhatTheKernelAgreesTo() throws Exception {
        try (TunDevice tun = host.open(TunSpec.tun("tun0").with(VNET_HEADER));
                TunDevice bare = host.open(TunSpec.tun("tun1"))) {
            assertThat(tun.enableOffload()).contains(CHECKSUM, TCP4, TCP6, TCP_ECN);
            assertThat(bare.enableOffload()).isEmpty();
            assertThat(TunOffload.mask(EnumSet.allOf(TunOffload.class))).isEqualTo(0x1ff);
            assertThat(TunOffload.mask(Set.of(CHECKSUM, UDP4, UDP6))).isEqualTo(0x61);
        }
    }

    @Test
    void setsTheLengthOfTheVirtioHeader() throws Exception {
        try (TunDevice tun = host.open(TunSpec.tun("tun0").with(VNET_HEADER))) {
            assertThat(tun.control().vnetHeaderLength()).isEqualTo(10);
            tun.control().vnetHeaderLength(12);
            assertThat(tun.control().vnetHeaderLength()).isEqualTo(12);
            assertFails("TUNSETVNETHDRSZ", "EINVAL", () -> tun.control().vnetHeaderLength(9));
            tun.control().vnetHeaderLength(65535);
            assertThat(tun.control().vnetHeaderLength()).isEqualTo(65535);
        }
    }

    @Test
    void setsTheOrderOfVirtioHeaders() throws Exception {
        try (TunDevice tun = host.open(TunSpec.tun("tun0").with(VNET_HEADER))) {
            assertThat(tun.control().vnetLittleEndian()).isFalse();
            tun.control().vnetLittleEndian(true);
            assertThat(tun.control().vnetLittleEndian()).isTrue();
            tun.control().vnetLittleEndian(false);
            assertThat(tun.control().vnetLittleEndian()).isFalse();
            try {
                assertThat(tun.control().vnetBigEndian()).isFalse();
                tun.control().vnetBigEndian(true);
                assertThat(tun.control().vnetBigEndian()).isTrue();
            } catch (LinuxException e) {
                // A kernel without CONFIG_TUN_VNET_CROSS_LE.
                assertThat(e.errnoName()).isEqualTo("EINVAL");
                assertFails("TUNSETVNETBE", "EINVAL", () -> tun.control().vnetBigEndian(true));
            }
        }
    }

    @Test
    void setsTheSendBuffer() throws Exception {
        try (TunDevice tun = host.open(TunSpec.tun("tun0"))) {
            assertThat(tun.control().sendBuffer()).isEqualTo(Integer.MAX_VALUE);
            tun.control().sendBuffer(65536);
            assertThat(tun.control().sendBuffer()).isEqualTo(65536);
            assertFails("TUNSETSNDBUF", "EINVAL", () -> tun.control().sendBuffer(0));
            assertFails("TUNSETSNDBUF", "EINVAL", () -> tun.control().sendBuffer(-1));
        }
    }

    @Test
    void acceptsTheCallsThatDoNothing() throws Exception {
        try (TunDevice tun = host.open(TunSpec.tun("tun0"))) {
            tun.control().noChecksum(true);
            tun.control().noChecksum(false);
            tun.control().messageLevel(7);
        }
    }

    // ---- Filters

    @Test
    void countsTheAddressesThatATapMatchesExactly() throws Exception {
        List<MacAddress> unicast = LongStream.rangeClosed(1, 9)
                .mapToObj(i -> new MacAddress(0x0200_0000_0000L + i))
                .toList();
        try (TunDevice tap = host.open(TunSpec.tap("tap0"));
                TunDevice tun = host.open(TunSpec.tun("tun0"))) {
            for (var multicast : TapFilter.Multicast.values()) {
                assertThat(tap.control().transmitFilter(new TapFilter(multicast, unicast.subList(0, 3))))
                        .isEqualTo(3);
                assertThat(tap.control().transmitFilter(new TapFilter(multicast, unicast.subList(0, 8))))
                        .isEqualTo(8);
                assertThat(tap.control().transmitFilter(new TapFilter(multicast, unicast)))
                        .isZero();
            }
            assertThat(tap.control().transmitFilter(TapFilter.NONE)).isZero();
            assertFails("TUNSETTXFILTER", "EINVAL", () -> tun.control().transmitFilter(TapFilter.NONE));
        }
    }

    @Test
    void attachesClassicBpfPrograms() throws Exception {
        // ld [12] halfword; jeq #0x0806, 0, 1; ret #262144; ret #0, in the order of a little-endian host.
        boolean little = ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN;
        byte[] arp = HexFormat.of()
                .parseHex(
                        little
                                ? "28000000" + "0c000000" + "15000001" + "06080000" + "06000000" + "00000400"
                                        + "06000000" + "00000000"
                                : "00280000" + "0000000c" + "00150001" + "00000806" + "00060000" + "00040000"
                                        + "00060000" + "00000000");
        try (TunDevice tap = host.open(TunSpec.tap("tap0"));
                TunDevice tun = host.open(TunSpec.tun("tun0"))) {
            tap.control().attachFilter(arp);
            assertThat(tap.control().filterLength()).isEqualTo(4);
            tap.control().detachFilter();
            assertFails("TUNATTACHFILTER", "EINVAL", () -> tap.control().attachFilter(new byte[8 * 3]));
            assertFails("TUNATTACHFILTER", "EINVAL", () -> tun.control().attachFilter(arp));
            assertFails("TUNDETACHFILTER", "EINVAL", tun.control()::detachFilter);
            assertFails("TUNGETFILTER", "EINVAL", tun.control()::filterLength);
            assertThatThrownBy(() -> tap.control().attachFilter(new byte[7]))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void takesEbpfProgramsByDescriptor() throws Exception {
        try (TunDevice tun = host.open(TunSpec.tun("tun0").with(MULTI_QUEUE));
                EventFd other = EventFd.open()) {
            tun.control().steering(-1);
            tun.control().filter(-1);
            assertFails("TUNSETSTEERINGEBPF", "EBADF", () -> tun.control().steering(1_000_000));
            assertFails("TUNSETFILTEREBPF", "EBADF", () -> tun.control().filter(1_000_000));
            int held = other.fd().holdOrThrow();
            assertFails("TUNSETSTEERINGEBPF", "EINVAL", () -> tun.control().steering(held));
            assertFails("TUNSETFILTEREBPF", "EINVAL", () -> tun.control().filter(held));
            other.fd().leave();
        }
    }

    // ---- Raw

    @Test
    void answersRawCallsAsTheKernelDoes() throws Exception {
        try (TunDevice tun = host.open(TunSpec.tun("tun0"));
                Arena arena = Arena.ofConfined()) {
            MemorySegment request = arena.allocate(Ifreq.SIZE, 8);
            assertThat(tun.control().ioctl(TunIoctl.TUNGETIFF, request)).isZero();
            assertThat(InterfaceRequest.name(request)).isEqualTo("tun0");
            assertThat(tun.control().ioctl(0x400454ff, 0)).isEqualTo(-Errno.EINVAL);
            assertThat(tun.control().ioctl(TunIoctl.TUNGETIFF, MemorySegment.NULL))
                    .isEqualTo(-Errno.EFAULT);
            assertThat(tun.control().ioctl(TunIoctl.TUNSETIFF, MemorySegment.NULL))
                    .isEqualTo(-Errno.EFAULT);
        }
    }

    @Test
    void saysEbadfdOnceTheDeviceIsDeleted() throws Exception {
        try (TunDevice tun = host.open(TunSpec.tun("tun0"))) {
            host.ip("link", "delete", "tun0");
            assertFails("TUNGETIFF", "EBADFD", () -> tun.control().state());
            assertThat(tun.isGone()).isTrue();
            // The file may take another device.
            assertThat(tun.control().attach(TunSpec.tun("tun9"))).isEqualTo("tun9");
        }
    }
}
