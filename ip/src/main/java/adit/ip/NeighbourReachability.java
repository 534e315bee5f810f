package adit.ip;

import adit.port.Deadline;

/// Neighbour unreachability detection (RFC 4861 section 7.3) with Linux's times, for ARP too: how a neighbour goes
/// from state to state. The drawing is at [Neighbour].
///
/// Each method is one event and is called under the lock of the link's [Neighbours]. Nothing is sent from here: the
/// answer says what is to be sent once the lock was left.
final class NeighbourReachability {
    private static final long SECOND = 1_000_000_000L;
    private static final long REACHABLE_NANOS = 30 * SECOND;
    private static final long DELAY_NANOS = 5 * SECOND;
    private static final long RETRANSMIT_NANOS = SECOND;
    private static final int SOLICITATIONS = 3;

    /// What is to be done for a neighbour whose time was up.
    enum Due {
        /// Nothing.
        NOTHING,
        /// Ask for it.
        ASK,
        /// Tell the senders of packets that wait for it.
        GIVE_UP
    }

    private final IpStack stack;
    private final IpInterface link;

    NeighbourReachability(IpStack stack, IpInterface link) {
        this.stack = stack;
        this.link = link;
    }

    /// It is new, and nobody has asked for it.
    void begin(Neighbour n, long now) {
        n.timer = Deadline.NEVER;
        n.updated = now;
        n.confirmed = now - 2 * REACHABLE_NANOS;
        n.used = now;
    }

    /// A packet goes to it, whose link address is known.
    void use(Neighbour n, long now) {
        n.used = now;
        if (n.state == Neighbour.State.STALE) {
            change(n, Neighbour.State.DELAY, now);
            arm(n, now + DELAY_NANOS);
        }
    }

    /// A packet is to go to it, whose link address is not known. Answers whether it is to be asked for: whom an
    /// administrator calls INCOMPLETE nobody asks for, and packets wait (Linux's `__neigh_event_send`).
    boolean need(Neighbour n, long now) {
        if (n.state == Neighbour.State.INCOMPLETE) {
            return false;
        }
        n.probes = 1;
        change(n, Neighbour.State.INCOMPLETE, now);
        arm(n, now + RETRANSMIT_NANOS);
        return true;
    }

    /// It has said something of itself; a negative link address is the one that is known. Answers whether packets
    /// that wait may go.
    boolean hear(Neighbour n, long told, Advertisement kind, long now) {
        if (n.state == Neighbour.State.PERMANENT || n.state == Neighbour.State.NOARP) {
            return false;
        }
        boolean isNew = !n.state.isValid();
        if (isNew && told < 0) {
            return false;
        }
        long mac = told < 0 ? n.mac : told;
        boolean differs = n.mac != mac;
        if (!isNew && differs && !kind.overrides()) {
            if (n.state == Neighbour.State.REACHABLE) {
                change(n, Neighbour.State.STALE, now);
            }
            return false;
        }
        n.mac = mac;
        if (kind.answers()) {
            n.confirmed = now;
            change(n, Neighbour.State.REACHABLE, now);
            arm(n, now + REACHABLE_NANOS);
        } else if (isNew || differs) {
            n.timer = Deadline.NEVER;
            change(n, Neighbour.State.STALE, now);
        }
        return true;
    }

    /// Its time is up.
    Due expire(Neighbour n, long now) {
        switch (n.state) {
            case REACHABLE -> {
                n.timer = Deadline.NEVER;
                if (n.used - n.confirmed > 0 && now - n.used <= DELAY_NANOS) {
                    change(n, Neighbour.State.DELAY, now);
                    n.timer = now + DELAY_NANOS;
                } else {
                    change(n, Neighbour.State.STALE, now);
                }
            }
            case DELAY -> {
                if (now - n.confirmed > DELAY_NANOS) {
                    n.probes = 1;
                    change(n, Neighbour.State.PROBE, now);
                    n.timer = now + RETRANSMIT_NANOS;
                    return Due.ASK;
                }
                change(n, Neighbour.State.REACHABLE, now);
                n.timer = n.confirmed + REACHABLE_NANOS;
            }
            case INCOMPLETE, PROBE -> {
                if (n.probes < SOLICITATIONS) {
                    n.probes++;
                    n.timer = now + RETRANSMIT_NANOS;
                    return Due.ASK;
                }
                n.timer = Deadline.NEVER;
                change(n, Neighbour.State.FAILED, now);
                return Due.GIVE_UP;
            }
            case NONE, STALE, FAILED, NOARP, PERMANENT -> n.timer = Deadline.NEVER;
        }
        return Due.NOTHING;
    }

    /// A user says in which state it is. Nobody asks for one that is INCOMPLETE by decree: it stays so.
    void decree(Neighbour n, Neighbour.State state, long now) {
        n.timer = Deadline.NEVER;
        change(n, state, now);
        if (state == Neighbour.State.REACHABLE) {
            n.confirmed = now;
            arm(n, now + REACHABLE_NANOS);
        } else if (state == Neighbour.State.DELAY || state == Neighbour.State.PROBE) {
            n.probes = 0;
            arm(n, now);
        }
    }

    private void change(Neighbour n, Neighbour.State state, long now) {
        n.state = state;
        n.updated = now;
        if (state != Neighbour.State.DELAY) {
            stack.listeners.neighbour(IpListener.Change.NEW, link, n);
        }
    }

    private void arm(Neighbour n, long when) {
        n.timer = when;
        stack.armed();
    }
}
