package adit.conformance.walk;

import adit.conformance.world.LinkView;
import adit.conformance.world.TunHandle;
import adit.conformance.world.World;
import adit.linux.sys.HostOrder;
import adit.tun.IoVectors;
import adit.tun.TunIoctl;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;

/// A world that answers one question otherwise than the one behind it: something for the shrinker to find.
record OtherFeatures(World inner) implements World {
    @Override
    public TunHandle open(Blocking blocking) {
        return new File(inner.open(blocking));
    }

    @Override
    public void become(Caller caller) {
        inner.become(caller);
    }

    @Override
    public int change(String name, LinkChange change) {
        return inner.change(name, change);
    }

    @Override
    public int make(String name, String kind) {
        return inner.make(name, kind);
    }

    @Override
    public List<LinkView> dump(String kind) {
        return inner.dump(kind);
    }

    @Override
    public void listen() {
        inner.listen();
    }

    @Override
    public List<String> told() {
        return inner.told();
    }

    @Override
    public void settle() {
        inner.settle();
    }

    @Override
    public Optional<LinkView> link(String name) {
        return inner.link(name);
    }

    @Override
    public SortedMap<Integer, String> devices() {
        return inner.devices();
    }

    @Override
    public int inject(String name, int protocol, byte[] header, byte[] octets) {
        return inner.inject(name, protocol, header, octets);
    }

    @Override
    public List<Seen> seen(int expected) {
        return inner.seen(expected);
    }

    @Override
    public void pass(Duration time) {
        inner.pass(time);
    }

    @Override
    public void close() {
        inner.close();
    }

    /// A file of that world.
    private record File(TunHandle inner) implements TunHandle {
        @Override
        public int opened() {
            return inner.opened();
        }

        @Override
        public int ioctl(int command, long value) {
            return inner.ioctl(command, value);
        }

        @Override
        public int ioctl(int command, MemorySegment argument) {
            int answer = inner.ioctl(command, argument);
            if (command == TunIoctl.TUNGETFEATURES) {
                HostOrder.put32(argument, 0, 1);
            }
            return answer;
        }

        @Override
        public int read(IoVectors into) {
            return inner.read(into);
        }

        @Override
        public int write(IoVectors from) {
            return inner.write(from);
        }

        @Override
        public int poll() {
            return inner.poll();
        }

        @Override
        public int await(int events) {
            return inner.await(events);
        }

        @Override
        public void blocking(boolean waits) {
            inner.blocking(waits);
        }

        @Override
        public void signals(boolean on) {
            inner.signals(on);
        }

        @Override
        public int signalled() {
            return inner.signalled();
        }

        @Override
        public String fdinfo() {
            return inner.fdinfo();
        }

        @Override
        public void release(int descriptor) {
            inner.release(descriptor);
        }

        @Override
        public int close() {
            return inner.close();
        }
    }
}
