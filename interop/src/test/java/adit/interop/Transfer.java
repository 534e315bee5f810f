package adit.interop;

import adit.interop.host.Host;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;

/// A bulk transfer over TCP by a host's own `nc`.
final class Transfer {
    private static final Duration LIMIT = Duration.ofMinutes(2);
    private static final int DIGEST = 64;

    /// Each transfer has a port of its own, so that what a failed one leaves behind does no harm to the next.
    private static final AtomicInteger PORTS = new AtomicInteger(5000);

    private Transfer() {}

    /// Sends `octets` of random data from one host to the `address` of the other.
    static Sums run(Host from, Host to, String address, int octets) {
        int port = listen(to);
        String sent = send(from, address, port, octets);
        return new Sums(sent, arrived(to));
    }

    /// The SHA-256 of what was sent, and of what has arrived, in hexadecimal.
    record Sums(String sent, String arrived) {}

    /// A port that no transfer has used.
    static int freshPort() {
        return PORTS.incrementAndGet();
    }

    /// Has a host wait for a connection, and answers the port.
    static int listen(Host to) {
        int port = freshPort();
        // The input of the listening side must stay open, or it would end the connection at once.
        to.run("""
                cd %s
                rm -f open arrived
                mkfifo open
                (busybox nc -l -p %d <> open | busybox sha256sum > arriving; mv arriving arrived) > /dev/null 2>&1 &
                for i in $(busybox seq 1000); do
                    busybox netstat -ltn | grep -q ':%d ' && exit 0
                    busybox usleep 20000
                done
                exit 1
                """.formatted(to.scratch(), port, port));
        return port;
    }

    /// Sends random data and answers its SHA-256.
    static String send(Host from, String address, int port, int octets) {
        return from.run("""
                        cd %s
                        head -c %d /dev/urandom > data
                        busybox nc -w 60 %s %d < data > /dev/null || exit 1
                        busybox sha256sum < data
                        """.formatted(from.scratch(), octets, address, port), LIMIT)
                .substring(0, DIGEST);
    }

    /// Waits until the connection that the host waited for has ended, and answers the SHA-256 of what came.
    static String arrived(Host to) {
        return to.run("""
                        cd %s
                        for i in $(busybox seq 3000); do
                            [ -e arrived ] && break
                            busybox usleep 20000
                        done
                        cat arrived
                        """.formatted(to.scratch()), LIMIT).substring(0, DIGEST);
    }
}
