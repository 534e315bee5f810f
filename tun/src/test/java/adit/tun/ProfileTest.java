package adit.tun;

import static org.assertj.core.api.Assertions.assertThat;

import adit.device.Counter;
import adit.device.Device;
import adit.device.Errno;
import adit.device.HardwareType;
import adit.device.InterfaceRequest;
import adit.packet.PacketBuffer;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Where the profiles differ: a test for each row of the table in docs/tun-profiles.md, each naming both
/// answers.
class ProfileTest {
    private static final String IP4 = "45000014 00010000 40010000 0a000001 0a000002";
    private static final String ARP = "ffffffffffff 020000000009 0806 0001080006040001" + "00".repeat(20);

    private Rig rig;

    @AfterEach
    void close() {
        rig.close();
    }

    private static int of(Profile profile, int linux41, int linux618) {
        return profile == Profile.LINUX_4_1 ? linux41 : linux618;
    }

    private MemoryTunFile attached(Profile profile, String name, int flags) {
        rig = new Rig(profile);
        return rig.attached(name, flags);
    }

    private MemorySegment number(int value) {
        MemorySegment s = rig.arena.allocate(4, 4);
        s.set(ValueLayout.JAVA_INT, 0, value);
        return s;
    }

    private int flagsOf(TunFile file) {
        MemorySegment request = rig.arena.allocate(Ifreq.SIZE, 8);
        assertThat(file.ioctl(TunIoctl.TUNGETIFF, request)).isZero();
        return InterfaceRequest.flags(request);
    }

    @ParameterizedTest
    @EnumSource
    void features(Profile profile) {
        rig = new Rig(profile);
        MemorySegment features = number(0);
        assertThat(rig.open().ioctl(TunIoctl.TUNGETFEATURES, features)).isZero();
        assertThat(features.get(ValueLayout.JAVA_INT, 0)).isEqualTo(of(profile, 0x7103, 0x7173));
    }

    @ParameterizedTest
    @EnumSource
    void napiAndItsFragments(Profile profile) {
        int wanted = Rig.TAP | TunIoctl.IFF_NAPI | TunIoctl.IFF_NAPI_FRAGS;
        assertThat(flagsOf(attached(profile, "t0", wanted))).isEqualTo(of(profile, 0x1002, 0x1032));
        int onTun = rig.setInterface(rig.open(), "t1", Rig.TUN | TunIoctl.IFF_NAPI_FRAGS);
        assertThat(onTun).isEqualTo(of(profile, 0, -Errno.EINVAL));
    }

    @ParameterizedTest
    @EnumSource
    void aDeviceWithoutCarrier(Profile profile) {
        Device device =
                attached(profile, "t0", Rig.TUN | TunIoctl.IFF_NO_CARRIER).device();
        assertThat(device.hasCarrier()).isEqualTo(profile == Profile.LINUX_4_1);
    }

    @ParameterizedTest
    @EnumSource
    void theLengthOfTheQueueOfATap(Profile profile) {
        Device tap = attached(profile, "tap0", Rig.TAP).device();
        assertThat(tap.txQueueLength()).isEqualTo(of(profile, 500, 1000));
        assertThat(rig.attached("tun0", Rig.TUN).device().txQueueLength()).isEqualTo(500);
    }

    @ParameterizedTest
    @EnumSource
    void attachingAnAttachedFile(Profile profile) {
        MemoryTunFile file = attached(profile, "t0", Rig.TUN);
        assertThat(rig.setInterface(file, "t0", Rig.TUN)).isEqualTo(-of(profile, Errno.EINVAL, Errno.EEXIST));
    }

    @ParameterizedTest
    @EnumSource
    void aNegativeWishForAnIndex(Profile profile) {
        rig = new Rig(profile);
        assertThat(rig.open().ioctl(TunIoctl.TUNSETIFINDEX, number(-5))).isEqualTo(of(profile, 0, -Errno.EINVAL));
    }

    @ParameterizedTest
    @EnumSource
    void theMessageLevel(Profile profile) {
        MemoryTunFile file = attached(profile, "t0", Rig.TUN);
        assertThat(file.ioctl(TunIoctl.TUNSETDEBUG, 1)).isEqualTo(of(profile, -Errno.EINVAL, 0));
    }

    @ParameterizedTest
    @EnumSource
    void aSendBufferThatIsNotPositive(Profile profile) {
        MemoryTunFile file = attached(profile, "t0", Rig.TUN);
        assertThat(file.ioctl(TunIoctl.TUNSETSNDBUF, number(0))).isEqualTo(of(profile, 0, -Errno.EINVAL));
        MemorySegment now = number(7);
        assertThat(file.ioctl(TunIoctl.TUNGETSNDBUF, now)).isZero();
        assertThat(now.get(ValueLayout.JAVA_INT, 0)).isEqualTo(of(profile, 0, Integer.MAX_VALUE));
    }

