package adit.program.host;

import adit.packet.PacketBuffer;
import adit.port.Deadline;
import adit.wire.Tcp;
import java.lang.foreign.MemorySegment;

/// The end of a TCP connection that connects, sends [TestData] and closes. What the peer sends is acknowledged
/// and thrown away.
///
/// ```
/// CONNECTING --SYN-ACK--> SENDING --all acknowledged, FIN from the peer--> FINISHED
///      \_________________________\___reset, or nothing heard for too long___> FAILED
/// ```
///
/// A position is an octet's place in the sequence space from the start: 0 is the SYN, 1 the first octet of
/// data, and behind the last one stands the FIN.
public final class BulkSender implements Deadline {
    /// Where the connection stands.
    public enum State {
        /// The SYN is not answered.
        CONNECTING,
        /// The connection is there; data, or the FIN, is under way.
        SENDING,
        /// All is acknowledged and the peer has closed too.
        FINISHED,
        /// The peer reset the connection, or was not heard for too long.
        FAILED
    }

    private static final int WINDOW = 0xffff;
    private static final int MAX_TIMEOUTS = 15;

    private final TcpFlow flow;
    private final TestData data;
    private final long initialSequenceNumber;
    private final long end;
    private final Reno congestion = new Reno();
    private final RetransmissionTimer timer = new RetransmissionTimer();

    private State state = State.CONNECTING;
    private long unacknowledged;
    private long next;
    private long highest;
    private int mss = TcpFlow.DEFAULT_MSS;
    private int peerMss = TcpFlow.DEFAULT_MSS;
    private int peerScale;
    private long peerWindow;
    private long peerSequenceNumber;
    private boolean peerFinished;
    private boolean mustAcknowledge;
    private boolean mustRetransmit;
    private boolean mustProbe;
    private int timeoutsInARow;
    private long timedPosition = -1;
    private long timedAt;

    private long segments;
    private long retransmissions;
    private long timeouts;

    BulkSender(TcpFlow flow, TestData data, long initialSequenceNumber) {
        this.flow = flow;
        this.data = data;
        this.initialSequenceNumber = initialSequenceNumber;
        this.end = data.length() + 2;
    }

    private long sequenceNumber(long position) {
        return (initialSequenceNumber + position) & 0xffff_ffffL;
    }

    boolean matches(PacketBuffer p) {
        return flow.matches(p);
    }

    // ---- what comes in ----

    /// Takes note of a segment that [#matches].
    void receive(PacketBuffer p, long now) {
        MemorySegment s = p.segment();
        int at = p.head();
        int flags = Tcp.flags(s, at);
        if (state == State.FAILED) {
            return;
        }
        if ((flags & Tcp.RST) != 0) {
            reset(s, at, flags);
        } else if (state == State.CONNECTING) {
            connect(p, flags, now);
        } else if ((flags & Tcp.ACK) != 0) {
            int payload = p.length() - Tcp.headerLength(s, at);
            boolean bare = payload == 0 && (flags & (Tcp.SYN | Tcp.FIN)) == 0;
            acknowledge(Tcp.acknowledgmentNumber(s, at), (long) Tcp.window(s, at) << peerScale, bare, now);
            follow(Tcp.sequenceNumber(s, at), payload, flags);
        }
    }

    private void reset(MemorySegment s, int at, int flags) {
        // RFC 9293 section 3.10.7.3 and 3.10.7.4: only a reset that proves to belong here counts.
        boolean credible = state == State.CONNECTING
                ? (flags & Tcp.ACK) != 0 && Tcp.acknowledgmentNumber(s, at) == sequenceNumber(1)
                : Tcp.sequenceNumber(s, at) == peerSequenceNumber;
        if (credible && state != State.FINISHED) {
            fail();
        }
    }

    private void fail() {
        state = State.FAILED;
        timer.stop();
    }

    private void connect(PacketBuffer p, int flags, long now) {
        MemorySegment s = p.segment();
        int at = p.head();
        boolean answers = (flags & (Tcp.SYN | Tcp.ACK)) == (Tcp.SYN | Tcp.ACK)
                && Tcp.acknowledgmentNumber(s, at) == sequenceNumber(1);
        if (!answers) {
            return;
        }
        peerMss = TcpFlow.announcedMss(p);
        peerScale = Math.max(0, TcpFlow.announcedScale(p));
        peerWindow = Tcp.window(s, at);
        peerSequenceNumber = (Tcp.sequenceNumber(s, at) + 1) & 0xffff_ffffL;
        state = State.SENDING;
        mss = Math.min(peerMss, flow.pathMss());
        congestion.start(mss);
        advance(1, now);
        mustAcknowledge = true;
    }

    private void acknowledge(long number, long window, boolean bare, long now) {
        long position = unacknowledged + (int) (number - sequenceNumber(unacknowledged));
        if (position > highest) {
            mustAcknowledge = true; // of what was never sent
            return;
        }
        if (position < unacknowledged) {
            return;
        }
        boolean sameWindow = window == peerWindow;
        peerWindow = window;
        Reno.Reaction reaction = Reno.Reaction.GO_ON;
        if (position > unacknowledged) {
            long octets = position - unacknowledged;
            advance(position, now);
            reaction = congestion.acknowledged(octets, unacknowledged, mss);
        } else if (bare && sameWindow && unacknowledged < highest) {
            reaction = congestion.duplicate(unacknowledged, highest, mss);
        }
        mustRetransmit |= reaction == Reno.Reaction.RETRANSMIT;
        finishIfDone();
    }

