package adit.linux;

import adit.device.Errno;
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
import adit.underlay.Fragments;
import adit.underlay.Identifications;
import adit.underlay.OuterHeader;
import adit.underlay.Path;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.random.RandomGenerator;

/// The sending half of a raw underlay: writes the outer header and gives whole IP packets to the kernel.
///
/// Outer headers stand beside the packets and are gathered with them by the kernel, so a packet needs no
/// headroom and one that is refused is as it was. A packet that is larger than its path and may be fragmented
/// is fragmented the same way, without a copy: the kernel does not fragment what comes with its own header. A
/// super-packet is cut the same way: the headers of its segments are written behind the outer ones, and the
/// payload stays where it stands.
///
/// ```
/// message k: name k | iovecs: header k, payload or a piece of it | control: packet info, if need be
/// ```
///
/// When a fragment or a segment is refused, its packet is; fragments that went before it are lost in vain. For
/// one thread.
final class RawSender {
    private static final int MAX_MESSAGES = 128;
    private static final int CONTROL_SIZE = Message.controlSpace(Inet.PACKET_INFO_SIZE);
    private static final int HEADER = OuterHeader.IPV4_LENGTH;
    /// From one header to the next: room for the headers of a segment behind the outer one.
    private static final int HEADER_STRIDE = 192;

    private static final int MAX_SEGMENT_HEADERS = HEADER_STRIDE - HEADER;
    /// Where the header of a packet that is being fragmented stands, behind all others.
    private static final long WHOLE_AT = (long) MAX_MESSAGES * HEADER_STRIDE;

    private static final int MAX_ERRORS_AT_ONCE = 64;

    private final Fd fd;
    private final Paths paths;
    private final OuterHeader header;
    private final Segmenter segmenter = new Segmenter();

    private final MemorySegment errno;
    private final MessageTable messages;
    private final MemorySegment headers;
    private final MemorySegment errors;
    /// Where a segment is put together that must be fragmented.
    private final MemorySegment segment;
    /// Which packet of the batch each message is of.
    private final int[] packetOf = new int[MAX_MESSAGES];

    private int messageCount;

    RawSender(Fd fd, Paths paths, RandomGenerator random) {
        this.fd = fd;
        this.paths = paths;
        this.header = new OuterHeader(new Identifications(random), OuterHeader.UdpChecksum.OFF);
        Arena arena = Arena.ofAuto();
        errno = Libc.newErrnoState(arena);
        messages = new MessageTable(arena, MAX_MESSAGES, 2, CONTROL_SIZE);
        headers = arena.allocate(WHOLE_AT + HEADER_STRIDE, 8);
        errors = arena.allocate(Message.SIZE, 8);
        segment = arena.allocate(OuterHeader.MAX_TOTAL_LENGTH, 64);
    }

    int send(PacketBatch batch) {
        int size = batch.size();
        int held = fd.hold();
        if (held < 0) {
            batch.refuseFrom(0, Refusal.DOWN);
            return 0;
        }
        try {
            for (int i = 0; i < size; i++) {
                PacketBuffer p = batch.get(i);
                p.refuse(add(held, batch, i));
            }
            transmit(held, batch);
        } finally {
            fd.leave();
        }
        return batch.releaseTaken();
    }

    /// Adds the packet at `index` to the run, or answers why not.
    private Refusal add(int held, PacketBatch batch, int index) {
        PacketBuffer p = batch.get(index);
        Addressing a = p.addressing();
        Offload offload = p.offload();
        boolean whole = offload.segmentation == Offload.Segmentation.NONE;
        if (whole && offload.checksum == Offload.Checksum.PARTIAL) {
            return Refusal.MALFORMED; // nobody behind this would finish it
        }
        if (!whole && (segmenter.begin(p) == 0 || segmenter.headerLength() > MAX_SEGMENT_HEADERS)) {
            return Refusal.MALFORMED;
        }
        int total = HEADER + (whole ? p.length() : segmenter.largest());
        if (total > OuterHeader.MAX_TOTAL_LENGTH) {
            return Refusal.TOO_BIG;
        }
        Path path = paths.path(a.source, a.destination);
        boolean fits = !path.exists() || total <= path.mtu();
        if (!fits && (a.dontFragment || Fragments.payloadLength(path.mtu()) == 0)) {
            return Refusal.TOO_BIG;
        }
        if (!whole) {
            return addSegments(held, batch, index, fits ? OuterHeader.MAX_TOTAL_LENGTH : path.mtu());
        }
        if (!fits) {
            return addFragments(held, batch, index, path.mtu(), p.segment(), p.head(), p.length());
        }
        // Where no way is known, the kernel is asked all the same: it knows best, and says why.
        int k = slot(held, batch);
        header.emitIpv4(a, p.length(), headers, (long) k * HEADER_STRIDE);
        addMessage(k, index, p, HEADER, p.segment(), p.head(), p.length());
        return Refusal.NONE;
    }

