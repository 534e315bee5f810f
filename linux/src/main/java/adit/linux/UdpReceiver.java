package adit.linux;

import adit.device.Errno;
import adit.linux.sys.HostOrder;
import adit.linux.sys.Inet;
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
/// One recvmmsg(2) fills several buffers. Where the kernel joins datagrams of a flow
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
    private final MessageReceiver messages;
    private final MessageTable table;
    private final MemorySegment controls;
    private int callsSinceErrorCheck;
    private long starved;

    // Received messages that the batch had no room for yet, and the size of the datagrams joined in each.
    private final PacketBuffer[] pending;
    private final int[] segmentOf;
    private int pendingFrom;
    private int pendingTo;

    UdpReceiver(UdpSocket socket, UdpSpec spec, PacketPool pool, Paths paths) {
        this.fd = socket.fd();
        this.pool = pool;
        this.port = spec.port();
        int messagesAtOnce = socket.joinsReceived() ? MAX_JOINED_MESSAGES : MAX_MESSAGES;
        this.pending = new PacketBuffer[messagesAtOnce];
        this.segmentOf = new int[messagesAtOnce];
        messages = new MessageReceiver(Arena.ofAuto(), pool, messagesAtOnce, CONTROL_SIZE);
        table = messages.table();
        controls = table.controls();
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
        int n = messages.receive(held, room);
        if (n < 0 && n != -Errno.EAGAIN && n != -Errno.EINTR) {
            // An error that the network reported about an earlier packet; its message waits in the other queue.
            callsSinceErrorCheck = CALLS_BETWEEN_ERROR_CHECKS;
        }
        for (int i = 0; i < n; i++) {
            PacketBuffer p = messages.take(i);
            if (p != null) {
                describe(i, p.addressing());
                pending[pendingTo] = p;
                segmentOf[pendingTo++] = readControl(i, p);
            }
        }
    }

    /// Reads who sent message `index`.
    private void describe(int index, Addressing a) {
        MemorySegment name = table.name(index);
        a.protocol = IpProtocol.UDP;
        a.source = Inet.address(name, 0);
        a.sourcePort = Inet.port(name, 0);
        a.destinationPort = port;
    }

    /// Reads the control messages of message `index`; answers the size of joined datagrams, or the length of
    /// the only one.
    private int readControl(int index, PacketBuffer p) {
        int segment = 0;
        long end = table.controlEnd(index);
        long at = Message.firstControl(controls, table.controlAt(index), end);
        for (; at >= 0; at = Message.nextControl(controls, at, end)) {
            long data = at + Message.CONTROL_HEADER;
            int level = Message.controlLevel(controls, at);
            int type = Message.controlType(controls, at);
            if (level == Inet.SOL_UDP && type == Inet.UDP_GRO) {
                segment = HostOrder.i32(controls, data);
            } else if (level == Inet.SOL_IP) {
                readIp(type, data, p.addressing());
            }
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
        return starved + messages.starved();
    }

    /// How many datagrams were longer than a buffer.
    long cut() {
        return messages.cut();
    }

    /// Releases what was received and not handed on. After the last [#receive].
    void release() {
        while (pendingFrom < pendingTo) {
            pending[pendingFrom].release();
            pending[pendingFrom++] = null;
        }
    }
}
