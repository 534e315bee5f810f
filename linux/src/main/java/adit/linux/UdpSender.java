package adit.linux;

import adit.device.Errno;
import adit.linux.sys.HostOrder;
import adit.linux.sys.Inet;
import adit.linux.sys.Iovec;
import adit.linux.sys.Libc;
import adit.linux.sys.LibcSocket;
import adit.linux.sys.Message;
import adit.packet.Addressing;
import adit.packet.PacketBatch;
import adit.packet.PacketBuffer;
import adit.packet.Refusal;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/// The sending half of a UDP underlay.
///
/// A batch becomes as few calls as can be. Packets that follow each other with the same addressing and the same
/// length, the last one perhaps shorter, become one message that the kernel or the network card cuts apart
/// again (UDP_SEGMENT). Messages that want the same socket options go out in one sendmmsg(2); DF and the
/// checksum are options of the socket, so a change between packets ends a run, and in a steady flow there is
/// none.
///
/// ```
/// message k: name k | iovecs of its packets | control: TOS, TTL, packet info, segment size
/// ```
///
/// For one thread.
final class UdpSender {
    private static final int MAX_MESSAGES = 64;
    /// UDP_MAX_SEGMENTS was 64 before Linux 6.9.
    private static final int MAX_SEGMENTS = 64;

    private static final int MAX_PAYLOAD = 65_507;
    private static final int TOS_AT = 0;
    private static final int TTL_AT = TOS_AT + Message.controlSpace(Integer.BYTES);
    private static final int INFO_AT = TTL_AT + Message.controlSpace(Integer.BYTES);
    private static final int SEGMENT_AT = INFO_AT + Message.controlSpace(Inet.PACKET_INFO_SIZE);
    private static final int CONTROL_SIZE = SEGMENT_AT + Message.controlSpace(Short.BYTES);

    private final Fd fd;
    private final Paths paths;
    private final boolean checksumWanted;
    private boolean segments;

    private final MemorySegment errno;
    private final MessageTable messages;
    private final MemorySegment controls;
    private final MemorySegment vectors;
    private final SocketOptions options;

    // The run that is being put together: which packets of the batch each message holds.
    private final int[] firstOf = new int[MAX_MESSAGES + 1];
    private int messageCount;
    private int vectorCount;

    // What the socket is set to.
    private boolean dontFragment = true;
    private boolean checksumOff;

    UdpSender(Fd fd, UdpSpec spec, Paths paths) {
        this.fd = fd;
        this.paths = paths;
        this.checksumWanted = spec.checksum() == UdpSpec.Checksum.ON;
        this.segments = spec.offload() == UdpSpec.Offload.AUTO;
        Arena arena = Arena.ofAuto();
        errno = Libc.newErrnoState(arena);
        messages = new MessageTable(arena, MAX_MESSAGES, Iovec.MAX_COUNT / MAX_MESSAGES, CONTROL_SIZE);
        controls = messages.controls();
        vectors = messages.vectors();
        options = new SocketOptions(fd, "UDP port " + spec.port(), arena);
    }

    int send(PacketBatch batch) {
        int held = fd.hold();
        if (held < 0) {
            batch.refuseFrom(0, Refusal.DOWN);
            return 0;
        }
        try {
            int size = batch.size();
            for (int at = 0; at < size; ) {
                at = sendRun(held, batch, at);
            }
        } finally {
            fd.leave();
        }
        return batch.releaseTaken();
    }

    /// Sends as many packets from index `at` on as can go with the same socket options, and answers the index
    /// behind them.
    private int sendRun(int held, PacketBatch batch, int at) {
        messageCount = 0;
        vectorCount = 0;
        Addressing first = batch.get(at).addressing();
        boolean runJoined = joins(batch, at);
        int i = at;
        while (i < batch.size() && messageCount < MAX_MESSAGES && vectorCount + MAX_SEGMENTS <= Iovec.MAX_COUNT) {
            if (batch.get(i).addressing().dontFragment != first.dontFragment
                    || (!checksumWanted && joins(batch, i) != runJoined)) {
                break;
            }
            i = addMessage(batch, i);
        }
        firstOf[messageCount] = i;
        fit(first.dontFragment, !checksumWanted && !runJoined);
        transmit(held, batch);
        return i;
    }

    private boolean joins(PacketBatch batch, int at) {
        return segments
                && at + 1 < batch.size()
                && follows(batch.get(at), batch.get(at + 1), batch.get(at).length());
    }

    private static boolean follows(PacketBuffer first, PacketBuffer next, int segment) {
        Addressing a = first.addressing();
        Addressing b = next.addressing();
        return next.length() <= segment
                && a.destination == b.destination
                && a.destinationPort == b.destinationPort
                && a.source == b.source
                && a.tos == b.tos
                && a.timeToLive == b.timeToLive
                && a.dontFragment == b.dontFragment
                && a.link == b.link;
    }

