package adit.linux;

import adit.linux.sys.Errno;
import adit.linux.sys.HostOrder;
import adit.linux.sys.Inet;
import adit.linux.sys.Iovec;
import adit.linux.sys.Libc;
import adit.linux.sys.LibcSocket;
import adit.linux.sys.Message;
import adit.packet.Addressing;
import adit.packet.PacketBatch;
import adit.packet.PacketBuffer;
import adit.packet.PacketPool;
import adit.wire.IpProtocol;
import adit.wire.Octets;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/// The receiving half of a UDP underlay.
///
/// One recvmmsg(2) fills as many buffers as there is room for. Where the kernel joins datagrams of a flow
/// (UDP_GRO), one buffer holds several of the same size, which are taken apart again here. What has no room in
/// the batch waits for the next call.
///
/// Errors that the network reported are asked for when there is nothing to receive, when a call says that there
/// is one, and now and then under load.
///
/// For one thread, whose pool lends the buffers.
final class UdpReceiver {
    private static final int MAX_MESSAGES = 64;
    /// Joined datagrams fill the batch from few messages.
    private static final int MAX_JOINED_MESSAGES = 8;

    private static final int CALLS_BETWEEN_ERROR_CHECKS = 64;
    private static final int CONTROL_SIZE = 128;

    private final Fd fd;
    private final PacketPool pool;
    private final UdpErrors errors;
    private final int port;
    private final int messagesAtOnce;

    private final MemorySegment errno;
    private final MemorySegment messages;
    private final MemorySegment names;
    private final MemorySegment controls;
    private final MemorySegment vectors;
    private int callsSinceErrorCheck;
    private long starved;
    private long cut;

    // Received messages that the batch had no room for yet, and the size of the datagrams joined in each.
    private final PacketBuffer[] pending;
    private final int[] segmentOf;
    private int pendingFrom;
    private int pendingTo;

    UdpReceiver(UdpSocket socket, UdpSpec spec, PacketPool pool, Paths paths) {
        this.fd = socket.fd();
        this.pool = pool;
        this.port = spec.port();
        this.messagesAtOnce = socket.joinsReceived() ? MAX_JOINED_MESSAGES : MAX_MESSAGES;
        this.pending = new PacketBuffer[messagesAtOnce];
        this.segmentOf = new int[messagesAtOnce];
        Arena arena = Arena.ofAuto();
        errno = Libc.newErrnoState(arena);
        messages = arena.allocate((long) messagesAtOnce * Message.MULTI_SIZE, 8);
        names = arena.allocate((long) messagesAtOnce * Inet.ADDRESS_SIZE, 8);
        controls = arena.allocate((long) messagesAtOnce * CONTROL_SIZE, 8);
        vectors = arena.allocate((long) messagesAtOnce * Iovec.SIZE, 8);
        for (int i = 0; i < messagesAtOnce; i++) {
            long at = (long) i * Message.MULTI_SIZE;
            Message.name(messages, at, names.asSlice((long) i * Inet.ADDRESS_SIZE, Inet.ADDRESS_SIZE));
            Message.vectors(messages, at, vectors.asSlice((long) i * Iovec.SIZE, Iovec.SIZE), 1);
            Message.control(messages, at, controls.asSlice((long) i * CONTROL_SIZE, CONTROL_SIZE));
        }
        errors = new UdpErrors(spec, pool, paths);
    }

    int receive(PacketBatch into) {
        int held = fd.hold();
        if (held < 0) {
            return 0;
        }
        int before = into.size();
        try {
            hand(into);
            if (pendingFrom == pendingTo && into.room() > 0) {
                receive(held, into.room());
                hand(into);
            }
            if (into.size() == before || ++callsSinceErrorCheck >= CALLS_BETWEEN_ERROR_CHECKS) {
                callsSinceErrorCheck = 0;
                errors.receive(held, into);
            }
        } finally {
            fd.leave();
        }
        return into.size() - before;
    }

    /// Fills `pending`, which is empty, from the socket.
    private void receive(int held, int room) {
        pendingFrom = 0;
        pendingTo = 0;
        int lent = lend(Math.min(room, messagesAtOnce));
        if (lent == 0) {
            return;
        }
        int n = LibcSocket.recvmmsg(errno, held, messages, lent, Inet.MSG_DONTWAIT, MemorySegment.NULL);
        if (n < 0 && n != -Errno.EAGAIN && n != -Errno.EINTR) {
            // An error that the network reported about an earlier packet; its message waits in the other queue.
            callsSinceErrorCheck = CALLS_BETWEEN_ERROR_CHECKS;
        }
        for (int i = 0; i < lent; i++) {
            PacketBuffer p = pending[i];
            pending[i] = null;
            if (i < n && describe(i, p)) {
                pending[pendingTo] = p;
                segmentOf[pendingTo++] = readControl(i, p);
            } else {
                p.release();
            }
        }
    }

