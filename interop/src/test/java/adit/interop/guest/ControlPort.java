package adit.interop.guest;

import adit.interop.host.Outcome;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;

/// The near end of a guest's virtio-serial port, where the guest's first process takes shell scripts. Its
/// script `init` says what the lines look like.
final class ControlPort implements AutoCloseable {
    /// Waited for beyond a script's own limit, because the guest may be slow to kill it and to answer.
    private static final Duration GRACE = Duration.ofMinutes(1);
    /// Stands for the end of the stream: the guest is gone.
    private static final String GONE = "";

    private final SocketChannel channel;
    private final OutputStream out;
    private final BlockingQueue<String> answers = new ArrayBlockingQueue<>(16);
    private long number;

    ControlPort(SocketChannel channel) {
        this.channel = channel;
        this.out = Channels.newOutputStream(channel);
        Thread.ofPlatform().daemon().name("control-port").start(this::read);
    }

    private void read() {
        try (BufferedReader in = new BufferedReader(
                new InputStreamReader(Channels.newInputStream(channel), StandardCharsets.US_ASCII))) {
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                answers.put(line);
            }
        } catch (IOException e) {
            // Closed, by us or by the end of qemu; the queue says so next.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        answers.offer(GONE);
    }

    /// Waits for the guest to say that it is up, and answers its kernel's release.
    String hello(Duration limit) throws IOException {
        return answer(0, limit).output().strip();
    }

    /// Runs a script in the guest.
    Outcome exec(String script, Duration limit) throws IOException {
        String line = "%d %d %s\n"
                .formatted(
                        ++number,
                        Math.max(1, (limit.toMillis() + 999) / 1000),
                        Base64.getEncoder().encodeToString(script.getBytes(StandardCharsets.UTF_8)));
        out.write(line.getBytes(StandardCharsets.US_ASCII));
        return answer(number, limit.plus(GRACE));
    }

    private Outcome answer(long wanted, Duration limit) throws IOException {
        long end = System.nanoTime() + limit.toNanos();
        try {
            while (true) {
                String line = answers.poll(end - System.nanoTime(), TimeUnit.NANOSECONDS);
                if (line == null) {
                    throw new IOException("the guest has not answered within " + limit.toSeconds() + " s");
                }
                if (line.equals(GONE)) {
                    throw new IOException("the guest is gone");
                }
                String[] fields = line.split(" ", 3);
                if (fields.length == 3 && Long.parseLong(fields[0]) == wanted) {
                    byte[] output = Base64.getDecoder().decode(fields[2].strip());
                    return new Outcome(Integer.parseInt(fields[1]), new String(output, StandardCharsets.UTF_8));
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
