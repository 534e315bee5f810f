package adit.interop;

import adit.interop.host.Host;
import adit.interop.host.Outcome;
import java.time.Duration;

/// Echo requests from a host's own `ping`.
///
/// @param length the whole IP packet, in octets
/// @param fragments whether the packet may be fragmented on its way
record Ping(int length, Fragments fragments) {
    private static final int HEADERS = 28;

    /// Whether a packet has the "don't fragment" bit.
    enum Fragments {
        ALLOWED("dont"),
        FORBIDDEN("do");

        private final String option;

        Fragments(String option) {
            this.option = option;
        }
    }

    /// Sends three requests, each when the one before it has been answered, and answers well only when all
    /// were.
    Outcome send(Host from, String address) {
        // One ping each, because a ping of several waits for the last reply no longer than for the ones before it.
        String ping = "ping -n -c 1 -W 10 -s %d -M %s %s".formatted(length - HEADERS, fragments.option, address);
        return from.exec("for i in 1 2 3; do %s || exit; done".formatted(ping), Duration.ofMinutes(1));
    }
}
