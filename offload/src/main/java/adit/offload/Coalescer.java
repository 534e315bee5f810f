package adit.offload;

import adit.packet.Offload;
import adit.packet.Offload.Checksum;
import adit.packet.Offload.Segmentation;
import adit.packet.PacketBatch;
import adit.packet.PacketBuffer;
import adit.wire.InternetChecksum;
import adit.wire.IpProtocol;
import adit.wire.Ipv4;
import adit.wire.Ipv6;
import adit.wire.Octets;
import adit.wire.Tcp;
import adit.wire.Udp;
import java.lang.foreign.MemorySegment;

/// Makes super-packets of packets that follow each other in a batch, as Linux's GRO does.
///
/// A packet joins the super-packet of its flow when nothing but what a segmenter restores would be lost:
///
/// - TCP: next in sequence, same acknowledgment, window and options, no flags but ACK, PSH and FIN, no larger
///   than the first; over IPv4 the identification must be the next one. A shorter segment, PSH or FIN ends the
///   super-packet.
/// - UDP: same ports, no larger than the first, with a checksum; a shorter one ends it, and so does the 64th.
/// - Either: same addresses, TOS or traffic class, TTL or hop limit, flow label and DF; no IPv4 options, no
///   IPv6 extension headers; a valid checksum; at most 65535 octets in all.
///
/// Packets of one flow never overtake each other: one that can't join ends its flow's super-packet. What joined
/// is released. For one thread; nothing is allocated.
public final class Coalescer {
    private static final int MAX_LENGTH = 0xffff;
    private static final int MAX_DATAGRAMS = 64;
    private static final int MERGEABLE_FLAGS = Tcp.ACK | Tcp.PSH | Tcp.FIN;
    private static final int ENDING_FLAGS = Tcp.PSH | Tcp.FIN;

    private final Layers layers = new Layers();
    private final Held[] open;
    private int openCount;

    /// Which transports may be coalesced.
    public enum Transports {
        /// TCP alone: for a reader that can't take UDP super-packets.
        TCP,
        /// TCP and UDP.
        TCP_AND_UDP
    }

    private final Transports transports;

    /// For batches of at most `capacity` packets.
    public Coalescer(int capacity, Transports transports) {
        this.transports = transports;
        open = new Held[capacity];
        for (int i = 0; i < capacity; i++) {
            open[i] = new Held();
        }
    }

    /// A packet that may still grow, and what the next one must look like to join it.
    private static final class Held {
        PacketBuffer packet;
        int version;
        int protocol;
        int transport;
        int payload;
        int segmentSize;
        int segments;
        int ports;
        long nextSequence;
        int nextIdentification;
    }

    /// Coalesces within `batch`. The packets that remain keep their order, each flow its own; those that joined
    /// another are released. A packet that stayed alone but whose checksum was found good is marked
    /// [Checksum#VALID].
    public void coalesce(PacketBatch batch) {
        openCount = 0;
        int kept = 0;
        int size = batch.size();
        for (int i = 0; i < size; i++) {
            PacketBuffer p = batch.get(i);
            if (joins(p)) {
                p.release();
            } else {
                batch.set(kept++, p);
            }
        }
        batch.truncate(kept);
        while (openCount > 0) {
            end(openCount - 1);
        }
    }

    private boolean joins(PacketBuffer p) {
        if (p.offload().segmentation != Segmentation.NONE || !layers.look(p)) {
            return false;
        }
        MemorySegment s = p.segment();
        int at = p.head();
        int ports = Octets.i32(s, at + (long) layers.transport);
        int held = find(p, ports);
        if (!mergeable(p)) {
            if (held >= 0) {
                end(held);
            }
            return false;
        }
        if (held >= 0) {
            if (continues(open[held], p)) {
                append(held, p);
                return true;
            }
            end(held);
        }
        hold(p, ports);
        return false;
    }

    private int find(PacketBuffer p, int ports) {
        for (int i = openCount - 1; i >= 0; i--) {
            Held h = open[i];
            if (h.ports == ports
                    && h.version == layers.version
                    && h.protocol == layers.protocol
                    && sameAddresses(h.packet, p)) {
                return i;
            }
        }
        return -1;
    }

