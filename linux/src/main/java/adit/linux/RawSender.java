package adit.linux;

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

/// The sending half of a raw underlay: writes the outer header and gives whole IP packets to one of two
/// writers.
///
/// Outer headers stand beside the packets, so a packet needs no headroom and one that is refused is as it was.
/// A packet that is larger than its path and may be fragmented is fragmented the same way: the kernel does not
/// fragment what comes with its own header. A super-packet is cut the same way: the headers of its segments are
/// written behind the outer ones, and the payload is taken from where it stands.
///
/// A packet that fits its path goes by the ring if that takes it, everything else by the socket. What was added
/// to one writer is sent before something is added to the other, so packets don't overtake each other here.
///
/// When a fragment or a segment is refused, its packet is; fragments that went before it are lost in vain. For
/// one thread.
final class RawSender {
    private static final int HEADER = OuterHeader.IPV4_LENGTH;
    private static final int MAX_SEGMENT_HEADERS = PacketWriter.HEADERS_ROOM - HEADER;

    private enum Way {
        SOCKET,
        RING
    }

    private final SocketWriter socket;
    /// Null when there is none.
    private final RingWriter ring;

    private final Paths paths;
    private final OuterHeader header;
    private final Segmenter segmenter = new Segmenter();
    /// Where a segment is put together that must be fragmented.
    private final MemorySegment segment;
    /// Where the header of a packet stands that is being fragmented.
    private final MemorySegment whole;

    /// Whether the ring takes part in the batch at hand.
    private boolean ringing;
    /// Where packets were added last, and there they wait.
    private Way way = Way.SOCKET;

    private PacketWriter writer;

    RawSender(SocketWriter socket, RingWriter ring, Paths paths, RandomGenerator random) {
        this.socket = socket;
        this.ring = ring;
        this.paths = paths;
        this.writer = socket;
        this.header = new OuterHeader(new Identifications(random), OuterHeader.UdpChecksum.OFF);
        Arena arena = Arena.ofAuto();
        segment = arena.allocate(OuterHeader.MAX_TOTAL_LENGTH, 64);
        whole = arena.allocate(HEADER, 8);
    }

    int send(PacketBatch batch) {
        if (!socket.begin(batch)) {
            batch.refuseFrom(0, Refusal.DOWN);
            return 0;
        }
        ringing = ring != null && ring.begin(batch);
        try {
            int size = batch.size();
            for (int i = 0; i < size; i++) {
                PacketBuffer p = batch.get(i);
                p.refuse(Refusal.NONE);
                Refusal why = add(p, i);
                if (why != Refusal.NONE) {
                    p.refuse(why);
                }
            }
            writer.transmit();
        } finally {
            if (ringing) {
                ring.end();
            }
            socket.end();
        }
        return batch.releaseTaken();
    }

    /// Adds the packet at `index` to those that will be sent, or answers why not.
    private Refusal add(PacketBuffer p, int index) {
        Addressing a = p.addressing();
        Offload offload = p.offload();
        boolean single = offload.segmentation == Offload.Segmentation.NONE;
        if (single && offload.checksum == Offload.Checksum.PARTIAL) {
            return Refusal.MALFORMED; // nobody behind this would finish it
        }
        if (!single && (segmenter.begin(p) == 0 || segmenter.headerLength() > MAX_SEGMENT_HEADERS)) {
            return Refusal.MALFORMED;
        }
        int total = HEADER + (single ? p.length() : segmenter.largest());
        if (total > OuterHeader.MAX_TOTAL_LENGTH) {
            return Refusal.TOO_BIG;
        }
        Path path = paths.path(a.source, a.destination);
        // Where no way is known, the kernel is asked all the same: it knows best, and says why.
        boolean fits = !path.exists() || total <= path.mtu();
        if (!fits && (a.dontFragment || Fragments.payloadLength(path.mtu()) == 0)) {
            return Refusal.TOO_BIG;
        }
        switchTo(fits && path.exists() && ringing && ring.takes(a, total) ? Way.RING : Way.SOCKET);
        if (!single) {
            addSegments(p, index, fits ? OuterHeader.MAX_TOTAL_LENGTH : path.mtu());
        } else if (fits) {
            addWhole(p, index);
        } else {
            addFragments(p, index, path.mtu(), p.segment(), p.head(), p.length());
        }
        return Refusal.NONE;
    }

    private void switchTo(Way next) {
        if (way != next) {
            writer.finish();
            way = next;
            writer = way == Way.RING ? ring : socket;
        }
    }

    private void addWhole(PacketBuffer p, int index) {
        if (makeRoom(p)) {
            header.emitIpv4(p.addressing(), p.length(), writer.headers(), writer.headersAt());
            writer.add(index, p.addressing(), HEADER, p.segment(), p.head(), p.length());
        }
    }

    /// Adds the segments that the segmenter has begun with.
    private void addSegments(PacketBuffer p, int index, int mtu) {
        int inner = segmenter.headerLength();
        int payload = p.length() - inner;
        for (int done = 0; done < payload || done == 0; done += segmenter.payloadLength()) {
            if (!makeRoom(p)) {
                return;
            }
            MemorySegment headers = writer.headers();
            long at = writer.headersAt();
            segmenter.nextHeaders(headers, at + HEADER);
            int octets = inner + segmenter.payloadLength();
            if (HEADER + octets <= mtu) {
                header.emitIpv4(p.addressing(), octets, headers, at);
                writer.add(
                        index,
                        p.addressing(),
                        HEADER + inner,
                        p.segment(),
                        segmenter.payloadAt(),
                        segmenter.payloadLength());
            } else {
                MemorySegment.copy(headers, at + HEADER, segment, 0, inner);
                MemorySegment.copy(p.segment(), segmenter.payloadAt(), segment, inner, segmenter.payloadLength());
                addFragments(p, index, mtu, segment, 0, octets);
                // The next segment is put together in the same place.
                writer.transmit();
            }
        }
    }

    private void addFragments(PacketBuffer p, int index, int mtu, MemorySegment s, int at, int octets) {
        int each = Fragments.payloadLength(mtu);
        int count = Fragments.count(octets, mtu);
        header.emitIpv4(p.addressing(), octets, whole, 0);
        for (int i = 0; i < count && makeRoom(p); i++) {
            int offset = i * each;
            int length = i == count - 1 ? octets - offset : each;
            Fragments.emitHeader(whole, 0, offset, length, writer.headers(), writer.headersAt());
            writer.add(index, p.addressing(), HEADER, s, at + offset, length);
        }
    }

    /// Sees to it that a packet, or one more part of it, can be added; sends what waits first when there is no
    /// room. Answers false when an earlier part of it was refused, or when there is still no room and it is
    /// refused now.
    private boolean makeRoom(PacketBuffer p) {
        if (!writer.hasRoom()) {
            writer.transmit();
            if (!writer.hasRoom() && p.refusal() == Refusal.NONE) {
                p.refuse(Refusal.FULL);
            }
        }
        return p.refusal() == Refusal.NONE;
    }
}
