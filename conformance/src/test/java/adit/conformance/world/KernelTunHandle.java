package adit.conformance.world;

import adit.device.Errno;
import adit.linux.sys.Fcntl;
import adit.linux.sys.HostOrder;
import adit.linux.sys.Iovec;
import adit.linux.sys.Libc;
import adit.linux.sys.Poll;
import adit.tun.IoVectors;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.IntSupplier;

/// A file of the kernel's driver. Calls that ask who makes them are made by the world's caller.
final class KernelTunHandle implements TunHandle {
    private static final int ALL_EVENTS = 0x3ff & ~(Poll.POLLERR | 0x30);
    private static final long PATIENCE_NANOS = 10_000_000_000L;
    private static final String LINE = "iff:";

    private final KernelWorld world;
    private final int fd;

    KernelTunHandle(KernelWorld world, int fd) {
        this.world = world;
        this.fd = fd;
    }

    @Override
    public int opened() {
        return Math.min(fd, 0);
    }

    private int asCaller(IntSupplier call) {
        return world.asCaller(call);
    }

    @Override
    public int ioctl(int command, long value) {
        MemorySegment errno = Libc.errnoState();
        return asCaller(() -> Libc.ioctl(errno, fd, command, value));
    }

    @Override
    public int ioctl(int command, MemorySegment argument) {
        MemorySegment errno = Libc.errnoState();
        return asCaller(() -> Libc.ioctl(errno, fd, command, argument));
    }

    @Override
    public int read(IoVectors into) {
        if (into.count() == 1) {
            return Libc.read(Libc.errnoState(), fd, whole(into), 0, into.length(0));
        }
        try (Arena arena = Arena.ofConfined()) {
            return Libc.readv(Libc.errnoState(), fd, vectors(arena, into), into.count());
        }
    }

    @Override
    public int write(IoVectors from) {
        if (from.count() == 1) {
            return Libc.write(Libc.errnoState(), fd, whole(from), 0, from.length(0));
        }
        try (Arena arena = Arena.ofConfined()) {
            return Libc.writev(Libc.errnoState(), fd, vectors(arena, from), from.count());
        }
    }

    /// The only place in its claimed length, of which a part may not be there.
    @SuppressWarnings("restricted") // The kernel is to find out what is there.
    private static MemorySegment whole(IoVectors one) {
        return one.segment(0).reinterpret(one.length(0));
    }

    private static MemorySegment vectors(Arena arena, IoVectors places) {
        MemorySegment vectors = arena.allocate((long) Iovec.SIZE * Math.max(1, places.count()), 8);
        for (int i = 0; i < places.count(); i++) {
            long at = i * (long) Iovec.SIZE;
            HostOrder.put64(vectors, at, places.segment(i).address() + places.offset(i));
            HostOrder.put64(vectors, at + Long.BYTES, places.length(i));
        }
        return vectors;
    }

    @Override
    public int poll() {
        return poll(ALL_EVENTS, 0);
    }

    @Override
    public int await(int events) {
        return poll(events, PATIENCE_NANOS);
    }

    private int poll(int events, long nanos) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment descriptor = arena.allocate(Poll.SIZE, 8);
            MemorySegment time = arena.allocate(Poll.TIMESPEC_SIZE, 8);
            Poll.timespec(time, nanos);
            Poll.set(descriptor, 0, fd, events);
            int answer = Libc.ppoll(Libc.errnoState(), descriptor, 1, time);
            if (answer < 0) {
                throw new IllegalStateException("ppoll: " + Errno.name(-answer));
            }
            return Poll.ready(descriptor, 0);
        }
    }

    @Override
    public void blocking(boolean waits) {
        int flags = Libc.fcntl(Libc.errnoState(), fd, Fcntl.F_GETFL, 0);
        Libc.fcntl(Libc.errnoState(), fd, Fcntl.F_SETFL, waits ? flags & ~Fcntl.O_NONBLOCK : flags | Fcntl.O_NONBLOCK);
    }

    @Override
    public void signals(boolean on) {
        world.signals().set(fd, on);
    }

    @Override
    public int signalled() {
        return world.signals().count(fd);
    }

    @Override
    public String fdinfo() {
        try {
            return Files.readAllLines(Path.of("/proc/self/fdinfo/" + fd)).stream()
                    .filter(line -> line.startsWith(LINE))
                    .findFirst()
                    .orElse("");
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void release(int descriptor) {
        Libc.close(Libc.errnoState(), descriptor);
    }

    @Override
    public int close() {
        // The next file to be opened gets the same number, and must not get what was for this one.
        world.signals().count(fd);
        return Libc.close(Libc.errnoState(), fd);
    }
}
