package adit.linux;

import adit.device.Errno;
import adit.linux.sys.Fcntl;
import adit.linux.sys.Iovec;
import adit.linux.sys.Libc;
import adit.packet.PacketBatch;
import adit.packet.PacketBuffer;
import adit.packet.PacketPool;
import adit.packet.Refusal;
import adit.port.Port;
import adit.tun.TunSpec;
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.function.Consumer;

/// A TUN queue as a port.
///
/// What stands in front of packets on the file travels beside them here: a tun_pi as [PacketBuffer#protocol], a
/// virtio-net header as [PacketBuffer#offload]. From a TAP come Ethernet frames, with protocol 0x6558. Without
/// a tun_pi only IPv4 and IPv6 pass; others are refused as malformed. Without a virtio-net header super-packets
/// are refused as too big, and unfinished checksums are finished here.
///
/// A device that is down refuses packets with [Refusal#DOWN] and works again once it is up. A device that was
/// deleted does so for good, without a system call, and [#isGone] says so.
///
/// One system call a packet, a super-packet too, and one more when there is none; nothing is allocated. A call
/// of [#receive] ends after about 64 KiB, so that what was read is still in the processor's cache when it is
/// sent; and while packets are rare, mostly after the first, which is on its way then before anybody asks for a
/// second. Receiving and sending may be on different threads. Buffers are lent by the receiving thread, from a
/// pool that is the receiving thread's. More threads take more ports over the same queue.
public final class TunPort implements Port {
    private static final int MTU_MAX = 65535;
    private static final int ETHERNET_HEADER = 14;
    private static final int NEWS_EVERY = 256;
    /// After so many octets a call of [#receive] ends.
    private static final int ENOUGH = 60_000;

    private final Fd fd;
    private final Closeable owner;
    private final DeviceLink link;
    private final TunFraming framing;
    private final Consumer<String> fewerOffloads;
    private final int index;
    private final PacketPool pool;
    private final Lane inlet;
    private final Lane outlet;
    private final long[] drops = new long[TunDrop.values().length];
    private long starved;
    private final OneAtATime one = new OneAtATime();
    private final RestInRead rest = RestInRead.endedBy(WakeSignal::number);
    private boolean readsWait;
    private int untilNews = NEWS_EVERY;
    private volatile boolean gone;

    /// What one direction needs for its calls, so that the two can be on different threads.
    ///
    /// ```
    /// vectors: the frame, if any | the packet | one octet more: when a read uses it, the packet was cut
    /// ```
    private static final class Lane {
        final MemorySegment errno;
        final MemorySegment frame;
        final MemorySegment vectors;
        final int packet;

        Lane(TunFraming framing) {
            // Collected with the port. A shared arena would cost an atomic instruction a call, and could be closed
            // too early.
            Arena arena = Arena.ofAuto();
            errno = Libc.newErrnoState(arena);
            frame = arena.allocate(Math.max(8, framing.length()), 8);
            vectors = arena.allocate(3 * Iovec.SIZE, 8);
            MemorySegment overflow = arena.allocate(8, 8);
            packet = framing.length() == 0 ? 0 : 1;
            Iovec.set(vectors, 0, frame, 0, framing.length());
            Iovec.set(vectors, packet + 1, overflow, 0, 1);
        }
    }

    /// A port over `queue`, which it owns from then on. `pool` lends the buffers for what comes in: each as
    /// large as the largest packet, which is the MTU, or 65535 octets once offload is enabled.
    public TunPort(TunQueue queue, PacketPool pool) {
        this(
                queue.fd(),
                queue,
                queue.link(),
                queue.framing(),
                why -> queue.offloads().reduce(why),
                queue.index(),
                pool);
    }

