package adit.netns.offload;

import static org.assertj.core.api.Assertions.assertThat;

import adit.device.BufferPools;
import adit.device.Counter;
import adit.device.Device;
import adit.device.Drop;
import adit.netns.Configuration;
import adit.netns.Namespace;
import adit.tun.MemoryTunFile;
import adit.tun.TunControl;
import adit.tun.TunSpec;
import java.lang.foreign.MemorySegment;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

/// A namespace with fewer buffers than a super-packet has pieces: as in Linux, whose `skb_segment` makes all pieces
/// before the first one goes and gives all back when memory ends, nothing of it comes out and one packet is dropped.
class ScarceBuffersTest {
    private static final int PIECES = 4000;

    /// A datagram to be cut into pieces of eight octets, its header among them.
    private static String superPacket(int pieces) {
        String from = "0a010002";
        String to = "0a020002";
        String datagram = Packets.udp(7, 9, Packets.bytes(8 * pieces - 8, 3));
        String checked = Packets.checked(from, to, 17, datagram, 6, Packets.Finish.PARTIAL);
        return Packets.vnet(1, 3, 0, 8, 20, 6) + Packets.ip4("03e8", "0000", 17, from, to, checked);
    }

    @Test
    void sendsAllPiecesOrNone() throws Exception {
        try (Namespace host = Namespace.builder()
                        .time(() -> 0)
                        .seed(1)
                        .buffers(new BufferPools.Limits(1, 1))
                        .open();
                MemoryTunFile left = host.tun().open();
                MemoryTunFile right = host.tun().open()) {
            attach(host, left, "left", "10.1.0.1/24");
            attach(host, right, "right", "10.2.0.1/24");
            host.forwarding(true);
            host.configure().link("right").transmitQueueLength(2 * PIECES);
            Device device = host.devices().byName("right");
            left.write(MemorySegment.ofArray(HexFormat.of().parseHex(superPacket(PIECES))));
            assertThat(drain(right)).isZero();
            assertThat(device.statistics().get(Drop.NOMEM)).isEqualTo(1);
            assertThat(device.statistics().get(Counter.TX_DROPPED)).isEqualTo(1);
            assertThat(host.lent()).isZero();

            left.write(MemorySegment.ofArray(HexFormat.of().parseHex(superPacket(PIECES / 8))));
            assertThat(drain(right)).isEqualTo(PIECES / 8);
            assertThat(device.statistics().get(Counter.TX_DROPPED)).isEqualTo(1);
            assertThat(host.lent()).isZero();
        }
    }

    private static void attach(Namespace host, MemoryTunFile file, String name, String address) throws Exception {
        new TunControl(file).attach(TunSpec.tun(name).with(TunSpec.Option.VNET_HEADER));
        Configuration c = host.configure();
        c.link(name).up();
        c.address(name, address);
        file.blocking(false);
    }

    private static int drain(MemoryTunFile file) {
        MemorySegment buffer = MemorySegment.ofArray(new byte[2000]);
        int packets = 0;
        while (file.read(buffer) > 0) {
            packets++;
        }
        return packets;
    }
}