    /// Makes the next message of the packet at `at` and those that join it; answers the index behind them.
    private int addMessage(PacketBatch batch, int at) {
        PacketBuffer first = batch.get(at);
        int segment = first.length();
        int firstVector = vectorCount;
        int total = 0;
        int i = at;
        boolean more = true;
        while (more) {
            PacketBuffer p = batch.get(i++);
            p.refuse(Refusal.NONE);
            Iovec.set(vectors, vectorCount++, p.segment(), p.head(), p.length());
            total += p.length();
            more = segments
                    && p.length() == segment
                    && segment > 0
                    && i < batch.size()
                    && i - at < MAX_SEGMENTS
                    && total + batch.get(i).length() <= MAX_PAYLOAD
                    && follows(first, batch.get(i), segment);
        }
        int k = messageCount++;
        firstOf[k] = at;
        messages.vectors(k, firstVector, i - at);
        Inet.putAddress(messages.name(k), 0, first.addressing().destination, first.addressing().destinationPort);
        messages.controlLength(k, putControl(messages.controlAt(k), first, i - at > 1));
        return i;
    }

    /// Writes the control messages and answers their length.
    private int putControl(long at, PacketBuffer p, boolean joined) {
        Addressing a = p.addressing();
        int ip = Inet.SOL_IP;
        HostOrder.put32(controls, Message.putControl(controls, at + TOS_AT, ip, Inet.IP_TOS, Integer.BYTES), a.tos);
        HostOrder.put32(
                controls, Message.putControl(controls, at + TTL_AT, ip, Inet.IP_TTL, Integer.BYTES), a.timeToLive);
        long info = Message.putControl(controls, at + INFO_AT, ip, Inet.IP_PKTINFO, Inet.PACKET_INFO_SIZE);
        Inet.putPacketInfo(controls, info, a.link, a.source);
        if (!joined) {
            return SEGMENT_AT;
        }
        long segment = Message.putControl(controls, at + SEGMENT_AT, Inet.SOL_UDP, Inet.UDP_SEGMENT, Short.BYTES);
        HostOrder.put16(controls, segment, p.length());
        return CONTROL_SIZE;
    }

    private void fit(boolean wantsDontFragment, boolean wantsChecksumOff) {
        if (wantsDontFragment != dontFragment) {
            int mode = wantsDontFragment ? Inet.IP_PMTUDISC_DO : Inet.IP_PMTUDISC_DONT;
            options.set(Inet.SOL_IP, Inet.IP_MTU_DISCOVER, mode);
            dontFragment = wantsDontFragment;
        }
        if (wantsChecksumOff != checksumOff) {
            options.set(Inet.SOL_SOCKET, Inet.SO_NO_CHECK, wantsChecksumOff ? 1 : 0);
            checksumOff = wantsChecksumOff;
        }
    }

    private void transmit(int held, PacketBatch batch) {
        int done = 0;
        boolean retried = false;
        while (done < messageCount) {
            int n = LibcSocket.sendmmsg(errno, held, messages.from(done), messageCount - done, Inet.MSG_DONTWAIT);
            if (n > 0) {
                done += n;
                retried = false;
            } else if (!retried && n != -Errno.EAGAIN) {
                // It may have been interrupted, or the echo of an earlier packet's ICMP error.
                retried = true;
            } else {
                done = failed(held, batch, done, -n);
                retried = false;
            }
        }
    }

    /// Refuses what the message at `index` holds, or all that is left, and answers with which message to go on.
    private int failed(int held, PacketBatch batch, int index, int error) {
        int from = firstOf[index];
        int to = firstOf[index + 1];
        Refusal why = SocketErrno.refusal(error);
        if (to - from > 1 && why != Refusal.FULL && why != Refusal.UNREACHABLE && why != Refusal.DOWN) {
            oneByOne(held, batch, from, to, why == Refusal.MALFORMED || error == Errno.EIO);
            return index + 1;
        }
        if (why == Refusal.FULL) {
            to = firstOf[messageCount];
            index = messageCount - 1;
        }
        if (why == Refusal.TOO_BIG || why == Refusal.UNREACHABLE) {
            paths.stale(batch.get(from).addressing().destination);
        }
        for (int i = from; i < to; i++) {
            batch.get(i).refuse(why);
        }
        return index + 1;
    }

    /// The kernel or the interface took offence at a joined message: sends its packets each for itself. When it
    /// was not about their size, joins no more packets from now on.
    private void oneByOne(int held, PacketBatch batch, int from, int to, boolean forGood) {
        segments &= !forGood;
        for (int i = from; i < to; i++) {
            PacketBuffer p = batch.get(i);
            Iovec.set(vectors, 0, p.segment(), p.head(), p.length());
            Inet.putAddress(messages.name(0), 0, p.addressing().destination, p.addressing().destinationPort);
            messages.vectors(0, 0, 1);
            messages.controlLength(0, putControl(0, p, false));
            int n = LibcSocket.sendmmsg(errno, held, messages.from(0), 1, Inet.MSG_DONTWAIT);
            if (n < 0) {
                p.refuse(SocketErrno.refusal(-n));
                if (n == -Errno.EMSGSIZE) {
                    paths.stale(p.addressing().destination);
                }
            }
        }
    }

    /// Whether packets are still joined into messages.
    boolean segments() {
        return segments;
    }
}
