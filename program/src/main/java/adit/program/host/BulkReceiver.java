package adit.program.host;

import adit.packet.PacketBuffer;
import adit.port.Deadline;
import adit.wire.Tcp;
import java.lang.foreign.MemorySegment;

/// The end of a TCP connection that accepts one peer, digests what it sends and closes when the peer has
/// closed.
///
/// ```
/// LISTENING --SYN--> CONNECTING --ACK--> RECEIVING --FIN--> CLOSING --ACK of our FIN--> FINISHED
///                         \_________________\__________________\__reset, or nothing heard__> FAILED
/// ```
///
/// Every second segment in order is acknowledged, what is left over at the end of a turn, and at once every
/// segment that is out of order, since the sender counts duplicate acknowledgments.
public final class BulkReceiver implements Deadline {
    /// Where the connection stands.
    public enum State {
        /// Nobody has connected.
        LISTENING,
        /// A SYN came; its answer is not acknowledged.
        CONNECTING,
        /// The connection is there.
        RECEIVING,
        /// Everything came and is acknowledged; our FIN is not.
        CLOSING,
        /// Both sides have closed.
        FINISHED,
        /// The peer reset the connection, or was not heard for too long.
        FAILED
    }

    private static final int WINDOW = 1 << 19;
    private static final int SCALE = 4;
    private static final int MAX_TIMEOUTS = 15;
    private static final long NO_END = -1;

    private final Output output;
    private final int port;
    private final long initialSequenceNumber;
    private final ReceiveWindow window = new ReceiveWindow(WINDOW);
    private final RetransmissionTimer timer = new RetransmissionTimer();

    private State state = State.LISTENING;
    private TcpFlow flow;
    private long peerInitial;
    private int scale;
    private long streamEnd = NO_END;
    private final SackBlocks blocks = new SackBlocks();
    private long lastAcknowledged;
    private int acknowledgmentsDue;
    private boolean mustSend;
    private int timeoutsInARow;
    private byte[] digest;
    private long firstAt;
    private long lastAt;

    BulkReceiver(Output output, int port, long initialSequenceNumber) {
        this.output = output;
        this.port = port;
        this.initialSequenceNumber = initialSequenceNumber;
    }

    boolean matches(PacketBuffer p) {
        return flow == null ? Tcp.destinationPort(p.segment(), p.head()) == port : flow.matches(p);
    }

    // ---- what comes in ----

    /// Takes note of a segment that [#matches].
    void receive(PacketBuffer p, long now) {
        MemorySegment s = p.segment();
        int at = p.head();
        int flags = Tcp.flags(s, at);
        if (state == State.LISTENING) {
            listen(p, flags, now);
        } else if ((flags & Tcp.RST) != 0) {
            reset(Tcp.sequenceNumber(s, at));
        } else if ((flags & Tcp.SYN) != 0) {
            mustSend = true; // our answer was lost, or this is a stray: RFC 5961 answers it either way
        } else if (flow.isOutdated(p, lastAcknowledged)) {
            mustSend = true;
        } else if ((flags & Tcp.ACK) != 0 && state != State.FAILED) {
            acknowledge(Tcp.acknowledgmentNumber(s, at));
            int header = Tcp.headerLength(s, at);
            take(p, at + header, p.length() - header, flags, now);
        }
    }

    private void listen(PacketBuffer p, int flags, long now) {
        MemorySegment s = p.segment();
        int at = p.head();
        if ((flags & (Tcp.SYN | Tcp.ACK | Tcp.RST)) != Tcp.SYN) {
            return;
        }
        flow = new TcpFlow(output, port, p.addressing().source, Tcp.sourcePort(s, at));
        flow.accept(p);
        peerInitial = Tcp.sequenceNumber(s, at);
        lastAcknowledged = sequenceOf(0);
        scale = TcpFlow.announcedScale(p) == TcpFlow.NO_SCALE ? TcpFlow.NO_SCALE : SCALE;
        state = State.CONNECTING;
        firstAt = now;
        mustSend = true;
    }

