package adit.linux;

import adit.device.Errno;
import adit.linux.sys.Inet;
import adit.linux.sys.Iovec;
import adit.linux.sys.Libc;
import adit.linux.sys.LibcSocket;
import adit.linux.sys.Message;
import adit.packet.Addressing;
import adit.packet.PacketBatch;
import adit.packet.Refusal;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/// Writes packets to a raw socket: the kernel gathers headers and payload, looks up the route and does all that
/// it does for packets of its own.
///
/// ```
/// message k: name k | iovecs: headers k, payload or a piece of it | control: packet info, if need be
/// ```
final class SocketWriter implements PacketWriter {
    private static final int MAX_MESSAGES = 128;
    private static final int CONTROL_SIZE = Message.controlSpace(Inet.PACKET_INFO_SIZE);
    private static final int MAX_ERRORS_AT_ONCE = 64;

    private final Fd fd;
    private final Paths paths;
    private final MemorySegment errno;
    private final MessageTable messages;
    private final MemorySegment headers;
    private final MemorySegment errors;
    /// Which packet of the batch each message is of.
    private final int[] packetOf = new int[MAX_MESSAGES];

    private int held;
    private PacketBatch batch;
    private int messageCount;

    /// On a raw socket of protocol 255. `paths` hears what the kernel says against packets.
    SocketWriter(Fd fd, Paths paths) {
        this.fd = fd;
        this.paths = paths;
        Arena arena = Arena.ofAuto();
        errno = Libc.newErrnoState(arena);
        messages = new MessageTable(arena, MAX_MESSAGES, 2, CONTROL_SIZE);
        headers = arena.allocate((long) MAX_MESSAGES * HEADERS_ROOM, 8);
        errors = arena.allocate(Message.SIZE, 8);
    }

    @Override
    public boolean begin(PacketBatch batch) {
        this.batch = batch;
        held = fd.hold();
        return held >= 0;
    }

    @Override
    public void end() {
        batch = null;
        fd.leave();
    }

    @Override
    public boolean hasRoom() {
        return messageCount < MAX_MESSAGES;
    }

    @Override
    public MemorySegment headers() {
        return headers;
    }

    @Override
    public long headersAt() {
        return (long) messageCount * HEADERS_ROOM;
    }

    @Override
    public void add(int index, Addressing a, int front, MemorySegment s, int from, int length) {
        int k = messageCount++;
        packetOf[k] = index;
        Iovec.set(messages.vectors(), 2 * k, headers, (long) k * HEADERS_ROOM, front);
        Iovec.set(messages.vectors(), 2 * k + 1, s, from, length);
        Inet.putAddress(messages.name(k), 0, a.destination, 0);
        int control = 0;
        if ((a.link | a.source) != 0) {
            // The route is looked up with the source, as it was for the path.
            MemorySegment controls = messages.controls();
            long info = Message.putControl(
                    controls, messages.controlAt(k), Inet.SOL_IP, Inet.IP_PKTINFO, Inet.PACKET_INFO_SIZE);
            Inet.putPacketInfo(controls, info, a.link, a.source);
            control = CONTROL_SIZE;
        }
        messages.controlLength(k, control);
    }

    @Override
    public void transmit() {
        int done = 0;
        boolean retried = false;
        while (done < messageCount) {
            int n = LibcSocket.sendmmsg(errno, held, messages.from(done), messageCount - done, Inet.MSG_DONTWAIT);
            if (n > 0) {
                done += n;
                retried = false;
            } else if (!retried && n != -Errno.EAGAIN && n != -Errno.ENOBUFS) {
                retried = true;
            } else {
                done = refuse(done, -n);
                retried = false;
            }
        }
        messageCount = 0;
    }

    @Override
    public void finish() {
        transmit();
    }

    /// Refuses the packet that the message at `index` is of, or all that are left, and answers with which
    /// message to go on.
    private int refuse(int index, int error) {
        Refusal why = SocketErrno.refusal(error);
        int packet = packetOf[index];
        int next = index;
        while (next < messageCount && (why == Refusal.FULL || packetOf[next] == packet)) {
            batch.get(packetOf[next++]).refuse(why);
        }
        if (why == Refusal.TOO_BIG || why == Refusal.UNREACHABLE) {
            paths.stale(batch.get(packet).addressing().destination);
            forgetErrors();
        }
        return next;
    }

    /// Empties the queue in which the kernel says once more that a packet was too big; it is told already.
    private void forgetErrors() {
        for (int i = 0; i < MAX_ERRORS_AT_ONCE; i++) {
            if (LibcSocket.recvmsg(errno, held, errors, Inet.MSG_ERRQUEUE | Inet.MSG_DONTWAIT) < 0) {
                return;
            }
        }
    }
}
