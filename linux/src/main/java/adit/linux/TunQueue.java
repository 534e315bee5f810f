package adit.linux;

import adit.device.Errno;
import adit.linux.sys.Iovec;
import adit.linux.sys.Libc;
import adit.linux.sys.Poll;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.spi.AbstractInterruptibleChannel;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/// One open file of a TUN or TAP device: one lane for packets each way. For programs that read and write by
/// hand; an engine takes a [TunPort].
///
/// One read answers one packet, one write takes one, with the framing that the device's [adit.tun.TunSpec]
/// asked for in front. A packet larger than the room given is cut to it and its rest lost. `read` and `write`
/// wait; `tryRead` and `tryWrite` answer 0 where they would have to. Native memory and direct buffers go to the
/// kernel as they are, heap memory is copied once.
///
/// Several threads may read, write and close at the same time. Closing wakes all that wait: they end with
/// [java.nio.channels.AsynchronousCloseException]. Interrupting a thread that waits closes the queue, as for
/// every [java.nio.channels.InterruptibleChannel]. A device deleted underneath makes every call fail with
/// EBADFD. Waiting pins the carrier of a virtual thread.
public final class TunQueue extends AbstractInterruptibleChannel implements ByteChannel {
    /// What [#poll] waits for and answers.
    public enum Readiness {
        /// There is a packet to read.
        READABLE(Poll.POLLIN),
        /// The device is up and takes packets.
        WRITABLE(Poll.POLLOUT),
        /// The device is gone. Answered whether wanted or not.
        GONE(Poll.POLLERR);

        private final int event;

        Readiness(int event) {
            this.event = event;
        }
    }

    private static final long WITHOUT_END = Long.MAX_VALUE;

    private final Fd fd;
    private final TunControl control;
    private final DeviceLink link;
    private final TunFraming framing;
    private final TunOffloads offloads;
    private final int index;
    private EventFd waker;

    TunQueue(Fd fd, TunControl control, DeviceLink link, TunFraming framing, TunOffloads offloads, int index) {
        this.fd = fd;
        this.control = control;
        this.link = link;
        this.framing = framing;
        this.offloads = offloads;
        this.index = index;
    }

    /// The control calls on this file.
    public TunControl control() {
        return control;
    }

    /// The descriptor, to wait for or to hand on. Stays this queue's; it is in non-blocking mode, unless a port's
    /// thread rests in the read ([TunPort#restInRead]).
    public Fd fd() {
        return fd;
    }

    /// Which of its device's files this is, from 0.
    public int index() {
        return index;
    }

    DeviceLink link() {
        return link;
    }

    TunOffloads offloads() {
        return offloads;
    }

    TunFraming framing() {
        return framing;
    }

    // ---- Reading

    /// Waits for a packet, moves it into `into` and answers how many octets it put there.
    public int read(MemorySegment into) throws IOException {
        return into.isNative() ? waiting("read", reader(into), Readiness.READABLE) : readHeap(into, Waiting.YES);
    }

    /// Moves a packet into `into`, or answers 0 when there is none.
    public int tryRead(MemorySegment into) throws IOException {
        return into.isNative() ? attempt("read", reader(into)) : readHeap(into, Waiting.NO);
    }

