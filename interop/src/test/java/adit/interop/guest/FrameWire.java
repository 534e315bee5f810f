package adit.interop.guest;

import java.io.DataInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/// The near end of a guest's network cable, when this JVM holds it: Ethernet frames without their check
/// sequence.
///
/// Received frames wait here, however many they are, until they are asked for. Sending and receiving may be on
/// different threads.
public final class FrameWire implements AutoCloseable {
    private final SocketChannel channel;
    private final BlockingQueue<byte[]> received = new LinkedBlockingQueue<>();

    /// Frames pass qemu's stream socket one behind the other, each after its length in four octets.
    FrameWire(SocketChannel channel, String name) {
        this.channel = channel;
        Thread.ofPlatform().daemon().name("frame-wire-" + name).start(this::read);
    }

    private void read() {
        try (DataInputStream in = new DataInputStream(Channels.newInputStream(channel))) {
            while (true) {
                received.add(in.readNBytes(in.readInt()));
            }
        } catch (IOException e) {
            // The guest is gone, or this end was closed: no frame comes any more.
        }
    }

    /// Puts a frame on the wire.
    public synchronized void send(byte[] frame) {
        ByteBuffer octets = ByteBuffer.allocate(4 + frame.length)
                .putInt(frame.length)
                .put(frame)
                .flip();
        try {
            while (octets.hasRemaining()) {
                channel.write(octets);
            }
        } catch (IOException e) {
            throw new IllegalStateException("the guest's wire is cut", e);
        }
    }

    /// Joins two wires end to end: from now on each carries to the other side what comes out of the first.
    public static void join(FrameWire one, FrameWire other) {
        one.forward(other);
        other.forward(one);
    }

    private void forward(FrameWire to) {
        Thread.ofPlatform().daemon().name("frame-wire-join").start(() -> {
            try {
                while (true) {
                    to.send(received.take());
                }
            } catch (InterruptedException | IllegalStateException e) {
                // One of the two guests is gone.
            }
        });
    }

    /// The next frame from the guest; null when none comes in time.
    public byte[] receive(Duration limit) {
        try {
            return received.poll(limit.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return null;
        }
    }

    /// Throws away what has come so far.
    public void clear() {
        received.clear();
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