    @ParameterizedTest
    @EnumSource
    void aLinkTypeOfOtherAddresses(Profile profile) {
        MemoryTunFile file = attached(profile, "tap0", Rig.TAP);
        file.device().down();
        assertThat(file.ioctl(TunIoctl.TUNSETLINK, HardwareType.NONE)).isZero();
        assertThat(file.device().addressLength()).isEqualTo(of(profile, 6, 0));
    }

    @ParameterizedTest
    @EnumSource
    void laterIoctls(Profile profile) {
        MemoryTunFile file = attached(profile, "t0", Rig.TUN);
        int without = -Errno.EINVAL;
        assertThat(file.ioctl(TunIoctl.TUNSETCARRIER, number(0))).isEqualTo(of(profile, without, 0));
        assertThat(file.ioctl(TunIoctl.TUNSETSTEERINGEBPF, number(-1))).isEqualTo(of(profile, without, 0));
        assertThat(file.ioctl(TunIoctl.TUNSETFILTEREBPF, number(-1))).isEqualTo(of(profile, without, 0));
        assertThat(file.ioctl(TunIoctl.TUNGETDEVNETNS, 0)).isEqualTo(of(profile, without, 0));
    }

    @ParameterizedTest
    @EnumSource
    void theNamespaceOfASocket(Profile profile) {
        rig = new Rig(profile);
        MemoryTunFile file = rig.open();
        // An ioctl of sockets like any other to the one: it wants a whole request, then a device.
        assertThat(file.ioctl(Ifreq.SIOCGSKNS, 0)).isEqualTo(of(profile, -Errno.EFAULT, 0));
        MemorySegment request = rig.arena.allocate(Ifreq.SIZE, 8);
        assertThat(file.ioctl(Ifreq.SIOCGSKNS, request)).isEqualTo(of(profile, -Errno.EBADFD, 0));
    }

    @ParameterizedTest
    @EnumSource
    void offloadsOfLater(Profile profile) {
        MemoryTunFile file = attached(profile, "t0", Rig.TUN | TunIoctl.IFF_VNET_HDR);
        assertThat(file.ioctl(TunIoctl.TUNSETOFFLOAD, 0x61)).isEqualTo(of(profile, -Errno.EINVAL, 0));
        assertThat(file.ioctl(TunIoctl.TUNSETOFFLOAD, 0x83)).isEqualTo(of(profile, -Errno.EINVAL, 0));
        assertThat(file.ioctl(TunIoctl.TUNSETOFFLOAD, 0x1f)).isZero();
    }

    @ParameterizedTest
    @EnumSource
    void udpToBeFragmented(Profile profile) {
        MemoryTunFile file = attached(profile, "t0", Rig.TUN | TunIoctl.IFF_VNET_HDR);
        rig.table.receiver(Device::send);
        assertThat(file.ioctl(TunIoctl.TUNSETOFFLOAD, 0x11)).isZero();
        String udp = "4500 0030 0001 0000 40 11 0000 0a000001 0a000002 0005 0006 001c 0000" + "00".repeat(20);
        assertThat(file.write(rig.octets("0103 0000 1000 1400 0600" + udp))).isEqualTo(58);
        MemorySegment into = rig.junk(100);
        // Whole, and described; or 16 octets of payload of 28 at first, then the rest.
        assertThat(file.read(into, 0, 100)).isEqualTo(of(profile, 58, 46));
        assertThat(Rig.hex(into, 10).substring(0, 4)).isEqualTo(profile == Profile.LINUX_4_1 ? "0103" : "0200");
        assertThat(file.read(into, 0, 100)).isEqualTo(of(profile, -Errno.EAGAIN, 42));
    }

    @ParameterizedTest
    @EnumSource
    void writingToADeviceThatIsDown(Profile profile) {
        MemoryTunFile file = attached(profile, "t0", Rig.TUN);
        file.device().down();
        assertThat(file.write(rig.octets(IP4))).isEqualTo(of(profile, 20, -Errno.EIO));
        assertThat(rig.received).hasSize(of(profile, 1, 0));
    }

    @ParameterizedTest
    @EnumSource
    void superPacketsOfUdp(Profile profile) {
        MemoryTunFile file = attached(profile, "t0", Rig.TUN | TunIoctl.IFF_VNET_HDR);
        String udp = "4500 0030 0001 0000 40 11 0000 0a000001 0a000002 0005 0006 001c 0000" + "00".repeat(20);
        assertThat(file.write(rig.octets("0105 0000 0a00 1400 0600" + udp))).isEqualTo(of(profile, -Errno.EINVAL, 58));
    }

    @ParameterizedTest
    @EnumSource
    void aChecksumBesideTheTransportsOwn(Profile profile) {
        MemoryTunFile file = attached(profile, "t0", Rig.TUN | TunIoctl.IFF_VNET_HDR);
        // TCP's segments with a checksum at offset 6.
        int n = file.write(rig.octets("0101 0000 0a00 1400 0600" + IP4 + "00".repeat(60)));
        assertThat(n).isEqualTo(of(profile, 90, -Errno.EINVAL));
    }