    /// A port over any descriptor that keeps packets apart, such as one of a socket pair. `link` may be null.
    /// `fewer` is told why there should be fewer offloads.
    TunPort(
            Fd fd,
            Closeable owner,
            DeviceLink link,
            TunFraming framing,
            Consumer<String> fewer,
            int index,
            PacketPool pool) {
        this.fd = fd;
        this.owner = owner;
        this.link = link;
        this.framing = framing;
        this.fewerOffloads = fewer;
        this.index = index;
        this.pool = pool;
        this.inlet = new Lane(framing);
        this.outlet = new Lane(framing);
    }

    // ---- Receiving

    @Override
    public int receive(PacketBatch into) {
        if (gone) {
            return 0;
        }
        int held = fd.hold();
        if (held < 0) {
            return 0;
        }
        int moved;
        try {
            moved = rest.take() && into.room() > 0 ? await(held, into) : receive(held, into);
        } finally {
            fd.leave();
        }
        rest.want(one.isRule());
        hearNews(moved);
        return moved;
    }

    private int receive(int held, PacketBatch into) {
        letReadsWait(held, false);
        int wanted = one.isEnough() ? 1 : Integer.MAX_VALUE;
        int moved = 0;
        int octets = 0;
        // Lost packets count as well: a turn is bounded.
        for (int tries = into.room(); tries > 0 && moved < wanted && octets < ENOUGH; tries--) {
            PacketBuffer p = lend();
            if (p == null) {
                break;
            }
            int n = receive(held, p);
            if (n > 0) {
                into.add(p);
                moved++;
                octets += p.length();
            } else {
                p.release();
                if (n == 0) {
                    break;
                }
            }
        }
        one.brought(moved, octets);
        return moved;
    }

    /// Receives one packet and waits for it, until a signal comes.
    private int await(int held, PacketBatch into) {
        PacketBuffer p = lend();
        if (p == null) {
            return 0;
        }
        letReadsWait(held, true);
        long begun = System.nanoTime();
        int n = receive(held, p);
        rest.rested(System.nanoTime() - begun);
        if (n <= 0) {
            p.release();
            letReadsWait(held, false);
            return 0;
        }
        into.add(p);
        one.brought(1, p.length());
        return 1;
    }

    private PacketBuffer lend() {
        PacketBuffer p = pool.lend();
        if (p == null) {
            starved++;
        }
        return p;
    }

    /// Costs a call only where it changes something. Should the kernel refuse it, reads do not wait and nothing else
    /// differs.
    private void letReadsWait(int held, boolean wait) {
        if (readsWait != wait && Libc.fcntl(inlet.errno, held, Fcntl.F_SETFL, wait ? 0 : Fcntl.O_NONBLOCK) >= 0) {
            readsWait = wait;
        }
    }

    /// Answers 1 when `p` holds a packet, -1 when one was lost, 0 when there is none.
    private int receive(int held, PacketBuffer p) {
        int room = p.tailroom();
        Iovec.set(inlet.vectors, inlet.packet, p.segment(), p.head(), room);
        int n = Libc.readv(inlet.errno, held, inlet.vectors, inlet.packet + 2);
        if (n < 0) {
            return failed(-n);
        }
        int length = n - framing.length();
        if (length <= 0) {
            return lost(TunDrop.UNREADABLE);
        }
        if (length > room) {
            return lost(TunDrop.TRUNCATED);
        }
        p.put(length);
        p.queue(index);
        if (!framing.read(inlet.frame, p)) {
            fewerOffloads.accept("a super-packet of an unknown kind was read");
            return lost(TunDrop.UNKNOWN_OFFLOAD);
        }
        return 1;
    }

    private int failed(int errno) {
        if (TunErrno.isLost(errno)) {
            if (errno == Errno.EINVAL && framing.vnetHeaderLength() != 0) {
                fewerOffloads.accept("read: EINVAL");
            }
            return lost(TunDrop.UNREADABLE);
        }
        if (TunErrno.isGone(errno)) {
            markGone();
        }
        return errno == Errno.EINTR ? -1 : 0;
    }

