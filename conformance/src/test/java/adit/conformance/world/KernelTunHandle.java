package adit.conformance.world;

import adit.device.Errno;
import adit.linux.sys.Iovec;
import adit.linux.sys.Libc;
import adit.linux.sys.Poll;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.IntSupplier;

/// A file of the kernel's driver. Calls that ask who makes them are made by the world's caller.
final class KernelTunHandle implements TunHandle {
    private static final int ALL_EVENTS = 0x3ff & ~(Poll.POLLERR | 0x30);
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
    public int read(MemorySegment... into) {
        try (Arena arena = Arena.ofConfined()) {
            if (into.length == 1) {
                return Libc.read(Libc.errnoState(), fd, into[0], 0, into[0].byteSize());
            }
            return Libc.readv(Libc.errnoState(), fd, vectors(arena, into), into.length);
        }
    }

    @Override
    public int write(MemorySegment... from) {
        try (Arena arena = Arena.ofConfined()) {
            if (from.length == 1) {
                return Libc.write(Libc.errnoState(), fd, from[0], 0, from[0].byteSize());
            }
            return Libc.writev(Libc.errnoState(), fd, vectors(arena, from), from.length);
        }
    }

    private static MemorySegment vectors(Arena arena, MemorySegment[] parts) {
        MemorySegment vectors = arena.allocate((long) Iovec.SIZE * parts.length, 8);
        for (int i = 0; i < parts.length; i++) {
            Iovec.set(vectors, i, parts[i], 0, parts[i].byteSize());
        }
        return vectors;
    }

    @Override
    public int poll() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment descriptor = arena.allocate(Poll.SIZE, 8);
            MemorySegment none = arena.allocate(Poll.TIMESPEC_SIZE, 8);
            Poll.set(descriptor, 0, fd, ALL_EVENTS);
            int answer = Libc.ppoll(Libc.errnoState(), descriptor, 1, none);
            if (answer < 0) {
                throw new IllegalStateException("ppoll: " + Errno.name(-answer));
            }
            return Poll.ready(descriptor, 0);
        }
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
        return Libc.close(Libc.errnoState(), fd);
    }
}
