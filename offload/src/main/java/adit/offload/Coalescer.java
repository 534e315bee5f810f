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
/// Packets of one flow never overtake each other: one that can't join ends its flow's super-packet. For one
/// thread; nothing is allocated.
///
/// ```java
/// if (!coalescer.joins(s, at, length, checksum)) {    // else: copied behind the packet that it follows
///     PacketBuffer p = ...;                            // the same octets, kept
///     coalescer.open(p);                               // now others may join it
/// }
/// ...
/// coalescer.finish();                                  // before the packets that were kept are handed on
/// ```
public final class Coalescer {
    private static final int MAX_LENGTH = 0xffff;
    private static final int MAX_DATAGRAMS = 64;
    private static final int MERGEABLE_FLAGS = Tcp.ACK | Tcp.PSH | Tcp.FIN;
    private static final int ENDING_FLAGS = Tcp.PSH | Tcp.FIN;

    private final Layers layers = new Layers();
    private final Transports transports;
    private final Held[] open;
    private int openCount;
    /// What [#joins] found of the packet that it refused.
    private boolean candidate;

    /// Which transports may be coalesced.
    public enum Transports {
        /// None: every packet stays as it is.
        NONE,
        /// TCP alone: for a reader that can't take UDP super-packets.
        TCP,
        /// TCP and UDP.
        TCP_AND_UDP
    }

