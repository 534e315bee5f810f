package adit.device;

import adit.packet.PacketBuffer;

/// Packets that cross from one device to another, on the thread that carries them.
///
/// The first crossing of a thread happens at once. Crossings that it leads to wait until it is done, first in,
/// first out, and happen before the outermost one returns: so a reply over the loopback does not run inside the
/// handling of its request, the Java stack stays shallow however long a packet travels in circles, and still
/// everything that a packet causes has happened when the call that brought it returns. It is the per-processor
/// backlog of Linux's `netif_rx`, with its bound.
final class Backlog {
    private static final int CAPACITY = 1024;
    private static final ThreadLocal<Backlog> OF_THREAD = ThreadLocal.withInitial(Backlog::new);

    private final Device[] devices = new Device[CAPACITY];
    private final PacketBuffer[] packets = new PacketBuffer[CAPACITY];
    private boolean running;
    private int first;
    private int size;

    /// Has `to` receive `p`, now or as soon as the crossing that is going on has ended.
    static void cross(Device to, PacketBuffer p) {
        OF_THREAD.get().add(to, p);
    }

    private void add(Device to, PacketBuffer p) {
        if (size == CAPACITY) {
            to.drop(p, Drop.CPU_BACKLOG);
            return;
        }
        int last = first + size & CAPACITY - 1;
        devices[last] = to;
        packets[last] = p;
        size++;
        if (!running) {
            run();
        }
    }

    private void run() {
        running = true;
        try {
            while (size > 0) {
                Device to = devices[first];
                PacketBuffer p = packets[first];
                devices[first] = null;
                packets[first] = null;
                first = first + 1 & CAPACITY - 1;
                size--;
                to.arrive(p);
            }
        } finally {
            running = false;
        }
    }
}
