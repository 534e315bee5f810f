package adit.conformance.world;

import adit.tun.IoVectors;
import adit.tun.MemoryTunFile;
import adit.tun.ReadyFiles;
import adit.tun.TunPoller;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicInteger;

/// A file of the driver in memory.
final class MemoryTunHandle implements TunHandle {
    private static final int ALL_EVENTS = 0x3cf;
    private static final long PATIENCE_NANOS = 10_000_000_000L;

    private final MemoryWorld world;
    private final MemoryTunFile file;
    private final AtomicInteger signals = new AtomicInteger();

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
    public int read(IoVectors into) {
        return into.count() == 1 ? file.read(into.segment(0), into.offset(0), into.length(0)) : file.read(into);
    }

    @Override
    public int write(IoVectors from) {
        return from.count() == 1 ? file.write(from.segment(0), from.offset(0), from.length(0)) : file.write(from);
    }

    @Override
    public int poll() {
        return file.poll(ALL_EVENTS);
    }

    @Override
    public int await(int events) {
        try (TunPoller poller = world.poller()) {
            ReadyFiles ready = new ReadyFiles(1);
            int answer = poller.add(file, events, null);
            answer = answer < 0 ? answer : poller.await(ready, PATIENCE_NANOS);
            return answer > 0 ? ready.events(0) : answer;
        }
    }

    @Override
    public void blocking(boolean waits) {
        file.blocking(waits);
    }

    @Override
    public void signals(boolean on) {
        signals.set(0);
        file.onReadable(on ? signals::incrementAndGet : null);
    }

    @Override
    public int signalled() {
        return signals.getAndSet(0);
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
