package adit.ip;

import adit.device.Errno;
import adit.packet.PacketBatch;
import adit.packet.PacketBuffer;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedChannelException;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/// What all sockets have: a bounded queue of packets that came in, errors that came back, and a way to wait.
///
/// For any threads. Receiving waits until there is a packet, an error, or the socket is closed, unless the
/// socket was told not to wait; a thread that waits can be interrupted, and the socket stays open then.
public abstract class IpSocket implements AutoCloseable {
    /// How many packets wait at most, until told otherwise.
    public static final int QUEUE_LENGTH = 256;

    private static final int MOST_ERRORS = 16;
    private static final long FOREVER = Long.MAX_VALUE;

    final IpStack stack;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition arrived = lock.newCondition();
    private final ArrayDeque<PacketBuffer> queue = new ArrayDeque<>();
    private final ArrayDeque<SocketError> errors = new ArrayDeque<>();
    private final AtomicLong drops = new AtomicLong();
    private int capacity = QUEUE_LENGTH;
    private long waitNanos = FOREVER;
    private int pending;
    private volatile boolean closed;

    IpSocket(IpStack stack) {
        this.stack = stack;
    }

    /// The time to live of what goes to groups, unless it is told: it stays on the link.
    static final int MULTICAST_TIME_TO_LIVE = 1;

    /// Whether receiving waits for a packet.
    public enum Waiting {
        /// It does.
        WAIT,
        /// It answers at once that there is none.
        DO_NOT_WAIT
    }

    /// Says whether receiving waits.
    public void waiting(Waiting waiting) {
        waitAtMost(waiting == Waiting.WAIT ? FOREVER : 0);
    }

    /// Has receiving wait for at most so long, in nanoseconds of real time.
    public void waitAtMost(long nanos) {
        lock.lock();
        try {
            waitNanos = nanos;
        } finally {
            lock.unlock();
        }
    }

    /// Has at most so many packets wait in the queue; more are dropped and counted.
    public void queueLength(int packets) {
        if (packets < 1) {
            throw new IllegalArgumentException("a queue of " + packets + " packets");
        }
        lock.lock();
        try {
            capacity = packets;
        } finally {
            lock.unlock();
        }
    }

    /// How many packets were dropped because the queue was full.
    public long drops() {
        return drops.get();
    }

    /// Whether it is open.
    public boolean isOpen() {
        return !closed;
    }

    void requireOpen() throws ClosedChannelException {
        if (closed) {
            throw new ClosedChannelException();
        }
    }

    /// Appends a packet, whose octets start at the payload, or answers false when there is no room: then it
    /// stays the caller's.
    boolean offer(PacketBuffer p) {
        lock.lock();
        try {
            if (closed || queue.size() >= capacity) {
                drops.incrementAndGet();
                return false;
            }
            queue.add(p);
            arrived.signal();
            return true;
        } finally {
            lock.unlock();
        }
    }

    /// Takes note of an error about a packet that was sent. `hard` ones end the next call, as on a connected
    /// socket.
    void fail(SocketError error, boolean hard) {
        lock.lock();
        try {
            if (errors.size() == MOST_ERRORS) {
                errors.poll();
            }
            errors.add(error);
            if (hard) {
                pending = error.errno();
                arrived.signalAll();
            }
        } finally {
            lock.unlock();
        }
    }

    /// The oldest error that has not been asked for, of all packets sent, whether the socket is connected or
    /// not: the error queue (IP_RECVERR).
    public Optional<SocketError> pollError() {
        lock.lock();
        try {
            return Optional.ofNullable(errors.poll());
        } finally {
            lock.unlock();
        }
    }

    /// Throws the error of an earlier packet, once.
    void throwPending(String call) throws IOException {
        lock.lock();
        try {
            if (pending != 0) {
                int errno = pending;
                pending = 0;
                throw new IpException(call, errno, "an ICMP error about an earlier packet came back");
            }
        } finally {
            lock.unlock();
        }
    }

    /// The next packet, which is the caller's; null when there is none and no more waiting.
    PacketBuffer next() throws IOException {
        requireOpen();
        lock.lock();
        try {
            long left = waitNanos;
            while (true) {
                if (closed) {
                    throw new AsynchronousCloseException();
                }
                throwPending("receive");
                PacketBuffer p = queue.poll();
                if (p != null || left <= 0) {
                    return p;
                }
                left = awaitArrival(left);
            }
        } finally {
            lock.unlock();
        }
    }

    /// Waits until there is something to look at, at most so long, and answers how much of the time is left.
    private long awaitArrival(long most) throws InterruptedIOException {
        long left = most;
        try {
            while (queue.isEmpty() && pending == 0 && !closed && left > 0) {
                if (left == FOREVER) {
                    arrived.await();
                } else {
                    left = arrived.awaitNanos(left);
                }
            }
            return left;
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while waiting for a packet");
        }
    }

    /// Adds to `into` the packets that are there, after waiting for the first one as any receiving does, and
    /// answers how many. Their octets start at the payload; what the headers said is told by [Datagrams]. They
    /// are the caller's.
    public int receive(PacketBatch into) throws IOException {
        if (into.room() == 0) {
            return 0;
        }
        PacketBuffer first = next();
        if (first == null) {
            return 0;
        }
        into.add(first);
        int count = 1;
        lock.lock();
        try {
            while (into.room() > 0 && !queue.isEmpty()) {
                into.add(queue.poll());
                count++;
            }
        } finally {
            lock.unlock();
        }
        return count;
    }

    /// Waits at most so long, on the real clock, for something to receive or an error to take, and answers whether
    /// there is: not when the socket is closed meanwhile.
    ///
    /// @throws InterruptedIOException when the thread is interrupted, which it stays
    public boolean await(long most, TimeUnit unit) throws InterruptedIOException {
        lock.lock();
        try {
            awaitArrival(unit.toNanos(most));
            return !queue.isEmpty() || pending != 0;
        } finally {
            lock.unlock();
        }
    }

    /// Takes the socket out of the tables.
    abstract void detach();

    /// Closes the socket: those who wait hear of it, packets that wait are gone.
    @Override
    public void close() {
        lock.lock();
        try {
            if (closed) {
                return;
            }
            closed = true;
            for (PacketBuffer p : queue) {
                p.release();
            }
            queue.clear();
            arrived.signalAll();
        } finally {
            lock.unlock();
        }
        detach();
    }

    /// Gives the packet back and answers the errno, negative. Where the way was found since, it was not there.
    int refused(PacketBuffer p, int refusal, IpDrop withoutRoute) {
        if (refusal == 0 || refusal == Errno.ENETUNREACH) {
            stack.drop(p, withoutRoute);
            return -Errno.ENETUNREACH;
        }
        p.release();
        return -refusal;
    }

    static IpException noRoute(String call, Object to) {
        return new IpException(call, Errno.ENETUNREACH, "no route to " + to);
    }
}