    private int lost(TunDrop why) {
        drops[slot(why)]++;
        return -1;
    }

    /// Looks for news of the link when there is time and there may be some, and now and then in any case.
    private void hearNews(int moved) {
        if (link == null || (--untilNews > 0 && (moved != 0 || !link.mayHaveNews()))) {
            return;
        }
        untilNews = NEWS_EVERY;
        link.refresh(inlet.errno, inlet.frame);
        if (link.isGone()) {
            gone = true;
        }
    }

    @SuppressWarnings("EnumOrdinal") // A counter's place in memory alone: it is never stored or sent.
    private static int slot(TunDrop why) {
        return why.ordinal();
    }

    // ---- Sending

    @Override
    public int send(PacketBatch batch) {
        int size = batch.size();
        int held = gone ? -1 : fd.hold();
        Refusal forAll = held < 0 ? Refusal.DOWN : Refusal.NONE;
        int kept = 0;
        try {
            for (int i = 0; i < size; i++) {
                PacketBuffer p = batch.get(i);
                Refusal refusal = forAll == Refusal.NONE ? send(held, p) : forAll;
                if (refusal == Refusal.NONE) {
                    p.release();
                    continue;
                }
                p.refuse(refusal);
                batch.set(kept++, p);
                if (TunErrno.isForAll(refusal)) {
                    forAll = refusal;
                }
            }
        } finally {
            if (held >= 0) {
                fd.leave();
            }
        }
        batch.truncate(kept);
        return size - kept;
    }

    private Refusal send(int held, PacketBuffer p) {
        Refusal refusal = framing.refusal(p);
        if (refusal != Refusal.NONE) {
            return refusal;
        }
        framing.write(outlet.frame, p);
        Iovec.set(outlet.vectors, outlet.packet, p.segment(), p.head(), p.length());
        int n;
        do {
            n = Libc.writev(outlet.errno, held, outlet.vectors, outlet.packet + 1);
        } while (n == -Errno.EINTR);
        if (n >= 0) {
            return Refusal.NONE;
        }
        if (TunErrno.isGone(-n)) {
            markGone();
        }
        return TunErrno.refusal(-n);
    }

    // ---- The rest

    private void markGone() {
        gone = true;
        if (link != null) {
            link.setGone();
        }
    }

    /// The largest packet in octets: the device's MTU, for a TAP with the Ethernet header.
    @Override
    public int mtu() {
        int mtu = link == null ? MTU_MAX : link.mtu();
        return framing.kind() == TunSpec.Kind.TAP ? mtu + ETHERNET_HEADER : mtu;
    }

    /// Whether the device was deleted underneath. Close the port then; a new device needs a new one.
    public boolean isGone() {
        return gone;
    }

    /// What to wait on before asking for packets: the queue, and news of the link.
    public List<Fd> descriptors() {
        return link == null ? List.of(fd) : List.of(fd, link.announcements());
    }

    /// For [PollIdle#PollIdle(IdleStrategy, List, RestInRead)] of a thread that receives from this port alone, and
    /// alone from this port's queue: from such a rest until it next reads without one, the file is in blocking
    /// mode. For one PollIdle.
    ///
    /// Only a signal ends such a rest. So the process gets a handler that does nothing, for a real-time signal that
    /// has none, when packets are rare for the first time; it stays. When there is no such signal the thread rests
    /// in poll, as without this.
    public RestInRead restInRead() {
        return rest;
    }

    /// How many packets were lost for this reason. Exact on the receiving thread.
    public long count(TunDrop why) {
        return drops[slot(why)];
    }

    /// How often receiving ended because the pool had no buffer; the packets waited in the kernel. Exact on the
    /// receiving thread.
    public long starved() {
        return starved;
    }

    /// Closes the queue and wakes whoever waits for it.
    @Override
    public void close() {
        try {
            owner.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
