package adit.ipip;

import static org.assertj.core.api.Assertions.assertThat;

import adit.device.Counter;
import adit.device.InterfaceRequest;
import adit.netns.Namespace;
import adit.offload.Coalescer.Transports;
import adit.packet.Offload;
import adit.packet.PacketBuffer;
import adit.port.VirtualTime;
import adit.tun.Ifreq;
import adit.tun.ReceiveOffload;
import adit.tun.TunFile;
import adit.tun.TunIoctl;
import adit.tun.TunTapDevice;
import adit.wire.InternetChecksum;
import adit.wire.Ip4Address;
import adit.wire.IpProtocol;
import adit.wire.Ipv4;
import adit.wire.MacAddress;
import adit.wire.Tcp;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Tunnelled segments that are written to a TUN file with NAPI meet a tunnel device as one super-packet.
class CoalescedTest {
    private static final int OUTER_SOURCE = Ip4Address.parse("192.0.2.2").bits();
    private static final int OUTER_DESTINATION = Ip4Address.parse("192.0.2.1").bits();
    private static final int SOURCE = Ip4Address.parse("10.5.0.1").bits();
    private static final int DESTINATION = Ip4Address.parse("10.6.0.1").bits();
    private static final int PAYLOAD = 100;
    private static final int OCTETS = 20 + 20 + 20 + PAYLOAD;

    private static void segment(MemorySegment s, int number, int step) {
        s.fill((byte) number);
        Ipv4.emit(s, 0, 0, OCTETS, 7 + number, 0, 0, 64, IpProtocol.IPIP, OUTER_SOURCE, OUTER_DESTINATION);
        Ipv4.emit(
                s,
                20,
                0,
                OCTETS - 20,
                70 + step * number,
                step == 0 ? Ipv4.DONT_FRAGMENT : 0,
                0,
                64,
                IpProtocol.TCP,
                SOURCE,
                DESTINATION);
        s.asSlice(40, 20).fill((byte) 0);
        Tcp.sequenceNumber(s, 40, 1000 + (long) PAYLOAD * number);
        s.set(ValueLayout.JAVA_BYTE, 52, (byte) 0x50);
        Tcp.flags(s, 40, Tcp.ACK);
        int sum = InternetChecksum.pseudoHeader4(SOURCE, DESTINATION, IpProtocol.TCP, 20 + PAYLOAD);
        Tcp.fillChecksum(s, 40, 20 + PAYLOAD, sum);
    }

    /// With identifications that grow, inside, and with one for all, which only what may not be fragmented
    /// keeps.
    @ParameterizedTest
    @CsvSource({"1, false", "0, true"})
    void meetTheirTunnelDeviceTogether(int step, boolean sameIdentification) throws IOException {
        VirtualTime time = new VirtualTime();
        Ipip ipip = Ipip.of(Profile.LINUX_6_12);
        try (Arena arena = Arena.ofConfined();
                Namespace ns = Namespace.builder().time(time).seed(7).with(ipip).open();
                TunFile file = ns.tun().open()) {
            MemorySegment request = arena.allocate(Ifreq.SIZE, 8);
            InterfaceRequest.name(request, "net0");
            InterfaceRequest.flags(request, TunIoctl.IFF_TUN | TunIoctl.IFF_NO_PI | TunIoctl.IFF_NAPI);
            assertThat(file.ioctl(TunIoctl.TUNSETIFF, request)).isZero();
            ((TunTapDevice) ns.devices().byName("net0"))
                    .receiveOffload(new ReceiveOffload(Transports.TCP, 1_000_000, 0));
            ns.forwarding(true);
            ns.configure().link("net0").up();
            ns.configure().address("net0", "192.0.2.1/24");
            ns.configure().dummy("out0");
            ns.configure().link("out0").address(MacAddress.parse("02:00:00:00:00:01"));
            ns.configure().link("out0").up();
            ns.configure().route("10.6.0.0/16").dev("out0").add();
            ns.configure().neighbour("out0", "10.6.0.1", "02:00:00:00:00:02");
            for (String line : List.of("link add t1 type ipip local 192.0.2.1 remote 192.0.2.2", "link set t1 up")) {
                assertThat(NamespaceHost.ip(ns, line).err()).isEmpty();
            }
            PacketBuffer kept = ns.devices().buffers().lend(1);
            Offload said = kept.offload();
            List<Integer> lengths = new ArrayList<>();
            ns.devices().byName("out0").addTap((_, p, _) -> {
                lengths.add(p.length());
                said.copyFrom(p.offload());
            });
            MemorySegment packet = arena.allocate(OCTETS);
            for (int i = 0; i < 3; i++) {
                segment(packet, i, step);
                assertThat(file.write(packet, 0, OCTETS)).isEqualTo(OCTETS);
            }
            time.advanceBy(2_000_000);
            ns.turn(time.getAsLong());

            assertThat(lengths).containsExactly(14 + 40 + 3 * PAYLOAD);
            assertThat(said.segmentation).isEqualTo(Offload.Segmentation.TCP4);
            assertThat(said.segmentSize).isEqualTo(PAYLOAD);
            assertThat(said.tunnel).isEqualTo(Offload.Tunnel.NONE);
            assertThat(said.checksumStart).isEqualTo(14 + 20);
            assertThat(said.sameIdentification).isEqualTo(sameIdentification);
            assertThat(Hosts.statistics(ns, "t1")).containsEntry(Counter.RX_PACKETS, 1L);
            assertThat(Hosts.statistics(ns, "net0")).containsEntry(Counter.RX_PACKETS, 3L);
            kept.release();
            assertThat(ns.lent()).isZero();
        }
    }
}
