package adit.tun;

import adit.device.PacketQueue;
import adit.device.Receiver;
import adit.offload.Gro;
import adit.packet.PacketBuffer;
import adit.packet.UdpTunnel;
import adit.port.Deadline;
import adit.wire.Ethernet;
import java.util.concurrent.atomic.AtomicInteger;

/// The way of one file's packets to the stack where it goes through NAPI: a queue of what was written, and a
/// poll that takes them out of it, through [Gro], on the thread of whoever wrote.
///
/// One thread polls at a time. Another that writes meanwhile leaves its packet in the queue, where the one that
/// polls finds it; nobody waits. A poll takes at most [#WEIGHT] packets, and after that many hands up all that
/// is held. The last one of a run decides what stays:
///
/// 1. if packets came, the time to wait is the device's, provided that something is held, and the count of
///    deferrals starts anew;
/// 2. if there are deferrals left, one is used up, and the time to wait is the device's;
/// 3. with a time to wait, what came in an earlier tick goes up, and the rest waits for it; without one, all
///    goes up.
///
/// A frame of fragments goes up at the end of its own poll: Linux ends that one as if no packet had come.
///
/// When the time is over ([#expire]), a poll without packets follows.
final class Napi implements Gro.Surroundings {
    /// How many packets a poll takes.
    static final int WEIGHT = 64;

    private static final int QUEUE = 1024;
    private static final int IDLE = 0;
    private static final int POLLING = 1;
    private static final int FIRST_ETHER_TYPE = 0x600;
    /// Linux's jiffy, where it ticks 250 times a second.
    private static final long TICK_NANOS = 4_000_000;

    private final TunTapDevice device;
    private final MemoryTunFile.Reception kind;
    private final PacketQueue written = new PacketQueue(QUEUE);
    private final Gro gro = new Gro(this);
    private final AtomicInteger state = new AtomicInteger(IDLE);
    private volatile long deadline = Deadline.NEVER;
    private volatile boolean expired;
    private volatile boolean ended;
    private volatile boolean discarded;
    /// Of whoever polls.
    private int deferrals;

    Napi(TunTapDevice device, MemoryTunFile.Reception kind) {
        this.device = device;
        this.kind = kind;
    }

    TunTapDevice device() {
        return device;
    }

    /// Takes a packet, or answers false because too many wait.
    boolean offer(PacketBuffer p) {
        return written.offer(p);
    }

    int waiting() {
        return written.size();
    }

    /// Polls, unless somebody does already, until there is nothing to do.
    void schedule() {
        while (state.compareAndSet(IDLE, POLLING)) {
            try {
                poll();
            } finally {
                state.set(IDLE);
            }
            // Looked at after the poll was over for others: what came until then is nobody else's business.
            if (written.isEmpty() && !expired && ended == discarded) {
                return;
            }
        }
    }

    private void poll() {
        expired = false;
        if (ended) {
            discard();
            return;
        }
        ReceiveOffload settings = device.receiveOffload();
        int taken;
        do {
            taken = take(settings);
            if (taken == WEIGHT) {
                gro.flush();
            }
        } while (taken == WEIGHT);
        complete(settings, kind == MemoryTunFile.Reception.NAPI_FRAGMENTS ? 0 : taken);
    }

    private int take(ReceiveOffload settings) {
        int taken = 0;
        while (taken < WEIGHT) {
            PacketBuffer p = written.poll();
            if (p == null) {
                break;
            }
            gro.receive(p, device.headerLength(), protocol(p), settings.transports(), settings.form(), tick());
            taken++;
        }
        return taken;
    }

    private void complete(ReceiveOffload settings, int taken) {
        long wait = 0;
        if (taken > 0) {
            wait = gro.isEmpty() ? 0 : settings.flushTimeoutNanos();
            deferrals = settings.deferHardIrqs();
        }
        if (deferrals > 0) {
            deferrals--;
            wait = settings.flushTimeoutNanos();
        }
        if (wait == 0) {
            gro.flush();
            return;
        }
        gro.flushOlder(tick());
        boolean unarmed = deadline == Deadline.NEVER;
        deadline = device.table().now() + wait;
        if (unarmed) {
            device.armed();
        }
    }

    /// The EtherType of what stands behind the link header.
    private int protocol(PacketBuffer p) {
        if (!device.isTap()) {
            return p.protocol();
        }
        int type = Ethernet.etherType(p.segment(), p.head());
        return type < FIRST_ETHER_TYPE ? 0 : type;
    }

    private long tick() {
        return Math.floorDiv(device.table().now(), TICK_NANOS);
    }

    /// When the time to wait is over.
    long deadline() {
        return deadline;
    }

    /// Hands up what is held if its time is over.
    void expire(long nowNanos) {
        long due = deadline;
        if (due != Deadline.NEVER && nowNanos - due >= 0) {
            deadline = Deadline.NEVER;
            expired = true;
            schedule();
        }
    }

    /// No packet waits for its time any more: the file is out of service.
    void pause() {
        deadline = Deadline.NEVER;
    }

    /// Releases all that is held and that waits, now or when whoever polls has ended.
    void end() {
        ended = true;
        deadline = Deadline.NEVER;
        schedule();
    }

    private void discard() {
        gro.discard();
        for (PacketBuffer p = written.poll(); p != null; p = written.poll()) {
            p.release();
        }
        discarded = true;
    }

    @Override
    public PacketBuffer lend(int octets) {
        return device.table().buffers().lend(octets);
    }

    @Override
    public void deliver(PacketBuffer p) {
        device.receive(p);
    }

    @Override
    public UdpTunnel tunnelAt(PacketBuffer p, int network, int transport) {
        Receiver receiver = device.table().receiver();
        return receiver == null ? UdpTunnel.NONE : receiver.tunnelAt(device, p, network, transport);
    }
}
