package adit.conformance.world;

import adit.tun.IoVectors;
import adit.tun.MemoryTunFile;
import java.lang.foreign.MemorySegment;

/// A file of the driver in memory.
final class MemoryTunHandle implements TunHandle {
    private static final int ALL_EVENTS = 0x3cf;

    private final MemoryWorld world;
    private final MemoryTunFile file;

    MemoryTunHandle(MemoryWorld world, MemoryTunFile file, World.Blocking blocking) {
        this.world = world;
        this.file = file;
        file.blocking(blocking == World.Blocking.WAITS);
    }

    @Override
    public int opened() {
        return 0;
    }

    @Override
    public int ioctl(int command, long value) {
        file.caller(world.caller());
        return file.ioctl(command, value);
    }

    @Override
    public int ioctl(int command, MemorySegment argument) {
        file.caller(world.caller());
        return file.ioctl(command, argument);
    }

    @Override
    public int read(MemorySegment... into) {
        return into.length == 1 ? file.read(into[0]) : file.read(IoVectors.of(into));
    }

    @Override
    public int write(MemorySegment... from) {
        return from.length == 1 ? file.write(from[0]) : file.write(IoVectors.of(from));
    }

    @Override
    public int poll() {
        return file.poll(ALL_EVENTS);
    }

    @Override
    public String fdinfo() {
        return file.fdinfo().replace("\n", "");
    }

    @Override
    public void release(int descriptor) {
        // A namespace's number names nothing that must be closed.
    }

    @Override
    public int close() {
        file.close();
        return 0;
    }
}
