package adit.tun;

import adit.device.Errno;
import adit.packet.PacketBuffer;
import adit.port.Deadline;
import adit.wire.FlowHash;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// The files attached to a device: those in service, each one of its queues, and those that may come back.
///
/// Packets choose among those in service without a lock: the array is never changed, but replaced by another. All
/// else happens under the control lock.
final class AttachedFiles {
    /// The most files that a device has, those out of service included.
    static final int MOST = 256;

    private static final MemoryTunFile[] NONE = {};

    private final TunTapDevice device;
    private final FlowTable flows = new FlowTable();
    private final List<MemoryTunFile> outOfService = new ArrayList<>();
    private final byte[] program = new byte[SocketFilter.FPROG_LENGTH];
    private volatile MemoryTunFile[] queues = NONE;
    private boolean hasFilter;

    AttachedFiles(TunTapDevice device) {
        this.device = device;
    }

    /// How a file leaves its device.
    enum Leaving {
        /// It may come back.
        SERVICE,
        /// It does not come back.
        FOR_GOOD
    }

    // ---- Packets

    /// The file that a packet on its way out goes to; null when there is none.
    MemoryTunFile choose(PacketBuffer p) {
        MemoryTunFile[] present = queues;
        int index = present.length > 1 ? select(p, present.length) : 0;
        return index < present.length ? present[index] : null;
    }

    private int select(PacketBuffer p, int count) {
        int hash = device.flowHash(p);
        if (hash == FlowHash.NONE) {
            return p.queue() % count;
        }
        int learnt = flows.queue(hash, device.table().coarseNow());
        if (learnt >= 0) {
            // A queue that is no longer there counts as the first one.
            return learnt < count ? learnt : 0;
        }
        return (int) ((Integer.toUnsignedLong(hash) * count) >>> 32);
    }

    /// Whether flows of packets written to `file` are learnt.
    boolean learns(MemoryTunFile file) {
        return queues.length > 1 && !file.isDetached();
    }

    void learn(int hash, MemoryTunFile file) {
        flows.learn(hash, file.queueIndex(), device.table().coarseNow());
    }

    // ---- Coming and going

    int all() {
        return queues.length + outOfService.size();
    }

    int inService() {
        return queues.length;
    }

    /// Puts a file into service. Answers 0 or a negative errno.
    int attach(MemoryTunFile file, MemoryTunFile.Reception reception, boolean skipFilter) {
        boolean again = file.isDetached();
        if (file.device() != null && !again) {
            return -Errno.EINVAL;
        }
        if (!device.isMultiQueue() && queues.length == 1) {
            return -Errno.EBUSY;
        }
        if (!again && all() == MOST) {
            return -Errno.E2BIG;
        }
        int answer = 0;
        if (!skipFilter && hasFilter) {
            answer = SocketFilter.load(program(), file.driver().memory(), file::filter);
            if (answer == 0) {
                // Linux ends here, in all versions, and answers success for a file that is not attached.
                return 0;
            }
        }
        if (again) {
            outOfService.remove(file);
        }
        if (!again) {
            // Who comes back has what the file had when it joined.
            file.reception(reception);
        }
        MemoryTunFile[] more = Arrays.copyOf(queues, queues.length + 1);
        more[queues.length] = file;
        file.attached(device, queues.length);
        queues = more;
        // A file that comes back is told of the program that could not be run, though it is attached.
        return again ? answer : 0;
    }

    void leave(MemoryTunFile file, Leaving how) {
        if (!file.isDetached()) {
            remove(file);
        }
        if (how == Leaving.FOR_GOOD) {
            outOfService.remove(file);
            file.unattached();
        } else if (!file.isDetached()) {
            outOfService.add(file);
            file.outOfService();
        }
    }

    /// The last queue takes the place of one that leaves.
    private void remove(MemoryTunFile file) {
        int last = queues.length - 1;
        int index = file.queueIndex();
        MemoryTunFile[] rest = Arrays.copyOf(queues, last);
        if (index < last) {
            rest[index] = queues[last];
            rest[index].queueIndex(index);
        }
        queues = rest;
        // Linux means the queue that went, and forgets the flows of one that had gone before it.
        flows.forget(last + 1);
    }

    /// The device is gone.
    void deleted() {
        MemoryTunFile[] present = queues;
        queues = NONE;
        for (MemoryTunFile file : present) {
            file.deleted();
        }
        for (MemoryTunFile file : outOfService) {
            file.deleted();
        }
        outOfService.clear();
    }

    // ---- All in service

    void resize(int packets) {
        for (MemoryTunFile file : queues) {
            // The older queue is a list: what waits in it stays, and is compared with the length by who adds to it.
            file.resize(device.profile() == Profile.LINUX_4_1 ? Math.max(packets, file.queued()) : packets);
        }
    }

    /// The device went up, so that they may be written to.
    void wake() {
        for (MemoryTunFile file : queues) {
            file.waitQueue().wake(PollEvents.OUT | PollEvents.WRITE_NORMAL);
            file.space(MemoryTunFile.NOTHING_UNDER_WAY);
        }
    }

    void sendBuffer(int octets) {
        for (MemoryTunFile file : queues) {
            file.sendBuffer(octets);
        }
    }

    /// The earliest time at which a packet that a file's NAPI holds is due.
    long deadline() {
        long earliest = Deadline.NEVER;
        for (MemoryTunFile file : queues) {
            Napi napi = file.napi();
            if (napi != null) {
                earliest = Math.min(earliest, napi.deadline());
            }
        }
        return earliest;
    }

    /// Hands up what files' NAPIs have held long enough.
    void expire(long nowNanos) {
        for (MemoryTunFile file : queues) {
            Napi napi = file.napi();
            if (napi != null) {
                napi.expire(nowNanos);
            }
        }
    }

    // ---- Their program

    /// What TUNATTACHFILTER was given last and TUNGETFILTER answers: a `struct sock_fprog`.
    MemorySegment program() {
        return MemorySegment.ofArray(program);
    }

    /// Gives all in service the program that [#program] names. One that can't be run takes none away, but files
    /// that attach later get none. Answers 0 or a negative errno.
    int filter(MemoryTunFile caller) {
        int answer = SocketFilter.load(program(), caller.driver().memory(), this::give);
        hasFilter = answer == 0;
        return answer;
    }

    /// Has files that attach later look for the program that [#program] names.
    int announceFilter() {
        hasFilter = true;
        return 0;
    }

    /// Takes the program from all in service.
    void dropFilter() {
        hasFilter = false;
        give(null);
    }

    private void give(SocketFilter filter) {
        for (MemoryTunFile file : queues) {
            file.filter(filter);
        }
    }
}