    /// Waits for a packet and moves it into `parts`, native segments, one after another: readv(2).
    public int read(List<MemorySegment> parts) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment vectors = vectors(arena, parts);
            return waiting(
                    "readv", (errno, held) -> Libc.readv(errno, held, vectors, parts.size()), Readiness.READABLE);
        }
    }

    /// Moves a packet into `parts`, native segments, or answers 0 when there is none.
    public int tryRead(List<MemorySegment> parts) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment vectors = vectors(arena, parts);
            return attempt("readv", (errno, held) -> Libc.readv(errno, held, vectors, parts.size()));
        }
    }

    /// Waits for a packet and moves it into the buffer's remaining room.
    @Override
    public int read(ByteBuffer into) throws IOException {
        if (into.isReadOnly()) {
            throw new IllegalArgumentException("a read-only buffer");
        }
        int n = read(MemorySegment.ofBuffer(into));
        into.position(into.position() + n);
        return n;
    }

    // ---- Writing

    /// Hands a packet to the stack and answers how many octets it took: all. Waits only while the device's send
    /// buffer is full. EIO when the device is down, EINVAL when the driver finds the packet malformed.
    public int write(MemorySegment packet) throws IOException {
        return packet.isNative()
                ? waiting("write", writer(packet), Readiness.WRITABLE)
                : writeHeap(packet, Waiting.YES);
    }

    /// As [#write(MemorySegment)], but answers 0 when the send buffer is full.
    public int tryWrite(MemorySegment packet) throws IOException {
        return packet.isNative() ? attempt("write", writer(packet)) : writeHeap(packet, Waiting.NO);
    }

    /// Hands a packet in several native segments to the stack: writev(2).
    public int write(List<MemorySegment> parts) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment vectors = vectors(arena, parts);
            return waiting(
                    "writev", (errno, held) -> Libc.writev(errno, held, vectors, parts.size()), Readiness.WRITABLE);
        }
    }

    /// Hands the buffer's remaining octets to the stack as one packet.
    @Override
    public int write(ByteBuffer packet) throws IOException {
        int n = write(MemorySegment.ofBuffer(packet));
        packet.position(packet.position() + n);
        return n;
    }

    // ---- Waiting

    /// Waits until one of `wanted` holds or `timeout` has passed, and answers what holds; [Readiness#GONE] is
    /// always wanted. A zero timeout only looks.
    public Set<Readiness> poll(Set<Readiness> wanted, Duration timeout) throws IOException {
        int events = wanted.stream().mapToInt(r -> r.event).reduce(0, (a, b) -> a | b);
        requireOpen();
        boolean completed = false;
        begin();
        try {
            int held = fd.holdOrThrow();
            try {
                int ready = await(held, events, nanos(timeout));
                completed = true;
                Set<Readiness> all = EnumSet.allOf(Readiness.class);
                all.removeIf(r -> (ready & r.event) == 0);
                return all;
            } finally {
                fd.leave();
            }
        } finally {
            end(completed);
        }
    }

    /// Closes this file and wakes whoever waits on it. When this answers, the kernel has let it go: a device
    /// that is not persistent is gone with its last file.
    @Override
    protected void implCloseChannel() {
        fd.closeAndWait();
        closeWaker();
    }

    private synchronized void closeWaker() {
        if (waker != null) {
            waker.close();
        }
    }

    /// Made by the first wait, and readable from the close on: all that wait see it, so nobody drains it.
    private synchronized EventFd waker() throws LinuxException {
        if (waker == null) {
            waker = EventFd.open();
            fd.wakeOnClose(waker);
        }
        return waker;
    }

    // ---- One system call, with and without waiting

    private enum Waiting {
        NO,
        YES
    }

    private interface Transfer {
        /// Answers octets or a negative errno.
        int once(MemorySegment errno, int held);
    }

    private static Transfer reader(MemorySegment into) {
        return (errno, held) -> Libc.read(errno, held, into, 0, into.byteSize());
    }

    private static Transfer writer(MemorySegment packet) {
        return (errno, held) -> Libc.write(errno, held, packet, 0, packet.byteSize());
    }

    private int attempt(String call, Transfer transfer) throws IOException {
        int held = fd.holdOrThrow();
        try {
            int n;
            do {
                n = transfer.once(Libc.errnoState(), held);
            } while (n == -Errno.EINTR);
            return n == -Errno.EAGAIN ? 0 : LinuxException.check(n, call, link.name());
        } finally {
            fd.leave();
        }
    }

    private int waiting(String call, Transfer transfer, Readiness wanted) throws IOException {
        requireOpen();
        boolean completed = false;
        begin();
        try {
            int held = fd.holdOrThrow();
            try {
                while (true) {
                    int n = transfer.once(Libc.errnoState(), held);
                    if (n == -Errno.EAGAIN) {
                        await(held, wanted.event, WITHOUT_END);
                    } else if (n != -Errno.EINTR) {
                        completed = true;
                        return LinuxException.check(n, call, link.name());
                    }
                }
            } finally {
                fd.leave();
            }
        } finally {
            end(completed);
        }
    }

    /// Answers the events that hold, 0 after the timeout. Throws when the queue is closed, for [#end] to say
    /// how.
    private int await(int held, int events, long timeoutNanos) throws IOException {
        long start = System.nanoTime();
        Fd wake = waker().fd();
        int wakeHeld = wake.holdOrThrow();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment set = arena.allocate(2 * Poll.SIZE, 8);
            MemorySegment time = arena.allocate(Poll.TIMESPEC_SIZE, 8);
            while (true) {
                Poll.set(set, 0, held, events);
                Poll.set(set, 1, wakeHeld, Poll.POLLIN);
                Poll.timespec(time, Math.max(0, timeoutNanos - (System.nanoTime() - start)));
                int n = Libc.ppoll(Libc.errnoState(), set, 2, timeoutNanos == WITHOUT_END ? MemorySegment.NULL : time);
                if (!fd.isOpen()) {
                    throw new ClosedChannelException();
                }
                if (n != -Errno.EINTR) {
                    LinuxException.check(n, "ppoll", link.name());
                    return Poll.ready(set, 0);
                }
            }
        } finally {
            wake.leave();
        }
    }

    private static long nanos(Duration timeout) {
        try {
            return timeout.toNanos();
        } catch (ArithmeticException e) {
            return WITHOUT_END;
        }
    }

    private void requireOpen() throws ClosedChannelException {
        if (!isOpen()) {
            throw new ClosedChannelException();
        }
    }

    private static MemorySegment vectors(Arena arena, List<MemorySegment> parts) {
        MemorySegment vectors = arena.allocate((long) Math.max(1, parts.size()) * Iovec.SIZE, 8);
        for (int i = 0; i < parts.size(); i++) {
            Iovec.set(vectors, i, parts.get(i), 0, parts.get(i).byteSize());
        }
        return vectors;
    }

    private int readHeap(MemorySegment into, Waiting waiting) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment copy = arena.allocate(Math.max(1, into.byteSize())).asSlice(0, into.byteSize());
            int n = waiting == Waiting.YES ? read(copy) : tryRead(copy);
            MemorySegment.copy(copy, 0, into, 0, n);
            return n;
        }
    }

    private int writeHeap(MemorySegment packet, Waiting waiting) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment copy = arena.allocate(Math.max(1, packet.byteSize())).asSlice(0, packet.byteSize());
            copy.copyFrom(packet);
            return waiting == Waiting.YES ? write(copy) : tryWrite(copy);
        }
    }

    @Override
    public String toString() {
        return link.name() + " queue " + index + ", " + fd;
    }
}
