package adit.bench.peers;

import io.github.isotes.net.tun.io.TunDevice;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.PortUnreachableException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;

/// A relay on tun-io: a blocking thread for each direction, a connected [DatagramChannel] as the underlay.
public final class TunIoRelay {
    private static final int SOCKET_BUFFER = 8 << 20;

    private TunIoRelay() {}

    /// Runs until it is killed.
    public static void main(String[] args) throws IOException {
        int port = Integer.parseInt(args[3]);
        try (TunDevice tun = TunDevice.open(args[0]);
                DatagramChannel socket = DatagramChannel.open()) {
            // Without this the library reads at most 2048 octets of a packet.
            tun.setReadMtu(Integer.parseInt(args[4]));
            socket.setOption(StandardSocketOptions.SO_RCVBUF, SOCKET_BUFFER);
            socket.setOption(StandardSocketOptions.SO_SNDBUF, SOCKET_BUFFER);
            socket.bind(new InetSocketAddress(args[1], port));
            socket.connect(new InetSocketAddress(args[2], port));
            Thread.ofPlatform().name("inbound").daemon().start(() -> inbound(tun, socket));
            while (true) {
                try {
                    socket.write(tun.read().packet);
                } catch (PortUnreachableException e) {
                    // The other end is not up yet: this packet is lost.
                }
            }
        }
    }

    private static void inbound(TunDevice tun, DatagramChannel socket) {
        ByteBuffer packet = ByteBuffer.allocateDirect(1 << 16);
        while (true) {
            try {
                packet.clear();
                socket.read(packet);
                tun.write(packet.flip());
            } catch (PortUnreachableException e) {
                // The other end is not up yet.
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        }
    }
}
