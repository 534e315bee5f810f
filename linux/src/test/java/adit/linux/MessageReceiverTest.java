package adit.linux;

import static org.assertj.core.api.Assertions.assertThat;

import adit.device.Errno;
import adit.linux.sys.Inet;
import adit.packet.PacketBuffer;
import adit.packet.PacketPool;
import adit.wire.Ip4Address;
import java.lang.foreign.Arena;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// On loopback, from a socket of the JDK.
class MessageReceiverTest {
    private static final int ROOM = 100;

    private final PacketPool pool = new PacketPool(64, 0, ROOM);
    private final Arena arena = Arena.ofConfined();
    private DatagramSocket sender;
    private UdpSocket socket;
    private int held;

    @BeforeEach
    void open() throws Exception {
        sender = new DatagramSocket(0, InetAddress.getLoopbackAddress());
        int free;
        try (DatagramSocket probe = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
            free = probe.getLocalPort();
        }
        socket = UdpSocket.open(new UdpSpec(
                Ip4Address.parse("127.0.0.1"), free, UdpSpec.Checksum.ON, UdpSpec.Offload.OFF, UdpSpec.Sharing.ALONE));
        sender.connect(InetAddress.getLoopbackAddress(), free);
        held = socket.fd().hold();
    }

    @AfterEach
    void close() {
        socket.fd().leave();
        socket.fd().close();
        sender.close();
        arena.close();
        assertThat(pool.lent()).isZero();
        pool.close();
    }

    private void send(int count, int length) throws Exception {
        for (int i = 0; i < count; i++) {
            byte[] octets = new byte[length];
            octets[0] = (byte) i;
            sender.send(new DatagramPacket(octets, length));
        }
    }

    private static int takeAll(MessageReceiver receiver, int count) {
        int taken = 0;
        for (int i = 0; i < count; i++) {
            PacketBuffer p = receiver.take(i);
            if (p != null) {
                taken++;
                p.release();
            }
        }
        return taken;
    }

    @Test
    void lendsTwiceWhatTheLastCallBrought() throws Exception {
        MessageReceiver receiver = new MessageReceiver(arena, pool, 16, 64);
        send(60, 10);
        int[] brought = new int[7];
        for (int i = 0; i < brought.length; i++) {
            brought[i] = receiver.receive(held, 100);
            assertThat(takeAll(receiver, brought[i])).isEqualTo(Math.max(0, brought[i]));
        }
        assertThat(brought).containsExactly(4, 8, 16, 16, 16, -Errno.EAGAIN, -Errno.EAGAIN);
        send(60, 10);
        assertThat(receiver.receive(held, 100))
                .as("after a pause it begins small")
                .isEqualTo(4);
        takeAll(receiver, 4);
        assertThat(receiver.receive(held, 3))
                .as("no more than there is room for")
                .isEqualTo(3);
        takeAll(receiver, 3);
    }

    @Test
    void asksForOneWhileMessagesAreRareAndLooksForMoreNowAndThen() throws Exception {
        MessageReceiver receiver = new MessageReceiver(arena, pool, 16, 64);
        int[] brought = new int[10];
        for (int i = 0; i < brought.length; i++) {
            // Two are there from the fifth call on.
            send(i < 4 ? 1 : 2, 10);
            brought[i] = receiver.receive(held, 16);
            takeAll(receiver, brought[i]);
        }
        assertThat(brought)
                .as("one of two, four times; then four of the six that wait, and then all")
                .containsExactly(1, 1, 1, 1, 1, 1, 1, 1, 4, 4);
        assertThat(receiver.receive(held, 16)).isEqualTo(-Errno.EAGAIN);
    }

    @Test
    void asksForOneNoMoreOnceMessagesAreLarge() throws Exception {
        try (PacketPool large = new PacketPool(64, 0, 5000)) {
            MessageReceiver receiver = new MessageReceiver(arena, large, 16, 64);
            for (int i = 0; i < 6; i++) {
                send(1, 10);
                takeAll(receiver, receiver.receive(held, 16));
            }
            send(3, 5000);
            assertThat(receiver.receive(held, 16))
                    .as("messages were rare so far")
                    .isEqualTo(1);
            takeAll(receiver, 1);
            assertThat(receiver.receive(held, 16)).isEqualTo(2);
            takeAll(receiver, 2);
            assertThat(large.lent()).isZero();
        }
    }

    @Test
    void handsOverTheOctetsAndWhoSentThem() throws Exception {
        MessageReceiver receiver = new MessageReceiver(arena, pool, 16, 64);
        send(1, 17);
        assertThat(receiver.receive(held, 16)).isEqualTo(1);
        PacketBuffer p = receiver.take(0);
        assertThat(p.length()).isEqualTo(17);
        assertThat(Inet.port(receiver.table().name(0), 0)).isEqualTo(sender.getLocalPort());
        p.release();
    }

    @Test
    void countsWhatIsLongerThanABuffer() throws Exception {
        MessageReceiver receiver = new MessageReceiver(arena, pool, 16, 64);
        send(1, ROOM);
        send(1, ROOM + 1);
        assertThat(receiver.receive(held, 16)).isEqualTo(2);
        assertThat(takeAll(receiver, 2)).isEqualTo(1);
        assertThat(receiver.cut()).isEqualTo(1);
    }

    @Test
    void receivesIntoAsManyBuffersAsThePoolHas() throws Exception {
        MessageReceiver receiver = new MessageReceiver(arena, pool, 16, 64);
        PacketBuffer[] others = new PacketBuffer[62];
        for (int i = 0; i < others.length; i++) {
            others[i] = pool.lend();
        }
        send(5, 10);
        assertThat(receiver.receive(held, 16)).isEqualTo(2);
        assertThat(receiver.starved()).isEqualTo(1);
        PacketBuffer first = receiver.take(0);
        PacketBuffer second = receiver.take(1);
        assertThat(receiver.receive(held, 16)).as("the pool has nothing at all").isZero();
        first.release();
        second.release();
        for (PacketBuffer p : others) {
            p.release();
        }
    }
}
