package adit.linux;

import adit.device.Errno;
import adit.linux.sys.HostOrder;
import adit.linux.sys.Inet;
import adit.linux.sys.Message;
import adit.linux.sys.Poll;
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
/// One recvmmsg(2) fills several buffers. Where the kernel joins datagrams of a flow (UDP_GRO), one buffer
/// holds several of the same size, and is handed on so ([Addressing#joined]).
///
/// Errors that the network reported are asked for when there is nothing to receive and there may be one, when a
/// call says that there is one, and now and then under load.
///
/// For one thread, whose pool lends the buffers.
final class UdpReceiver {
    private static final int MAX_MESSAGES = 64;
    /// Joined datagrams fill the batch from few messages.
    private static final int MAX_JOINED_MESSAGES = 8;

    private static final int CALLS_BETWEEN_ERROR_CHECKS = 64;
    private static final int CONTROL_SIZE = 128;

    private final Fd fd;
    private final UdpErrors errors;
    private final int port;
    private final MessageReceiver messages;
    private final MessageTable table;
    private final MemorySegment controls;
    private final RestInRead rest = RestInRead.withTimeout();
    private int callsSinceErrorCheck;

    UdpReceiver(UdpSocket socket, UdpSpec spec, PacketPool pool, Paths paths) {
        this.fd = socket.fd();
        this.port = spec.port();
        int messagesAtOnce = socket.joinsReceived() ? MAX_JOINED_MESSAGES : MAX_MESSAGES;
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
            receive(held, into);
            boolean isDue = ++callsSinceErrorCheck >= CALLS_BETWEEN_ERROR_CHECKS;
            if (isDue || (into.size() == before && (fd.takeEvents() & Poll.POLLERR) != 0)) {
                callsSinceErrorCheck = 0;
                errors.receive(held, into);
            }
        } finally {
            fd.leave();
        }
        return into.size() - before;
    }

    private void receive(int held, PacketBatch into) {
        int n = rest.take() && into.room() > 0 ? messages.await(held, rest) : messages.receive(held, into.room());
        if (n < 0 && n != -Errno.EAGAIN && n != -Errno.EINTR) {
            // An error that the network reported about an earlier packet; its message waits in the other queue.
            callsSinceErrorCheck = CALLS_BETWEEN_ERROR_CHECKS;
        }
        for (int i = 0; i < n; i++) {
            PacketBuffer p = messages.take(i);
            if (p != null) {
                describe(i, p);
                into.add(p);
            }
        }
    }

    /// Reads what stands beside message `index` into `p`.
    private void describe(int index, PacketBuffer p) {
        MemorySegment name = table.name(index);
        Addressing a = p.addressing();
        a.protocol = IpProtocol.UDP;
        a.source = Inet.address(name, 0);
        a.sourcePort = Inet.port(name, 0);
        a.destinationPort = port;
        int segment = readControl(index, p);
        a.joined = segment > 0 && segment < p.length() ? segment : 0;
    }

    /// Reads the control messages of message `index`; answers the size of joined datagrams, or 0.
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
        return segment;
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

    RestInRead rest() {
        return rest;
    }

    /// How often there was no buffer to receive into.
    long starved() {
        return messages.starved();
    }

    /// How many datagrams were longer than a buffer.
    long cut() {
        return messages.cut();
    }
}
