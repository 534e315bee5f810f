package adit.ip;

import adit.packet.PacketBuffer;
import adit.wire.Ip4Address;
import adit.wire.Ip6Address;
import adit.wire.IpAddress;
import adit.wire.MacAddress;
import java.util.ArrayDeque;

/// A host on a link and how its link address is known. Fields that packets look at are volatile; the rest
/// belongs to the lock of its [Neighbours].
///
/// ```
///              ask                 answer                   30 s or so        used
/// (none) --> INCOMPLETE ----------> REACHABLE <----------+ ----> STALE ----------> DELAY
///                | 3 s, no answer        ^               | answer or other proof    | 5 s
///                v                       +---------------+---------------- PROBE <--+
///              FAILED <--------------------------- 3 s, no answer -----------+
/// ```
final class Neighbour {
    /// How its link address is known, with Linux's numbers (NUD).
    enum State {
        /// Somebody named it and said nothing more.
        NONE(0),
        /// It was asked for, and there is no answer yet.
        INCOMPLETE(0x01),
        /// It answered lately.
        REACHABLE(0x02),
        /// It was known once.
        STALE(0x04),
        /// It is in use again, and other traffic may prove that it is right.
        DELAY(0x08),
        /// It is being asked for again.
        PROBE(0x10),
        /// It does not answer.
        FAILED(0x20),
        /// It needs no link address.
        NOARP(0x40),
        /// Somebody said so.
        PERMANENT(0x80);

        private final int number;

        State(int number) {
            this.number = number;
        }

        int number() {
            return number;
        }

        /// Whether packets may go to the link address.
        boolean isValid() {
            return this != NONE && this != INCOMPLETE && this != FAILED;
        }

        static State of(int number) {
            for (State s : values()) {
                if (s.number == number) {
                    return s;
                }
            }
            return null;
        }
    }

    final long high;
    final long low;
    final Neighbours.Family family;
    /// The next one whose hash is the same.
    volatile Neighbour next;

    volatile State state = State.NONE;
    volatile long mac;
    /// When it last answered or was heard of by a higher layer.
    volatile long confirmed;
    /// When a packet last went to it.
    volatile long used;
    long updated;
    long timer;
    int probes;
    boolean router;
    final ArrayDeque<PacketBuffer> waiting = new ArrayDeque<>(4);

    Neighbour(Neighbours.Family family, long high, long low) {
        this.family = family;
        this.high = high;
        this.low = low;
    }

    IpAddress address() {
        return family == Neighbours.Family.IP4 ? new Ip4Address((int) (high >>> 32)) : new Ip6Address(high, low);
    }

    @Override
    public String toString() {
        return address() + " " + new MacAddress(mac) + " " + state;
    }
}