    private void reset(long sequenceNumber) {
        if (sequenceNumber == acknowledgment() && state != State.FINISHED) {
            state = State.FAILED;
            timer.stop();
        }
    }

    private void acknowledge(long number) {
        if (state == State.CONNECTING && number == sequenceNumber(1)) {
            state = State.RECEIVING;
            heard();
        } else if (state == State.CLOSING && number == sequenceNumber(2)) {
            state = State.FINISHED;
            heard();
        }
    }

    private void heard() {
        mustSend = false;
        timeoutsInARow = 0;
        timer.stop();
    }

    private void take(PacketBuffer p, int at, int count, int flags, long now) {
        boolean finished = (flags & Tcp.FIN) != 0;
        if (count == 0 && !finished) {
            return;
        }
        long position = window.next() + (int) (Tcp.sequenceNumber(p.segment(), p.head()) - sequenceOf(window.next()));
        if (finished) {
            streamEnd = position + count;
        }
        boolean inOrder = window.take(position, p.segment(), at, count);
        acknowledgmentsDue++;
        boolean over = window.next() == streamEnd;
        if (state == State.RECEIVING && over) {
            lastAt = now;
            digest = window.digest();
            state = State.CLOSING;
            mustSend = true;
        } else if (!inOrder || acknowledgmentsDue > 1) {
            acknowledgeNow();
        }
    }

    // ---- what goes out ----

    private long sequenceNumber(long position) {
        return (initialSequenceNumber + position) & 0xffff_ffffL;
    }

    private long sequenceOf(long position) {
        return (peerInitial + 1 + position) & 0xffff_ffffL;
    }

    /// The number that acknowledges everything up to the first hole, and the peer's FIN when there is none.
    private long acknowledgment() {
        return sequenceOf(window.next() == streamEnd ? streamEnd + 1 : window.next());
    }

    private int announcedWindow() {
        return scale == TcpFlow.NO_SCALE ? 0xffff : window.size() >> scale;
    }

    private void acknowledgeNow() {
        if (send(state == State.FINISHED ? 2 : 1, Tcp.ACK)) {
            acknowledgmentsDue = 0;
        }
    }

    /// Sends a segment without data from the position `position` of this side.
    private boolean send(long position, int flags) {
        window.report(blocks, sequenceOf(0));
        long acknowledgment = acknowledgment();
        if (!flow.send(sequenceNumber(position), acknowledgment, flags, announcedWindow(), blocks)) {
            return false;
        }
        lastAcknowledged = acknowledgment;
        return true;
    }

    void turn(long now) {
        if (timer.hasExpired(now)) {
            timer.stop();
            if (++timeoutsInARow > MAX_TIMEOUTS) {
                state = State.FAILED;
                return;
            }
            timer.backOff();
            mustSend = true;
        }
        if (mustSend && sendOwn()) {
            mustSend = false;
            acknowledgmentsDue = 0;
            if (state == State.CONNECTING || state == State.CLOSING) {
                timer.start(now);
            }
        }
        if (acknowledgmentsDue > 0 && state != State.FAILED) {
            acknowledgeNow();
        }
    }

    /// Sends what this side has to say in the present state. Answers false when there was no room.
    private boolean sendOwn() {
        return switch (state) {
            case CONNECTING -> flow.sendSyn(sequenceNumber(0), sequenceOf(0), Tcp.SYN | Tcp.ACK, 0xffff, scale);
            case RECEIVING -> send(1, Tcp.ACK);
            case CLOSING -> send(1, Tcp.ACK | Tcp.FIN);
            case FINISHED -> send(2, Tcp.ACK);
            case LISTENING, FAILED -> true;
        };
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

    /// How many octets of data came, up to the first hole.
    public long received() {
        return window.next();
    }

    /// The SHA-256 digest of all octets of data; null while not all of them are there.
    public byte[] digest() {
        return digest == null ? null : digest.clone();
    }

    /// The time from the peer's SYN to the last octet, in nanoseconds; 0 while not all of them are there.
    public long durationNanos() {
        return digest == null ? 0 : lastAt - firstAt;
    }
}