    @ParameterizedTest
    @EnumSource
    void aFaultOfTheVirtioHeaderOfAFrame(Profile profile) {
        MemoryTunFile file = attached(profile, "tap0", Rig.TAP | TunIoctl.IFF_VNET_HDR);
        assertThat(file.write(rig.octets("0002 0000 0a00 0000 0000" + ARP))).isEqualTo(-Errno.EINVAL);
        assertThat(file.device().statistics().get(Counter.RX_FRAME_ERRORS)).isEqualTo(of(profile, 1, 0));
    }

    @ParameterizedTest
    @EnumSource
    void headersThatReachIntoThePaddingOfTheVirtioHeader(Profile profile) {
        MemoryTunFile file = attached(profile, "t0", Rig.TUN | TunIoctl.IFF_VNET_HDR);
        assertThat(file.ioctl(TunIoctl.TUNSETVNETHDRSZ, number(12))).isZero();
        // 22 octets of headers, 20 of packet behind 12 of header, of which 10 have a meaning.
        int n = file.write(rig.octets("0000 1600 0000 0000 0000 0000" + IP4));
        assertThat(n).isEqualTo(of(profile, -Errno.EINVAL, 32));
    }

    @ParameterizedTest
    @EnumSource
    void theQueuesShareTheLengthOrHaveIt(Profile profile) {
        MemoryTunFile one = attached(profile, "t0", Rig.TUN | TunIoctl.IFF_MULTI_QUEUE);
        MemoryTunFile other = rig.attached("t0", Rig.TUN | TunIoctl.IFF_MULTI_QUEUE);
        assertThat(one.device().txQueueLength(4)).isZero();
        for (int i = 0; i < 10; i++) {
            rig.send(one.device(), 0x0800, IP4);
        }
        assertThat(one.queued() + other.queued()).isEqualTo(of(profile, 2, 4));
    }

    @ParameterizedTest
    @EnumSource
    void aQueueThatIsMadeShorter(Profile profile) {
        MemoryTunFile file = attached(profile, "t0", Rig.TUN);
        for (int i = 0; i < 5; i++) {
            rig.send(file.device(), 0x0800, IP4);
        }
        assertThat(file.device().txQueueLength(2)).isZero();
        assertThat(file.queued()).isEqualTo(of(profile, 5, 2));
        rig.send(file.device(), 0x0800, IP4);
        assertThat(file.queued()).isEqualTo(of(profile, 5, 2));
    }

    @ParameterizedTest
    @EnumSource
    void aPacketWithoutAFlowGoesWhereItCameFrom(Profile profile) {
        List<MemoryTunFile> files = taps(profile, 3);
        PacketBuffer p = rig.packet(0x0806, ARP);
        p.queue(5);
        files.getFirst().device().send(p);
        // All that have no flow are one flow to the later one, whatever queue they came by.
        List<Integer> queued = files.stream().map(MemoryTunFile::queued).toList();
        assertThat(queued).isEqualTo(profile == Profile.LINUX_4_1 ? List.of(0, 0, 1) : List.of(1, 0, 0));
    }

    @ParameterizedTest
    @EnumSource
    void aPacketWithoutAFlowTeachesNone(Profile profile) {
        List<MemoryTunFile> files = taps(profile, 3);
        assertThat(files.get(1).write(rig.octets(ARP))).isEqualTo(42);
        rig.send(files.getFirst().device(), 0x0806, ARP);
        List<Integer> queued = files.stream().map(MemoryTunFile::queued).toList();
        assertThat(queued).isEqualTo(profile == Profile.LINUX_4_1 ? List.of(1, 0, 0) : List.of(0, 1, 0));
    }

    private List<MemoryTunFile> taps(Profile profile, int count) {
        rig = new Rig(profile);
        int flags = Rig.TAP | TunIoctl.IFF_MULTI_QUEUE;
        return IntStream.range(0, count)
                .mapToObj(_ -> rig.attached("tap0", flags))
                .toList();
    }

    @ParameterizedTest
    @EnumSource
    void aReaderWhoWaitsWhileTheDeviceIsDeleted(Profile profile) throws Exception {
        MemoryTunFile file = attached(profile, "t0", Rig.TUN);
        file.blocking(true);
        MemorySegment into = rig.junk(100);
        CompletableFuture<Integer> answer = new CompletableFuture<>();
        Thread reader = Thread.ofPlatform().start(() -> answer.complete(file.read(into)));
        while (reader.getState() != Thread.State.WAITING) {
            Thread.onSpinWait();
        }
        file.device().delete();
        assertThat(answer.get(10, TimeUnit.SECONDS)).isEqualTo(-of(profile, Errno.EIO, Errno.EFAULT));
    }
}
