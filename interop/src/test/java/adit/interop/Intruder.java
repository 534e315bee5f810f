package adit.interop;

import adit.interop.host.Namespace;
import adit.linux.Netns;
import adit.linux.TunDevice;
import adit.tun.TunSpec;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;

/// Somebody on the network who sends a namespace whatever he likes, under any address.
///
/// It is a TUN device in the namespace: to the kernel there, what is written into its file has come by a cable.
final class Intruder implements AutoCloseable {
    private static final String DEVICE = "intruder";

    private final TunDevice device;

    private Intruder(TunDevice device) {
        this.device = device;
    }

    /// Takes his place on the network of `namespace`, which no longer looks where a packet comes from. Answers
    /// to 198.51.100.0/24 go to him.
    static Intruder in(Namespace namespace) throws Exception {
        namespace.run("sysctl -q -w net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.default.rp_filter=0");
        try (Netns inside = Netns.open(namespace.name())) {
            TunDevice device = inside.call(() -> TunDevice.open(TunSpec.tun(DEVICE)));
            namespace.run("ip link set %1$s up; ip route add 198.51.100.0/24 dev %1$s".formatted(DEVICE));
            return new Intruder(device);
        }
    }

    /// Sends these packets one behind the other, `rounds` times over.
    void flood(int rounds, List<byte[]> packets) throws IOException {
        List<ByteBuffer> buffers = packets.stream()
                .map(p -> ByteBuffer.allocateDirect(p.length).put(p).flip())
                .toList();
        for (int i = 0; i < rounds; i++) {
            for (ByteBuffer packet : buffers) {
                device.queue(0).write(packet.duplicate());
            }
        }
    }

    /// Sends them again and again, a few dozen in a millisecond, until the thread that does it is interrupted
    /// or the intruder is gone.
    Thread keepFlooding(List<byte[]> packets) {
        return Thread.ofPlatform().daemon().name("intruder").start(() -> {
            try {
                while (!Thread.currentThread().isInterrupted()) {
                    flood(1 + 50 / packets.size(), packets);
                    Thread.sleep(1);
                }
            } catch (IOException | InterruptedException e) {
                // Told to go.
            }
        });
    }

    @Override
    public void close() throws IOException {
        device.close();
    }
}