    private boolean sameAddresses(PacketBuffer a, PacketBuffer b) {
        long atA = layers.version == 4 ? Ipv4.SOURCE : Ipv6.SOURCE;
        int octets = layers.version == 4 ? 8 : 32;
        return same(a, a.head() + atA, b, b.head() + atA, octets);
    }

    private static boolean same(PacketBuffer a, long atA, PacketBuffer b, long atB, int octets) {
        int i = 0;
        for (; i + 4 <= octets; i += 4) {
            if (Octets.i32(a.segment(), atA + i) != Octets.i32(b.segment(), atB + i)) {
                return false;
            }
        }
        return true;
    }

    /// Whether the packet alone could be part of a super-packet: lengths agree, flags are harmless, its
    /// checksum is good.
    private boolean mergeable(PacketBuffer p) {
        MemorySegment s = p.segment();
        int at = p.head();
        if (!layers.plain || p.length() == layers.payload) {
            return false;
        }
        int total = layers.version == 4 ? Ipv4.totalLength(s, at) : Ipv6.totalLength(s, at);
        if (total != p.length() || (layers.version == 4 && !Ipv4.checksumValid(s, at))) {
            return false;
        }
        long transport = at + (long) layers.transport;
        int length = p.length() - layers.transport;
        if (layers.protocol == IpProtocol.TCP) {
            int flags = Tcp.flags(s, transport);
            if ((flags & ~MERGEABLE_FLAGS) != 0 || (flags & Tcp.ACK) == 0) {
                return false;
            }
        } else if (transports == Transports.TCP
                || Udp.length(s, transport) != length
                || !Udp.hasChecksum(s, transport)) {
            return false;
        }
        return verified(p, s, at, transport, length);
    }

    private boolean verified(PacketBuffer p, MemorySegment s, int at, long transport, int length) {
        if (p.offload().checksum == Checksum.VALID) {
            return true;
        }
        int sum = layers.pseudoHeader(s, at, length) + InternetChecksum.sum(s, transport, length);
        if (InternetChecksum.fold(sum) != 0xffff) {
            return false;
        }
        p.offload().checksum = Checksum.VALID;
        return true;
    }

    private boolean continues(Held h, PacketBuffer p) {
        int payload = p.length() - layers.payload;
        if (payload > h.segmentSize
                || h.payload != layers.payload
                || h.packet.length() + payload > MAX_LENGTH
                || payload > h.packet.tailroom()) {
            return false;
        }
        PacketBuffer first = h.packet;
        MemorySegment a = first.segment();
        MemorySegment b = p.segment();
        long atA = first.head();
        long atB = p.head();
        if (!sameNetworkHeader(a, atA, b, atB)) {
            return false;
        }
        if (layers.protocol == IpProtocol.UDP) {
            return h.segments < MAX_DATAGRAMS;
        }
        long tcpA = atA + layers.transport;
        long tcpB = atB + layers.transport;
        return Tcp.sequenceNumber(b, tcpB) == h.nextSequence
                && (layers.version == 6 || Ipv4.identification(b, atB) == h.nextIdentification)
                && Tcp.acknowledgmentNumber(a, tcpA) == Tcp.acknowledgmentNumber(b, tcpB)
                && Tcp.window(a, tcpA) == Tcp.window(b, tcpB)
                && same(
                        first,
                        tcpA + Tcp.MIN_HEADER_LENGTH,
                        p,
                        tcpB + Tcp.MIN_HEADER_LENGTH,
                        layers.payload - layers.transport - Tcp.MIN_HEADER_LENGTH);
    }