    /// For at most `flows` packets that may grow at the same time; when there are more, one of them grows no
    /// more.
    public Coalescer(int flows, Transports transports) {
        this.transports = transports;
        open = new Held[flows];
        for (int i = 0; i < flows; i++) {
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
        int kept = 0;
        int size = batch.size();
        for (int i = 0; i < size; i++) {
            PacketBuffer p = batch.get(i);
            if (joins(p)) {
                p.release();
            } else {
                open(p);
                batch.set(kept++, p);
            }
        }
        batch.truncate(kept);
        finish();
    }

    /// The same as [#joins(MemorySegment, int, int, Checksum)] for a packet of its own, which is never a
    /// super-packet's part when it is one itself.
    public boolean joins(PacketBuffer p) {
        if (p.offload().segmentation != Segmentation.NONE) {
            candidate = false;
            if (layers.look(p.segment(), p.head(), p.length())) {
                endFlow(p.segment(), p.head());
            }
            return false;
        }
        return joins(p.segment(), p.head(), p.length(), p.offload().checksum);
    }

    /// Copies the payload of the packet of `length` octets at `at` behind the packet that it follows, and
    /// answers true; or answers false, when there is none or something would be lost. Then the packet is to be
    /// kept and, before the next one is asked about, given to [#open]. `checksum` says what is known of its
    /// transport checksum.
    public boolean joins(MemorySegment s, int at, int length, Checksum checksum) {
        candidate = false;
        if (!layers.look(s, at, length)) {
            return false;
        }
        int held = find(s, at);
        if (!mergeable(s, at, length, checksum)) {
            if (held >= 0) {
                end(held);
            }
            return false;
        }
        if (held >= 0) {
            if (continues(open[held], s, at, length)) {
                append(held, s, at, length);
                return true;
            }
            end(held);
        }
        candidate = true;
        return false;
    }

    /// Lets those that follow join `p`, which holds what [#joins] was asked about last, if it is such that they
    /// may.
    public void open(PacketBuffer p) {
        if (candidate) {
            candidate = false;
            p.offload().checksum = Checksum.VALID;
            hold(p);
        }
    }

    /// Lets no packet grow any more, and writes into those that did their lengths and what is left to be done
    /// to them.
    public void finish() {
        while (openCount > 0) {
            end(openCount - 1);
        }
    }

    private void endFlow(MemorySegment s, int at) {
        int held = find(s, at);
        if (held >= 0) {
            end(held);
        }
    }

    private int find(MemorySegment s, int at) {
        int ports = Octets.i32(s, at + (long) layers.transport);
        for (int i = openCount - 1; i >= 0; i--) {
            Held h = open[i];
            if (h.ports == ports
                    && h.version == layers.version
                    && h.protocol == layers.protocol
                    && sameAddresses(h.packet, s, at)) {
                return i;
            }
        }
        return -1;
    }

    private boolean sameAddresses(PacketBuffer a, MemorySegment b, int at) {
        long from = layers.version == 4 ? Ipv4.SOURCE : Ipv6.SOURCE;
        int octets = layers.version == 4 ? 8 : 32;
        return same(a.segment(), a.head() + from, b, at + from, octets);
    }

    private static boolean same(MemorySegment a, long atA, MemorySegment b, long atB, int octets) {
        for (int i = 0; i + 4 <= octets; i += 4) {
            if (Octets.i32(a, atA + i) != Octets.i32(b, atB + i)) {
                return false;
            }
        }
        return true;
    }

    /// Whether the packet alone could be part of a super-packet: lengths agree, flags are harmless, its
    /// checksum is good.
    private boolean mergeable(MemorySegment s, int at, int octets, Checksum checksum) {
        if (transports == Transports.NONE || !layers.plain || octets == layers.payload) {
            return false;
        }
        int total = layers.version == 4 ? Ipv4.totalLength(s, at) : Ipv6.totalLength(s, at);
        if (total != octets || (layers.version == 4 && !Ipv4.checksumValid(s, at))) {
            return false;
        }
        long transport = at + (long) layers.transport;
        int length = octets - layers.transport;
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
        return checksum == Checksum.VALID
                || InternetChecksum.fold(
                                (long) layers.pseudoHeader(s, at, length) + InternetChecksum.sum(s, transport, length))
                        == 0xffff;
    }

    private boolean continues(Held h, MemorySegment b, int atB, int length) {
        int payload = length - layers.payload;
        if (payload > h.segmentSize
                || h.payload != layers.payload
                || h.packet.length() + payload > MAX_LENGTH
                || payload > h.packet.tailroom()) {
            return false;
        }
        MemorySegment a = h.packet.segment();
        long atA = h.packet.head();
        if (!sameNetworkHeader(a, atA, b, atB)) {
            return false;
        }
        if (layers.protocol == IpProtocol.UDP) {
            return h.segments < MAX_DATAGRAMS;
        }
        long tcpA = atA + layers.transport;
        long tcpB = atB + (long) layers.transport;
        return Tcp.sequenceNumber(b, tcpB) == h.nextSequence
                && (layers.version == 6 || Ipv4.identification(b, atB) == h.nextIdentification)
                && Tcp.acknowledgmentNumber(a, tcpA) == Tcp.acknowledgmentNumber(b, tcpB)
                && Tcp.window(a, tcpA) == Tcp.window(b, tcpB)
                && same(
                        a,
                        tcpA + Tcp.MIN_HEADER_LENGTH,
                        b,
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

    private void hold(PacketBuffer p) {
        MemorySegment s = p.segment();
        int at = p.head();
        int payload = p.length() - layers.payload;
        long transport = at + (long) layers.transport;
        boolean tcp = layers.protocol == IpProtocol.TCP;
        if (tcp && (Tcp.flags(s, transport) & ENDING_FLAGS) != 0) {
            return;
        }
        if (openCount == open.length) {
            end(0);
        }
        Held h = open[openCount++];
        h.packet = p;
        h.version = layers.version;
        h.protocol = layers.protocol;
        h.transport = layers.transport;
        h.payload = layers.payload;
        h.segmentSize = payload;
        h.segments = 1;
        h.ports = Octets.i32(s, transport);
        h.nextSequence = tcp ? Tcp.sequenceNumber(s, transport) + payload & 0xffff_ffffL : 0;
        h.nextIdentification = layers.version == 4 ? Ipv4.identification(s, at) + 1 & 0xffff : 0;
    }

    private void append(int held, MemorySegment from, int at, int length) {
        Held h = open[held];
        int payload = length - h.payload;
        MemorySegment.copy(from, at + (long) h.payload, h.packet.segment(), h.packet.put(payload), payload);
        h.segments++;
        h.nextSequence = h.nextSequence + payload & 0xffff_ffffL;
        h.nextIdentification = h.nextIdentification + 1 & 0xffff;
        boolean ends = payload < h.segmentSize;
        if (h.protocol == IpProtocol.TCP) {
            int flags = Tcp.flags(from, at + (long) h.transport) & ENDING_FLAGS;
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