    private void advance(long position, long now) {
        unacknowledged = position;
        next = Math.max(next, position);
        timeoutsInARow = 0;
        mustProbe = false;
        if (timedPosition >= 0 && position > timedPosition) {
            timer.measured(now - timedAt);
            timedPosition = -1;
        }
        timer.endBackOff();
        timer.stop();
        if (unacknowledged < highest) {
            timer.start(now);
        }
    }

    /// Follows the peer's own sequence numbers, to acknowledge them.
    private void follow(long number, int payload, int flags) {
        if (payload == 0 && (flags & (Tcp.SYN | Tcp.FIN)) == 0) {
            return;
        }
        mustAcknowledge = true;
        if (number == peerSequenceNumber && !peerFinished) {
            peerFinished = (flags & Tcp.FIN) != 0;
            peerSequenceNumber = (number + payload + (peerFinished ? 1 : 0)) & 0xffff_ffffL;
            finishIfDone();
        }
    }

    private void finishIfDone() {
        if (unacknowledged == end && peerFinished) {
            state = State.FINISHED;
        }
    }

    /// An ICMP error says that the way to the peer is narrower than was thought, if it quotes a segment of this
    /// connection: everything under way that does not fit is lost, so all is sent again in smaller pieces.
    void narrowed(MemorySegment s, long quotedTcp, int destination) {
        if (flow.sent(s, quotedTcp, destination) && flow.pathMss() < mss) {
            mss = flow.pathMss();
            next = unacknowledged;
            timedPosition = -1;
        }
    }

    // ---- what goes out ----

    void turn(long now) {
        if (state == State.FAILED) {
            return;
        }
        if (timer.hasExpired(now)) {
            expire(now);
        }
        if (state == State.CONNECTING) {
            if (next == 0 && flow.sendSyn(sequenceNumber(0), 0, Tcp.SYN, WINDOW, 0)) {
                sent(0, 1, now);
                next = 1;
            }
            return;
        }
        mss = Math.min(peerMss, flow.pathMss());
        if (mustRetransmit && unacknowledged < highest && segment(unacknowledged, mss, now) > 0) {
            mustRetransmit = false;
        }
        transmit(now);
        if (mustAcknowledge && flow.send(sequenceNumber(next), peerSequenceNumber, Tcp.ACK, WINDOW)) {
            mustAcknowledge = false;
        }
    }

    private void expire(long now) {
        timer.stop();
        timer.backOff();
        if (unacknowledged == highest) {
            mustProbe = true; // nothing is under way: the peer's window was closed
        } else if (++timeoutsInARow > MAX_TIMEOUTS) {
            fail();
            return;
        } else {
            timeouts++;
            congestion.timedOut(unacknowledged, highest, mss, timeoutsInARow > 1);
            next = unacknowledged;
            mustProbe = peerWindow == 0;
        }
        timedPosition = -1;
        mustRetransmit = false;
        timer.start(now);
    }

    private void transmit(long now) {
        while (next < end) {
            long window = mustProbe ? Math.max(1, peerWindow) : Math.min(congestion.window(), peerWindow);
            long room = unacknowledged + window - next;
            // A segment that the window cuts short goes out only when nothing else will make the peer speak.
            long whole = Math.min(mss, end - next);
            if (room <= 0 || (room < whole && next > unacknowledged)) {
                break;
            }
            long positions = segment(next, (int) Math.min(mss, room), now);
            if (positions == 0) {
                return;
            }
            next += positions;
        }
        if (next < end && unacknowledged == highest && !timer.isRunning()) {
            timer.start(now); // the peer's window is closed: probe it after a while
        }
    }

    /// Sends a segment with at most `most` octets of data from `position` on, and the FIN when it ends the
    /// data. Answers how many positions it took; 0 when there was no room.
    private long segment(long position, int most, long now) {
        long dataEnd = end - 1;
        int count = (int) Math.min(most, dataEnd - position);
        boolean last = position + count == dataEnd;
        int flags = last ? Tcp.ACK | Tcp.PSH | Tcp.FIN : Tcp.ACK;
        if (!flow.send(sequenceNumber(position), peerSequenceNumber, flags, WINDOW, data, position - 1, count)) {
            return 0;
        }
        mustAcknowledge = false;
        long positions = (long) count + (last ? 1 : 0);
        sent(position, positions, now);
        return positions;
    }

    private void sent(long position, long positions, long now) {
        segments++;
        if (position < highest) {
            retransmissions++;
            timedPosition = -1; // Karn: an answer could be to either copy
        } else if (timedPosition < 0) {
            timedPosition = position;
            timedAt = now;
        }
        highest = Math.max(highest, position + positions);
        if (!timer.isRunning()) {
            timer.start(now);
        }
    }

    // ---- what is to be seen ----

    @Override
    public long deadline() {
        return timer.deadline();
    }

    /// Where the connection stands.
    public State state() {
        return state;
    }

    /// How many octets of data the peer has acknowledged.
    public long acknowledged() {
        return Math.clamp(unacknowledged - 1, 0, data.length());
    }

    /// The present maximum segment size, in octets of payload.
    public int maximumSegmentSize() {
        return mss;
    }

    /// Segments sent that take sequence numbers, copies included.
    public long segments() {
        return segments;
    }

    /// Those among them that were sent before.
    public long retransmissions() {
        return retransmissions;
    }

    /// How often the retransmission timer ran out.
    public long timeouts() {
        return timeouts;
    }
}