    private boolean sameNetworkHeader(MemorySegment a, long atA, MemorySegment b, long atB) {
        if (layers.version == 4) {
            return Ipv4.tos(a, atA) == Ipv4.tos(b, atB)
                    && Ipv4.timeToLive(a, atA) == Ipv4.timeToLive(b, atB)
                    && Ipv4.flags(a, atA) == Ipv4.flags(b, atB);
        }
        // Version, traffic class and flow label are one word.
        return Octets.i32(a, atA) == Octets.i32(b, atB) && Ipv6.hopLimit(a, atA) == Ipv6.hopLimit(b, atB);
    }

    private void hold(PacketBuffer p, int ports) {
        MemorySegment s = p.segment();
        int at = p.head();
        int payload = p.length() - layers.payload;
        long transport = at + (long) layers.transport;
        boolean tcp = layers.protocol == IpProtocol.TCP;
        if (tcp && (Tcp.flags(s, transport) & ENDING_FLAGS) != 0) {
            return;
        }
        Held h = open[openCount++];
        h.packet = p;
        h.version = layers.version;
        h.protocol = layers.protocol;
        h.transport = layers.transport;
        h.payload = layers.payload;
        h.segmentSize = payload;
        h.segments = 1;
        h.ports = ports;
        h.nextSequence = tcp ? Tcp.sequenceNumber(s, transport) + payload & 0xffff_ffffL : 0;
        h.nextIdentification = layers.version == 4 ? Ipv4.identification(s, at) + 1 & 0xffff : 0;
    }

    private void append(int held, PacketBuffer p) {
        Held h = open[held];
        int payload = p.length() - h.payload;
        MemorySegment.copy(
                p.segment(), p.head() + (long) h.payload, h.packet.segment(), h.packet.put(payload), payload);
        h.segments++;
        h.nextSequence = h.nextSequence + payload & 0xffff_ffffL;
        h.nextIdentification = h.nextIdentification + 1 & 0xffff;
        boolean ends = payload < h.segmentSize;
        if (h.protocol == IpProtocol.TCP) {
            long from = p.head() + (long) h.transport;
            int flags = Tcp.flags(p.segment(), from) & ENDING_FLAGS;
            if (flags != 0) {
                MemorySegment s = h.packet.segment();
                long tcp = h.packet.head() + (long) h.transport;
                Tcp.flags(s, tcp, Tcp.flags(s, tcp) | flags);
                ends = true;
            }
        }
        if (ends) {
            end(held);
        }
    }

    /// Lets the packet at `index` grow no more and, if others joined it, writes the lengths and the partial
    /// checksum.
    private void end(int index) {
        Held h = open[index];
        if (h.segments > 1) {
            describe(h);
        }
        h.packet = null;
        open[index] = open[--openCount];
        open[openCount] = h;
    }

    private static void describe(Held h) {
        PacketBuffer p = h.packet;
        MemorySegment s = p.segment();
        int at = p.head();
        int length = p.length() - h.transport;
        boolean tcp = h.protocol == IpProtocol.TCP;
        int pseudoHeader;
        if (h.version == 4) {
            Ipv4.totalLength(s, at, p.length());
            Ipv4.fillChecksum(s, at);
            pseudoHeader =
                    InternetChecksum.pseudoHeader4(Ipv4.source(s, at), Ipv4.destination(s, at), h.protocol, length);
        } else {
            Ipv6.payloadLength(s, at, p.length() - Ipv6.HEADER_LENGTH);
            pseudoHeader = InternetChecksum.pseudoHeader6(s, at + (long) Ipv6.SOURCE, h.protocol, length);
        }
        long transport = at + (long) h.transport;
        if (!tcp) {
            Udp.length(s, transport, length);
        }
        Octets.put16(s, transport + (tcp ? Tcp.CHECKSUM : Udp.CHECKSUM), pseudoHeader);
        Offload o = p.offload();
        o.checksum = Checksum.PARTIAL;
        o.checksumStart = h.transport;
        o.checksumOffset = tcp ? Tcp.CHECKSUM : Udp.CHECKSUM;
        o.segmentation = tcp ? (h.version == 4 ? Segmentation.TCP4 : Segmentation.TCP6) : Segmentation.UDP;
        o.segmentSize = h.segmentSize;
        o.headerLength = h.payload;
    }
}