    /// Adds the segments that the segmenter has begun with.
    private Refusal addSegments(int held, PacketBatch batch, int index, int mtu) {
        PacketBuffer p = batch.get(index);
        p.refuse(Refusal.NONE);
        int inner = segmenter.headerLength();
        int payload = p.length() - inner;
        for (int done = 0; done < payload || done == 0; done += segmenter.payloadLength()) {
            int k = slot(held, batch);
            long at = (long) k * HEADER_STRIDE;
            segmenter.nextHeaders(headers, at + HEADER);
            int octets = inner + segmenter.payloadLength();
            if (HEADER + octets <= mtu) {
                header.emitIpv4(p.addressing(), octets, headers, at);
                addMessage(k, index, p, HEADER + inner, p.segment(), segmenter.payloadAt(), segmenter.payloadLength());
            } else {
                MemorySegment.copy(headers, at + HEADER, segment, 0, inner);
                MemorySegment.copy(p.segment(), segmenter.payloadAt(), segment, inner, segmenter.payloadLength());
                addFragments(held, batch, index, mtu, segment, 0, octets);
                // The next segment is put together in the same place.
                transmit(held, batch);
            }
            if (p.refusal() != Refusal.NONE) {
                break;
            }
        }
        return p.refusal();
    }

    private Refusal addFragments(int held, PacketBatch batch, int index, int mtu, MemorySegment s, int at, int octets) {
        PacketBuffer p = batch.get(index);
        int each = Fragments.payloadLength(mtu);
        int count = Fragments.count(octets, mtu);
        p.refuse(Refusal.NONE);
        header.emitIpv4(p.addressing(), octets, headers, WHOLE_AT);
        for (int i = 0; i < count; i++) {
            int k = slot(held, batch);
            if (p.refusal() != Refusal.NONE) {
                // An earlier fragment was refused while room was made for this one.
                return p.refusal();
            }
            int offset = i * each;
            int length = i == count - 1 ? octets - offset : each;
            Fragments.emitHeader(headers, WHOLE_AT, offset, length, headers, (long) k * HEADER_STRIDE);
            addMessage(k, index, p, HEADER, s, at + offset, length);
        }
        return Refusal.NONE;
    }

    /// A free place for a message; sends the run first when it is full.
    private int slot(int held, PacketBatch batch) {
        if (messageCount == MAX_MESSAGES) {
            transmit(held, batch);
        }
        return messageCount;
    }

    /// Adds a message of the first `front` octets at header `k` and of `length` octets at `from` of `s`.
    private void addMessage(int k, int index, PacketBuffer p, int front, MemorySegment s, int from, int length) {
        messageCount = k + 1;
        packetOf[k] = index;
        Addressing a = p.addressing();
        Iovec.set(messages.vectors(), 2 * k, headers, (long) k * HEADER_STRIDE, front);
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

    private void transmit(int held, PacketBatch batch) {
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
                done = refuse(held, batch, done, -n);
                retried = false;
            }
        }
        messageCount = 0;
    }

    /// Refuses the packet that the message at `index` is of, or all that are left, and answers with which
    /// message to go on.
    private int refuse(int held, PacketBatch batch, int index, int error) {
        Refusal why = SocketErrno.refusal(error);
        int packet = packetOf[index];
        int next = index;
        while (next < messageCount && (why == Refusal.FULL || packetOf[next] == packet)) {
            batch.get(packetOf[next++]).refuse(why);
        }
        if (why == Refusal.TOO_BIG || why == Refusal.UNREACHABLE) {
            paths.stale(batch.get(packet).addressing().destination);
            forgetErrors(held);
        }
        return next;
    }

    /// Empties the queue in which the kernel says once more that a packet was too big; it is told already.
    private void forgetErrors(int held) {
        for (int i = 0; i < MAX_ERRORS_AT_ONCE; i++) {
            if (LibcSocket.recvmsg(errno, held, errors, Inet.MSG_ERRQUEUE | Inet.MSG_DONTWAIT) < 0) {
                return;
            }
        }
    }
}
