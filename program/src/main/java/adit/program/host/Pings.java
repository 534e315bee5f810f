package adit.program.host;

import adit.packet.PacketBuffer;
import adit.port.Deadline;
import adit.wire.Icmp4;
import adit.wire.IpProtocol;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/// A run of pings to one address: sent at fixed times, each answer checked octet by octet. RFC 792.
public final class Pings implements Deadline {
    private static final long UNANSWERED = -1;

    /// What to send.
    ///
    /// @param count how many, 1 to 65535
    /// @param intervalNanos the time from one to the next, in nanoseconds
    /// @param payload the octets of data in each
    /// @param patienceNanos how long to wait for the last answer, in nanoseconds
    public record Plan(int count, long intervalNanos, int payload, long patienceNanos) {
        /// Refuses what can't be sent.
        public Plan {
            if (count < 1 || count > 0xffff || intervalNanos < 0 || payload < 0 || payload > 65_507) {
                throw new IllegalArgumentException(
                        "count " + count + ", intervalNanos " + intervalNanos + ", payload " + payload);
            }
        }
    }

    private final Output output;
    private final int destination;
    private final int identifier;
    private final Plan plan;
    private final TestData data;
    private final long[] sentAt;
    private final long[] roundTrips;
    private long nextAt;
    private int sent;
    private int received;
    private int duplicates;
    private boolean givenUp;

    Pings(Output output, int destination, int identifier, Plan plan, long nowNanos) {
        this.output = output;
        this.destination = destination;
        this.identifier = identifier;
        this.plan = plan;
        this.data = new TestData((long) plan.payload * plan.count, identifier);
        this.sentAt = new long[plan.count];
        this.roundTrips = new long[plan.count];
        Arrays.fill(roundTrips, UNANSWERED);
        this.nextAt = nowNanos;
    }

    void turn(long now) {
        givenUp = sent == plan.count && now >= sentAt[sent - 1] + plan.patienceNanos;
        while (sent < plan.count && nextAt <= now) {
            PacketBuffer p = output.lend();
            if (p == null) {
                return;
            }
            send(p, now);
        }
    }

    private void send(PacketBuffer p, long now) {
        int length = Icmp4.HEADER_LENGTH + plan.payload;
        MemorySegment s = p.segment();
        int at = p.put(length);
        data.write((long) sent * plan.payload, s, at + Icmp4.HEADER_LENGTH, plan.payload);
        int sequenceNumber = sent + 1;
        Icmp4.emit(s, at, length, Icmp4.ECHO_REQUEST, 0, identifier << 16 | sequenceNumber);
        output.send(p, destination, IpProtocol.ICMP, false);
        sentAt[sent++] = now;
        nextAt += plan.intervalNanos;
    }

    boolean matches(PacketBuffer p) {
        return Icmp4.identifier(p.segment(), p.head()) == identifier && p.addressing().source == destination;
    }

    /// Takes note of an echo reply that [#matches].
    void answer(PacketBuffer p, long now) {
        int i = Icmp4.sequenceNumber(p.segment(), p.head()) - 1;
        if (i < 0 || i >= sent) {
            output.drop(HostDrop.UNKNOWN_ECHO);
        } else if (!data.matches((long) i * plan.payload, p, Icmp4.HEADER_LENGTH, plan.payload)) {
            output.drop(HostDrop.DAMAGED_ECHO);
        } else if (roundTrips[i] != UNANSWERED) {
            duplicates++;
        } else {
            received++;
            roundTrips[i] = now - sentAt[i];
        }
    }

    /// When the next one is to be sent, or when there is no more hope for the last.
    @Override
    public long deadline() {
        if (sent < plan.count) {
            return nextAt;
        }
        return isOver() ? NEVER : sentAt[sent - 1] + plan.patienceNanos;
    }

    /// Whether all are sent and answered, or given up.
    public boolean isOver() {
        return givenUp || received == plan.count;
    }

    /// How many were sent.
    public int sent() {
        return sent;
    }

    /// How many were answered as they should be, duplicates not counted.
    public int received() {
        return received;
    }

    /// How many answers came once more.
    public int duplicates() {
        return duplicates;
    }

    /// The round trip times of those that were answered, in the order of sending, in nanoseconds.
    public long[] roundTripNanos() {
        return Arrays.stream(roundTrips).filter(nanos -> nanos != UNANSWERED).toArray();
    }
}
