package adit.lab;

import adit.ip.IpException;
import adit.ip.IpSocket;
import adit.ip.PingSocket;
import adit.ip.SocketError;
import adit.wire.Icmp4;
import adit.wire.Icmp6;
import adit.wire.Ip4Address;
import adit.wire.IpAddress;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/// What ping(8) does, on a host of a lab, in its words.
final class Pinger {
    private static final long PATIENCE_NANOS = 1_000_000_000L;
    private static final int ICMP_HEADER = 8;
    private static final int IP4_HEADERS = 28;
    private static final int IP6_HEADERS = 48;
    private static final double NANOS_PER_MILLI = 1e6;

    private final Lab lab;
    private final LabHost host;
    private final Options options;
    private final Consumer<String> out;
    private final Map<Integer, Long> sentAt = new HashMap<>();
    private final ByteBuffer buffer = ByteBuffer.allocate(0xffff);
    private int answered;
    private int errors;
    private long least = Long.MAX_VALUE;
    private long most;
    private long sum;
    private int answeredSequence;

    /// What is asked for.
    ///
    /// @param to who is pinged
    /// @param count how many pings, from 1
    /// @param intervalNanos from one to the next
    /// @param payload octets behind the ICMP header
    /// @param timeToLive hops, 0 for the usual
    record Options(IpAddress to, int count, long intervalNanos, int payload, int timeToLive) {}

    Pinger(Lab lab, LabHost host, Options options, Consumer<String> out) {
        this.lab = lab;
        this.host = host;
        this.options = options;
        this.out = out;
    }

    /// Pings, and answers whether there was an answer.
    boolean run() throws IOException {
        try (PingSocket socket = lab.call(() -> host.namespace().sockets().ping())) {
            socket.waiting(IpSocket.Waiting.DO_NOT_WAIT);
            socket.timeToLive(options.timeToLive());
            int headers = options.to() instanceof Ip4Address ? IP4_HEADERS : IP6_HEADERS;
            out.accept("PING " + options.to() + " (" + options.to() + ") " + options.payload() + "("
                    + (options.payload() + headers) + ") bytes of data.");
            long began = lab.now();
            for (int sequence = 1; sequence <= options.count(); sequence++) {
                ping(socket, sequence);
            }
            summary(lab.now() - began);
        }
        return answered > 0;
    }

    private void ping(PingSocket socket, int sequence) throws IOException {
        long sent = lab.call(() -> {
            long now = lab.now();
            sentAt.put(sequence, now);
            try {
                socket.send(options.to(), sequence, ByteBuffer.allocate(options.payload()));
            } catch (IpException e) {
                errors++;
                out.accept("ping: " + e.getMessage());
                answeredSequence = sequence;
            }
            return now;
        });
        boolean last = sequence == options.count();
        long limit = sent + (last ? Math.max(PATIENCE_NANOS, options.intervalNanos()) : options.intervalNanos());
        lab.run(limit, () -> hear(socket, sequence) && last);
    }

    /// Takes what has come; whether there is no need to wait for anything about this ping.
    private boolean hear(PingSocket socket, int sequence) {
        try {
            for (Optional<PingSocket.Reply> r = socket.receive(buffer.clear());
                    r.isPresent();
                    r = socket.receive(buffer.clear())) {
                reply(r.get());
            }
        } catch (IOException e) {
            // Errors are told by pollError.
            answeredSequence = Math.max(answeredSequence, 0);
        }
        for (Optional<SocketError> e = socket.pollError(); e.isPresent(); e = socket.pollError()) {
            error(e.get(), sequence);
        }
        return answeredSequence >= sequence;
    }

    private void error(SocketError e, int sequence) {
        if (e.gateway().isPresent()) {
            // The ping goes on by another way: an answer may still come.
            out.accept("From " + e.from() + ": icmp_seq=" + sequence + " " + redirect(e.code()) + "(New nexthop: "
                    + e.gateway().get() + ")");
            return;
        }
        errors++;
        answeredSequence = sequence;
        out.accept("icmp_seq=" + sequence + " " + words(e));
    }

    private static String redirect(int code) {
        return switch (code) {
            case 0 -> "Redirect Network";
            case 1 -> "Redirect Host";
            case 2 -> "Redirect Type of Service and Network";
            case 3 -> "Redirect Type of Service and Host";
            default -> "Redirect, Bad Code: " + code;
        };
    }

    private void reply(PingSocket.Reply reply) {
        Long sent = sentAt.remove(reply.sequence());
        String again = sent == null ? " (DUP!)" : "";
        long took = sent == null ? 0 : lab.now() - sent;
        if (sent != null) {
            answered++;
            least = Math.min(least, took);
            most = Math.max(most, took);
            sum += took;
        }
        answeredSequence = Math.max(answeredSequence, reply.sequence());
        out.accept(String.format(
                Locale.ROOT,
                "%d bytes from %s: icmp_seq=%d ttl=%d time=%.3f ms%s",
                reply.length() + ICMP_HEADER,
                reply.from(),
                reply.sequence(),
                reply.timeToLive(),
                took / NANOS_PER_MILLI,
                again));
    }

    private static String words(SocketError e) {
        boolean ip4 = e.host() instanceof Ip4Address;
        if (ip4 ? e.type() == Icmp4.TIME_EXCEEDED : e.type() == Icmp6.TIME_EXCEEDED) {
            return ip4 ? "Time to live exceeded" : "Time exceeded: Hop limit";
        }
        if (!ip4 && e.type() == Icmp6.PACKET_TOO_BIG) {
            return "Packet too big: mtu=" + e.mtu();
        }
        if (ip4 && e.type() == Icmp4.DESTINATION_UNREACHABLE) {
            return switch (e.code()) {
                case Icmp4.NETWORK_UNREACHABLE -> "Destination Net Unreachable";
                case Icmp4.HOST_UNREACHABLE -> "Destination Host Unreachable";
                case Icmp4.PROTOCOL_UNREACHABLE -> "Destination Protocol Unreachable";
                case Icmp4.PORT_UNREACHABLE -> "Destination Port Unreachable";
                case Icmp4.FRAGMENTATION_NEEDED -> "Frag needed and DF set (mtu = " + e.mtu() + ")";
                case Icmp4.ADMINISTRATIVELY_PROHIBITED -> "Packet filtered";
                default -> "Destination unreachable, code " + e.code();
            };
        }
        return "ICMP type " + e.type() + " code " + e.code();
    }

    private void summary(long took) {
        out.accept("");
        out.accept("--- " + options.to() + " ping statistics ---");
        int lost = Math.round(100f * (options.count() - answered) / options.count());
        out.accept(options.count() + " packets transmitted, " + answered + " received"
                + (errors == 0 ? "" : ", +" + errors + " errors") + ", " + lost + "% packet loss, time "
                + Math.round(took / NANOS_PER_MILLI) + "ms");
        if (answered > 0) {
            out.accept(String.format(
                    Locale.ROOT,
                    "rtt min/avg/max = %.3f/%.3f/%.3f ms",
                    least / NANOS_PER_MILLI,
                    sum / NANOS_PER_MILLI / answered,
                    most / NANOS_PER_MILLI));
        }
    }
}
