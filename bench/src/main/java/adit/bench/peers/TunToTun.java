package adit.bench.peers;

import adit.linux.Fd;
import adit.linux.IdleStrategy;
import adit.linux.Netns;
import adit.linux.PollIdle;
import adit.linux.TunDevice;
import adit.linux.TunPort;
import adit.packet.PacketBatch;
import adit.packet.PacketPool;
import adit.port.Port;
import adit.port.Turn;
import adit.port.TurnThread;
import adit.tun.TunSpec;
import java.io.IOException;
import java.util.List;
import java.util.stream.Stream;

/// Carries packets between two TUN devices of different network namespaces, super-packets whole, on Adit's
/// library.
///
/// Arguments: the name of both devices, the two namespaces, and `one` thread or `two`. One thread rests as soon
/// as there is nothing to move. Two ask on for 50 µs: the one that carries data finds the next super-packet
/// then, where it would be put to sleep and woken for each, and four processors are enough for both and the
/// programs at the ends.
public final class TunToTun {
    private static final int BURST = 64;
    private static final int BUFFERS = 128;
    private static final int LARGEST_PACKET = 0xffff;

    private TunToTun() {}

    /// One direction. What the other device does not take is lost.
    private record Relay(Port from, Port to, PacketBatch batch) implements Turn {
        @Override
        public int turn(long nowNanos) {
            int moved = from.receive(batch);
            to.send(batch);
            batch.releaseAll();
            return moved;
        }
    }

    /// Runs until it is killed.
    public static void main(String[] args) throws Exception {
        TunPort a = port(args[0], args[1]);
        TunPort b = port(args[0], args[2]);
        Relay there = new Relay(a, b, new PacketBatch(BURST));
        Relay back = new Relay(b, a, new PacketBatch(BURST));
        if (args[3].equals("one")) {
            List<Fd> both =
                    Stream.of(a, b).flatMap(p -> p.descriptors().stream()).toList();
            start("both", IdleStrategy.POLL, both, there, back);
        } else {
            start("there", IdleStrategy.ADAPTIVE, a.descriptors(), there);
            start("back", IdleStrategy.ADAPTIVE, b.descriptors(), back);
        }
        Thread.currentThread().join();
    }

    private static TunPort port(String name, String namespace) throws Exception {
        try (Netns inside = Netns.open(namespace)) {
            TunDevice device =
                    inside.call(() -> TunDevice.open(TunSpec.tun(name).with(TunSpec.Option.VNET_HEADER)));
            device.enableOffload();
            return new TunPort(device.queue(0), new PacketPool(BUFFERS, 0, LARGEST_PACKET));
        }
    }

    private static void start(String name, IdleStrategy strategy, List<Fd> fds, Turn... turns) throws IOException {
        TurnThread.start("adit-" + name, new PollIdle(strategy, fds), Throwable::printStackTrace, turns);
    }
}