    private int lend(int wanted) {
        int lent = 0;
        while (lent < wanted) {
            PacketBuffer p = pool.lend();
            if (p == null) {
                starved++;
                break;
            }
            long at = (long) lent * Message.MULTI_SIZE;
            Iovec.set(vectors, lent, p.segment(), p.head(), p.tailroom());
            Message.nameLength(messages, at, Inet.ADDRESS_SIZE);
            Message.controlLength(messages, at, CONTROL_SIZE);
            pending[lent++] = p;
        }
        return lent;
    }

    /// Reads what stands beside message `index` into `p`. Answers false when the datagram was longer than the
    /// buffer.
    private boolean describe(int index, PacketBuffer p) {
        long message = (long) index * Message.MULTI_SIZE;
        if ((Message.flags(messages, message) & Inet.MSG_TRUNC) != 0) {
            cut++;
            return false;
        }
        p.put(Message.moved(messages, message));
        Addressing a = p.addressing();
        a.protocol = IpProtocol.UDP;
        a.source = Inet.address(names, (long) index * Inet.ADDRESS_SIZE);
        a.sourcePort = Inet.port(names, (long) index * Inet.ADDRESS_SIZE);
        a.destinationPort = port;
        return true;
    }

    /// Reads the control messages of message `index`; answers the size of joined datagrams, or the length of
    /// the only one.
    private int readControl(int index, PacketBuffer p) {
        int segment = 0;
        long at = (long) index * CONTROL_SIZE;
        long end = at + Message.controlLength(messages, (long) index * Message.MULTI_SIZE);
        while (at + Message.CONTROL_HEADER <= end) {
            int octets = Message.controlMessageLength(controls, at);
            if (octets < Message.CONTROL_HEADER) {
                break;
            }
            long data = at + Message.CONTROL_HEADER;
            int level = Message.controlLevel(controls, at);
            int type = Message.controlType(controls, at);
            if (level == Inet.SOL_UDP && type == Inet.UDP_GRO) {
                segment = HostOrder.i32(controls, data);
            } else if (level == Inet.SOL_IP) {
                readIp(type, data, p.addressing());
            }
            at += Message.controlSpace(octets - Message.CONTROL_HEADER);
        }
        return segment > 0 ? segment : p.length();
    }

    private void readIp(int type, long data, Addressing a) {
        switch (type) {
            case Inet.IP_TOS -> a.tos = Octets.u8(controls, data);
            case Inet.IP_TTL -> a.timeToLive = HostOrder.i32(controls, data);
            case Inet.IP_PKTINFO -> {
                a.link = Inet.packetInfoLink(controls, data);
                a.destination = Inet.packetInfoDestination(controls, data);
            }
            default -> {}
        }
    }

    /// Moves datagrams from `pending` to `into`, as many as there is room for. Of joined ones the first is
    /// copied into a buffer of its own, again and again, until the last one has the buffer to itself.
    private void hand(PacketBatch into) {
        while (pendingFrom < pendingTo && into.room() > 0) {
            PacketBuffer p = pending[pendingFrom];
            int segment = segmentOf[pendingFrom];
            if (p.length() <= segment) {
                into.add(p);
                pending[pendingFrom++] = null;
                continue;
            }
            PacketBuffer first = pool.lend();
            if (first == null) {
                starved++;
                return;
            }
            MemorySegment.copy(p.segment(), p.head(), first.segment(), first.put(segment), segment);
            first.addressing().copyFrom(p.addressing());
            p.pull(segment);
            into.add(first);
        }
    }

    /// How often there was no buffer to receive into, or no room for what had been received.
    long starved() {
        return starved;
    }

    /// How many datagrams were longer than a buffer.
    long cut() {
        return cut;
    }

    /// Releases what was received and not handed on. After the last [#receive].
    void release() {
        while (pendingFrom < pendingTo) {
            pending[pendingFrom].release();
            pending[pendingFrom++] = null;
        }
    }
}
