package adit.interop;

import adit.interop.host.Host;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;

/// A bulk transfer over TCP between two hosts.
final class Transfer {
    private static final Duration LIMIT = Duration.ofSeconds(40);
    /// Each transfer has a port of its own, so that what a failed one leaves behind does no harm to the next.
    private static final AtomicInteger PORT = new AtomicInteger(5000);

    private Transfer() {}

    /// Sends `octets` of random data from one host to the `address` of the other. Answers the SHA-256 of what
    /// was sent and of what has arrived.
    static Sums run(Host from, Host to, String address, int octets) {
        int port = PORT.incrementAndGet();
        // The input of the listening side must stay open, or it would end the connection at once.
        to.run("""
                cd %s
                rm -f open arrived
                mkfifo open
                (busybox nc -l -p %d <> open | busybox sha256sum > arriving; mv arriving arrived) > /dev/null 2>&1 &
                for i in $(busybox seq 100); do
                    busybox netstat -ltn | grep -q ':%d ' && exit 0
                    busybox usleep 20000
                done
                exit 1
                """.formatted(to.scratch(), port, port));
        String sent = from.run("""
                cd %s
                head -c %d /dev/urandom > data
                busybox nc -w 20 %s %d < data > /dev/null || exit 1
                busybox sha256sum < data
                """.formatted(from.scratch(), octets, address, port), LIMIT);
        String arrived = to.run("""
                cd %s
                for i in $(busybox seq 500); do
                    [ -e arrived ] && break
                    busybox usleep 20000
                done
                cat arrived
                """.formatted(to.scratch()), LIMIT);
        return new Sums(sent, arrived);
    }

    /// The SHA-256 of what was sent, and of what has arrived.
    record Sums(String sent, String arrived) {}
}
