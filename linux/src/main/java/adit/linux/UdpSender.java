package adit.linux;

import adit.device.Errno;
import adit.linux.sys.HostOrder;
import adit.linux.sys.Inet;
import adit.linux.sys.Iovec;
import adit.linux.sys.Libc;
import adit.linux.sys.LibcSocket;
import adit.linux.sys.Message;
import adit.offload.Segmenter;
import adit.packet.Addressing;
import adit.packet.Offload;
import adit.packet.PacketBatch;
import adit.packet.PacketBuffer;
import adit.packet.Refusal;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/// The sending half of a UDP underlay.
///
/// A batch becomes as few calls as can be. Packets that follow each other with the same addressing and the same
/// length, the last one perhaps shorter, become one message that the kernel or the network card cuts apart
/// again (UDP_SEGMENT), and so do the segments of a super-packet. Messages that want the same socket options go
/// out in one sendmmsg(2); DF and the checksum are options of the socket, so a change between packets ends a
/// run, and in a steady flow there is none.
///
/// ```
/// message k: name k | iovecs of its pieces | control: TOS, TTL, packet info, segment size
/// piece: a packet | the headers of a segment, written here, and its payload, where it stands in the super-packet
/// ```
///
/// When a message with some of a super-packet's segments is refused, the super-packet is; those that went
/// before are on their way. For one thread.
final class UdpSender {
    private static final int MAX_MESSAGES = 64;
    /// UDP_MAX_SEGMENTS was 64 before Linux 6.9.
    private static final int MAX_SEGMENTS = 64;

    private static final int MAX_PAYLOAD = 65_507;
    /// For the headers of segments.
    private static final int HEADERS_SIZE = 1 << 16;

    private static final int MAX_HEADERS = 1024;
    private static final int TOS_AT = 0;
    private static final int TTL_AT = TOS_AT + Message.controlSpace(Integer.BYTES);
    private static final int INFO_AT = TTL_AT + Message.controlSpace(Integer.BYTES);
    private static final int SEGMENT_AT = INFO_AT + Message.controlSpace(Inet.PACKET_INFO_SIZE);
    private static final int CONTROL_SIZE = SEGMENT_AT + Message.controlSpace(Short.BYTES);

    private final Fd fd;
    private final Paths paths;
    private final Segmenter segmenter = new Segmenter();
    private final boolean checksumWanted;
    private volatile boolean segments;

    private final MemorySegment errno;
    private final MessageTable messages;
    private final MemorySegment controls;
    private final MemorySegment vectors;
    private final MemorySegment headers;
    private final SocketOptions options;

