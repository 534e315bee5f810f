package adit.lab;

import adit.ip.IpSocket;
import adit.ip.PingSocket;
import adit.netns.Namespace;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/// Pings somebody again and again, and counts the answers.
final class PingProgram implements Program {
    private static final int PAYLOAD = 56;
    private static final int SEQUENCES = 1 << 16;

    private final ProgramSpec.Ping spec;
    private final PingSocket socket;
    private final BooleanSupplier held;
    private final ByteBuffer payload = ByteBuffer.allocate(0xffff);
    private long next;
    private long sent;
    private long answered;

    private PingProgram(ProgramSpec.Ping spec, PingSocket socket, BooleanSupplier held, long now) {
        this.spec = spec;
        this.held = held;
        this.socket = socket;
        this.next = now + spec.intervalNanos();
    }

    /// Sends nothing while `held`.
    static PingProgram open(Namespace ns, ProgramSpec.Ping spec, BooleanSupplier held) throws IOException {
        PingSocket socket = ns.sockets().ping();
        socket.waiting(IpSocket.Waiting.DO_NOT_WAIT);
        return new PingProgram(spec, socket, held, ns.devices().now());
    }

    @Override
    public int turn(long nowNanos) {
        int moved = 0;
        while (hear()) {
            moved++;
        }
        if (nowNanos >= next && !held.getAsBoolean()) {
            next = Math.max(next + spec.intervalNanos(), nowNanos);
            sent++;
            try {
                socket.send(spec.to(), (int) (sent % SEQUENCES), payload.clear().limit(PAYLOAD));
            } catch (IOException e) {
                // No way there now; it stays unanswered.
                return moved + 1;
            }
            moved++;
        }
        return moved;
    }

    private boolean hear() {
        try {
            Optional<PingSocket.Reply> reply = socket.receive(payload.clear());
            reply.ifPresent(_ -> answered++);
            return reply.isPresent();
        } catch (IOException e) {
            // An ICMP error about a ping; there may be an answer behind it.
            return true;
        }
    }

    @Override
    public long deadline() {
        return next;
    }

    @Override
    public String status() {
        return "ping " + spec.to() + " every " + Quantity.duration(spec.intervalNanos()) + ": " + sent + " sent, "
                + answered + " answered";
    }

    @Override
    public void close() {
        socket.close();
    }
}
