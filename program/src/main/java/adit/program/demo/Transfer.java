package adit.program.demo;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;

/// A transfer by the kernel's TCP from one host to the other, with SHA-256 of both sides compared.
final class Transfer {
    private static final int PORT = 7001;
    private static final int CHUNK = 256 << 10;
    private static final long PATIENCE_SECONDS = 300;

    private final KernelHost from;
    private final KernelHost to;
    private final InetAddress destination;
    private final AtomicLong received = new AtomicLong();
    private long nanos;
    private boolean matched;

    Transfer(KernelHost from, KernelHost to, InetAddress destination) {
        this.from = from;
        this.to = to;
        this.destination = destination;
    }

    /// Moves `octets` octets that start at `seed`. Throws when a connection fails or stalls for five minutes.
    void run(long octets, long seed) throws IOException {
        // A socket stays in the namespace of the thread that made it.
        try (ServerSocketChannel server = to.call(ServerSocketChannel::open);
                SocketChannel client = from.call(SocketChannel::open)) {
            server.bind(new InetSocketAddress(destination, PORT));
            CompletableFuture<byte[]> arrived = CompletableFuture.supplyAsync(() -> receive(server), Transfer::start);
            long begun = System.nanoTime();
            client.connect(new InetSocketAddress(destination, PORT));
            byte[] sent = send(client, octets, seed);
            matched = Arrays.equals(sent, await(arrived)) && received.get() == octets;
            nanos = System.nanoTime() - begun;
        }
    }

    private static void start(Runnable work) {
        Thread.ofPlatform().name("demo-receiver").daemon().start(work);
    }

    private static byte[] await(CompletableFuture<byte[]> arrived) throws IOException {
        try {
            return arrived.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw new IOException("the receiver failed: " + e.getCause().getMessage(), e.getCause());
        } catch (TimeoutException e) {
            throw new IOException("the transfer stalled", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    private static byte[] send(SocketChannel client, long octets, long seed) throws IOException {
        MessageDigest digest = sha256();
        SplittableRandom data = new SplittableRandom(seed);
        ByteBuffer chunk = ByteBuffer.allocateDirect(CHUNK);
        for (long left = octets; left > 0; ) {
            chunk.clear();
            while (chunk.remaining() >= Long.BYTES) {
                chunk.putLong(data.nextLong());
            }
            chunk.flip().limit((int) Math.min(CHUNK, left));
            digest.update(chunk.duplicate());
            left -= chunk.remaining();
            while (chunk.hasRemaining()) {
                client.write(chunk);
            }
        }
        client.shutdownOutput();
        return digest.digest();
    }

    private byte[] receive(ServerSocketChannel server) {
        MessageDigest digest = sha256();
        ByteBuffer chunk = ByteBuffer.allocateDirect(CHUNK);
        try (SocketChannel peer = server.accept()) {
            while (peer.read(chunk.clear()) >= 0) {
                chunk.flip();
                received.addAndGet(chunk.remaining());
                digest.update(chunk);
            }
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
        return digest.digest();
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    /// How many octets have arrived. Any thread.
    long received() {
        return received.get();
    }

    long nanos() {
        return nanos;
    }

    boolean matched() {
        return matched;
    }
}