    // The run that is being put together: which packets of the batch each message holds, and in which iovecs.
    private final int[] fromPacket = new int[MAX_MESSAGES];
    private final int[] toPacket = new int[MAX_MESSAGES];
    private final int[] fromVector = new int[MAX_MESSAGES];
    private final int[] pieces = new int[MAX_MESSAGES];
    /// Iovecs of each piece: 1 or 2.
    private final int[] vectorsEach = new int[MAX_MESSAGES];
    private int messageCount;
    private int vectorCount;
    private int headersUsed;

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
        headers = arena.allocate(HEADERS_SIZE, 64);
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
        Addressing first = batch.get(at).addressing();
        boolean runJoined = joins(batch, at);
        fit(first.dontFragment, !checksumWanted && !runJoined);
        int i = at;
        while (i < batch.size()
                && batch.get(i).addressing().dontFragment == first.dontFragment
                && (checksumWanted || joins(batch, i) == runJoined)) {
            i = isSuper(batch.get(i)) ? addSegments(held, batch, i) : addPackets(held, batch, i);
        }
        transmit(held, batch);
        return i;
    }

    private static boolean isSuper(PacketBuffer p) {
        return p.offload().segmentation != Offload.Segmentation.NONE;
    }

    /// Makes room for a message with `vectors` iovecs and answers its number; sends the run first when there is
    /// none.
    private int slot(int held, PacketBatch batch, int wanted) {
        if (messageCount == MAX_MESSAGES || vectorCount + wanted > Iovec.MAX_COUNT) {
            transmit(held, batch);
        }
        return messageCount;
    }

    private boolean joins(PacketBatch batch, int at) {
        PacketBuffer p = batch.get(at);
        return segments && (isSuper(p) || (at + 1 < batch.size() && follows(p, batch.get(at + 1), p.length())));
    }

    private static boolean follows(PacketBuffer first, PacketBuffer next, int segment) {
        Addressing a = first.addressing();
        Addressing b = next.addressing();
        return next.length() <= segment
                && !isSuper(next)
                && a.destination == b.destination
                && a.destinationPort == b.destinationPort
                && a.source == b.source
                && a.tos == b.tos
                && a.timeToLive == b.timeToLive
                && a.dontFragment == b.dontFragment
                && a.link == b.link;
    }

    /// Makes the next message of the packet at `at` and those that join it; answers the index behind them.
    private int addPackets(int held, PacketBatch batch, int at) {
        int k = slot(held, batch, MAX_SEGMENTS);
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
        addMessage(k, first, firstVector, i - at, 1, segment);
        fromPacket[k] = at;
        toPacket[k] = i;
        return i;
    }

    /// Makes as few messages as can be of the segments of the super-packet at `at`; answers the index behind
    /// it.
    private int addSegments(int held, PacketBatch batch, int at) {
        PacketBuffer p = batch.get(at);
        int left = segmenter.begin(p);
        boolean can = left > 0 && segmenter.headerLength() <= MAX_HEADERS;
        p.refuse(can ? Refusal.NONE : Refusal.MALFORMED);
        int segment = can ? segmenter.largest() : 0;
        int atOnce = segments && can ? Math.min(MAX_SEGMENTS, Math.max(1, MAX_PAYLOAD / segment)) : 1;
        while (can && left > 0) {
            int count = Math.min(left, atOnce);
            int k = slot(held, batch, 2 * count);
            int firstVector = vectorCount;
            if (headersUsed + count * segmenter.headerLength() > HEADERS_SIZE) {
                transmit(held, batch);
                k = 0;
                firstVector = 0;
            }
            for (int i = 0; i < count; i++) {
                gather(p);
            }
            addMessage(k, p, firstVector, count, 2, segment);
            fromPacket[k] = at;
            toPacket[k] = at + 1;
            left -= count;
        }
        return at + 1;
    }

    /// Adds the iovecs of the next segment.
    private void gather(PacketBuffer p) {
        int octets = segmenter.headerLength();
        segmenter.nextHeaders(headers, headersUsed);
        Iovec.set(vectors, vectorCount++, headers, headersUsed, octets);
        Iovec.set(vectors, vectorCount++, p.segment(), segmenter.payloadAt(), segmenter.payloadLength());
        headersUsed += octets;
    }

    private void addMessage(int k, PacketBuffer first, int firstVector, int count, int each, int segment) {
        messageCount = k + 1;
        fromVector[k] = firstVector;
        pieces[k] = count;
        vectorsEach[k] = each;
        messages.vectors(k, firstVector, count * each);
        Inet.putAddress(messages.name(k), 0, first.addressing().destination, first.addressing().destinationPort);
        messages.controlLength(k, putControl(messages.controlAt(k), first, count > 1 ? segment : 0));
    }

    /// Writes the control messages and answers their length. `size` is that of the segments, 0 when there is
    /// one only.
    private int putControl(long at, PacketBuffer p, int size) {
        Addressing a = p.addressing();
        int ip = Inet.SOL_IP;
        HostOrder.put32(controls, Message.putControl(controls, at + TOS_AT, ip, Inet.IP_TOS, Integer.BYTES), a.tos);
        HostOrder.put32(
                controls, Message.putControl(controls, at + TTL_AT, ip, Inet.IP_TTL, Integer.BYTES), a.timeToLive);
        long info = Message.putControl(controls, at + INFO_AT, ip, Inet.IP_PKTINFO, Inet.PACKET_INFO_SIZE);
        Inet.putPacketInfo(controls, info, a.link, a.source);
        if (size == 0) {
            return SEGMENT_AT;
        }
        long segment = Message.putControl(controls, at + SEGMENT_AT, Inet.SOL_UDP, Inet.UDP_SEGMENT, Short.BYTES);
        HostOrder.put16(controls, segment, size);
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
        messageCount = 0;
        vectorCount = 0;
        headersUsed = 0;
    }

    /// Refuses what the message at `index` holds, or all that is left, and answers with which message to go on.
    private int failed(int held, PacketBatch batch, int index, int error) {
        int from = fromPacket[index];
        int to = toPacket[index];
        Refusal why = SocketErrno.refusal(error);
        if (pieces[index] > 1 && why != Refusal.FULL && why != Refusal.UNREACHABLE && why != Refusal.DOWN) {
            oneByOne(held, batch, index, why == Refusal.MALFORMED || error == Errno.EIO);
            return index + 1;
        }
        if (why == Refusal.FULL) {
            to = toPacket[messageCount - 1];
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

    /// The kernel or the interface took offence at a joined message: sends its pieces each for itself. When it
    /// was not about their size, joins no more from now on.
    private void oneByOne(int held, PacketBatch batch, int index, boolean forGood) {
        if (forGood) {
            segments = false;
        }
        int each = vectorsEach[index];
        for (int i = 0; i < pieces[index]; i++) {
            PacketBuffer p = batch.get(each == 1 ? fromPacket[index] + i : fromPacket[index]);
            messages.vectors(index, fromVector[index] + i * each, each);
            messages.controlLength(index, putControl(messages.controlAt(index), p, 0));
            int n = LibcSocket.sendmmsg(errno, held, messages.from(index), 1, Inet.MSG_DONTWAIT);
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
