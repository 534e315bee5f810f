package adit.offload;

import adit.offload.Coalescer.Transports;
import adit.packet.Offload.Segmentation;
import adit.packet.Offload.Tunnel;
import adit.packet.PacketBuffer;
import adit.packet.UdpTunnel;
import adit.wire.InternetChecksum;
import adit.wire.IpProtocol;
import adit.wire.Octets;
import adit.wire.Tcp;
import adit.wire.Udp;
import java.lang.foreign.MemorySegment;

/// Linux's generic receive offload, to the letter: holds packets back, joins to them those that follow, and
/// hands them up when they can grow no more or when it is told to.
///
/// [Coalescer] does the same within a batch and keeps the packets of a flow in their order; this is for whoever
/// must not be told from Linux, and so also
///
/// - holds no more than [#MAX_HELD] packets, and lets go of the oldest for a further one;
/// - hands a packet that it finds unfit (a bad checksum, IPv4 options, padding) up at once, past those of its
///   flow that it holds;
/// - joins segments that all have the same identification, and says so;
/// - says of a packet that stayed alone whether its transport checksum was verified.
///
/// For one thread at a time; nothing is allocated.
public final class Gro {
    /// How many packets are held back at most.
    public static final int MAX_HELD = 8;

    private static final int MAX_DATAGRAMS = 64;
    private static final int MAX_LISTED = 64;
    /// Of the fourth word of a TCP header, with offset, flags and window, what may differ.
    private static final int MAY_DIFFER = (Tcp.FIN | Tcp.PSH) << 16;

    private static final int FOURTH_WORD = 12;
    private static final int ENDING = Tcp.URG | Tcp.PSH | Tcp.RST | Tcp.SYN | Tcp.FIN;

    private final GroHeaders headers = new GroHeaders();
    private final Surroundings surroundings;
    /// From the youngest to the oldest.
    private final GroPacket[] held = new GroPacket[MAX_HELD];

    private int count;

    /// What becomes of packets that are joined.
    public enum Form {
        /// A super-packet, of TCP or UDP as is asked for.
        SUPER_PACKET,
        /// A list of the packets (`rx-gro-list`), of TCP and UDP: whoever parts it gets them as they were, but for
        /// IPv4 identifications.
        LIST
    }

    /// What this needs from whoever has it.
    public interface Surroundings {
        /// A buffer with headroom and room for `octets`, or null when there is none: then packets can't grow.
        PacketBuffer lend(int octets);

        /// Takes a packet that is done, whose octets start where they started.
        void deliver(PacketBuffer p);

        /// What the port takes out of its datagrams to which the one in `p` goes, whose IPv4 header stands `network`
        /// octets behind the head and whose UDP header `transport`.
        default UdpTunnel tunnelAt(PacketBuffer p, int network, int transport) {
            return UdpTunnel.NONE;
        }
    }

    /// Holds nothing yet.
    public Gro(Surroundings surroundings) {
        this.surroundings = surroundings;
        for (int i = 0; i < MAX_HELD; i++) {
            held[i] = new GroPacket();
        }
    }

    /// Whether nothing is held.
    public boolean isEmpty() {
        return count == 0;
    }

    /// Takes a packet, whose IP header, of the EtherType `protocol`, stands behind `link` octets of a link
    /// header. `age` is the time at which it came, in whatever unit [#flushOlder] counts.
    /// Lists are of TCP and UDP, whatever the transports, unless there are none.
    public void receive(PacketBuffer p, int link, int protocol, Transports transports, Form form, long age) {
        if (transports == Transports.NONE || !look(p, link, protocol)) {
            surroundings.deliver(p);
            return;
        }
        boolean unfit = headers.unfit;
        for (int i = 0; i < count; i++) {
            held[i].relate(p, headers);
        }
        if (headers.opaque) {
            if (unfit) {
                surroundings.deliver(p);
            } else {
                hold(p, 0, form, age);
            }
        } else if (headers.protocol == IpProtocol.TCP) {
            tcp(p, unfit, form, age);
        } else {
            udp(p, unfit, transports, form, age);
        }
    }

    private boolean look(PacketBuffer p, int link, int protocol) {
        boolean good =
                headers.look(p, link, protocol, surroundings) && (headers.unfit || headers.opaque || verified(p));
        headers.restore(p);
        return good;
    }

    /// Hands up all that is held, the oldest first.
    public void flush() {
        while (count > 0) {
            complete(count - 1);
        }
    }

    /// Hands up what came at another time than `age`, the oldest first, up to the first that came then.
    public void flushOlder(long age) {
        while (count > 0 && held[count - 1].age != age) {
            complete(count - 1);
        }
    }

    /// Releases all that is held.
    public void discard() {
        while (count > 0) {
            held[--count].packet.release();
            held[count].packet = null;
        }
    }

    // ---- Transports

    /// The youngest that is held of the same flow, ports included, or -1.
    private int find(PacketBuffer p) {
        int ports = Octets.i32(p.segment(), p.head() + (long) headers.transport);
        for (int i = 0; i < count; i++) {
            PacketBuffer other = held[i].packet;
            if (held[i].related && Octets.i32(other.segment(), other.head() + (long) held[i].transport) == ports) {
                return i;
            }
        }
        return -1;
    }

    /// Whether the transport checksum is right, or not to be looked at; notes that it is.
    private boolean verified(PacketBuffer p) {
        if (!headers.isToVerify(p)) {
            headers.noteVerified(p);
            return true;
        }
        MemorySegment s = p.segment();
        long transport = p.head() + (long) headers.transport;
        int length = p.length() - headers.transport;
        boolean absent = false;
        if (headers.protocol == IpProtocol.UDP) {
            if (length < Udp.HEADER_LENGTH) {
                return false;
            }
            absent = !Udp.hasChecksum(s, transport);
        }
        if (!absent) {
            long sum = (long) headers.pseudoHeader(p, length) + InternetChecksum.sum(s, transport, length);
            if (InternetChecksum.fold(sum) != 0xffff) {
                return false;
            }
        }
        headers.noteVerified(p);
        return true;
    }

    private void tcp(PacketBuffer p, boolean unfit, Form form, long age) {
        MemorySegment s = p.segment();
        long tcp = p.head() + (long) headers.transport;
        int available = p.length() - headers.transport;
        int header = available < Tcp.MIN_HEADER_LENGTH ? 0 : Tcp.headerLength(s, tcp);
        if (header < Tcp.MIN_HEADER_LENGTH || header > available) {
            surroundings.deliver(p);
            return;
        }
        int length = available - header;
        int flags = Tcp.flags(s, tcp);
        int found = find(p);
        int least = 1;
        boolean joined = false;
        if (found >= 0) {
            GroPacket h = held[found];
            int size = h.segmentSize;
            if (mayJoin(h, p, unfit)
                    && length > 0
                    && length <= size
                    && follows(h, p, tcp, header)
                    && (!h.isList() || isListed(h, flags))
                    && h.join(p, headers.transport + header, length, surroundings)) {
                joined = true;
                least = size;
                MemorySegment t = h.packet.segment();
                long to = h.packet.head() + (long) h.transport;
                Tcp.flags(t, to, Tcp.flags(t, to) | (flags & (Tcp.FIN | Tcp.PSH)));
            }
        }
        boolean ends = length < least || (flags & ENDING) != 0;
        if (found >= 0 && (!joined || ends)) {
            complete(found);
        }
        if (joined) {
            p.release();
        } else if (unfit || ends) {
            surroundings.deliver(p);
        } else {
            hold(p, header, form, age);
        }
    }

    /// A list, Linux does not ask whether a packet is unfit for more than being joined by others.
    private static boolean mayJoin(GroPacket h, PacketBuffer p, boolean unfit) {
        return h.isList() ? p.offload().segmentation == Segmentation.NONE && h.hasSameChecksum(p) : !unfit;
    }

    /// Whether segments with these flags may join a list: nothing could tell theirs from the first one's.
    private static boolean isListed(GroPacket h, int flags) {
        return h.segments < MAX_LISTED && Tcp.flags(h.packet.segment(), h.packet.head() + (long) h.transport) == flags;
    }

    private boolean follows(GroPacket h, PacketBuffer p, long tcp, int header) {
        MemorySegment s = p.segment();
        MemorySegment t = h.packet.segment();
        long to = h.packet.head() + (long) h.transport;
        int differing = Octets.i32(s, tcp + FOURTH_WORD) ^ Octets.i32(t, to + FOURTH_WORD);
        int expected = (int) Tcp.sequenceNumber(t, to) + h.packet.length() - h.payload;
        // CWR is said of the first packet of a super-packet, so what has it begins one.
        return (differing & ~MAY_DIFFER) == 0
                && (Tcp.flags(s, tcp) & Tcp.CWR) == 0
                && Tcp.acknowledgmentNumber(s, tcp) == Tcp.acknowledgmentNumber(t, to)
                && HeaderChain.same(
                        s, tcp + Tcp.MIN_HEADER_LENGTH, t, to + Tcp.MIN_HEADER_LENGTH, header - Tcp.MIN_HEADER_LENGTH)
                && (int) Tcp.sequenceNumber(s, tcp) == expected
                && h.hasSameNetwork(p);
    }

    private void udp(PacketBuffer p, boolean unfit, Transports transports, Form form, long age) {
        MemorySegment s = p.segment();
        long udp = p.head() + (long) headers.transport;
        int length = p.length() - headers.transport;
        if ((transports != Transports.TCP_AND_UDP && form != Form.LIST)
                || p.offload().tunnel != Tunnel.NONE
                || length <= Udp.HEADER_LENGTH
                || !Udp.hasChecksum(s, udp)
                || Udp.length(s, udp) != length) {
            surroundings.deliver(p);
            return;
        }
        int payload = length - Udp.HEADER_LENGTH;
        int found = find(p);
        boolean joined = false;
        if (found >= 0) {
            GroPacket h = held[found];
            int size = h.segmentSize;
            boolean follows = payload <= size && h.hasSameNetwork(p);
            if (follows && h.isList() && !h.hasSameChecksum(p)) {
                surroundings.deliver(p);
                return;
            }
            joined = follows
                    && mayJoin(h, p, unfit)
                    && h.join(p, headers.transport + Udp.HEADER_LENGTH, payload, surroundings);
            if (!joined || payload != size || h.segments >= MAX_DATAGRAMS) {
                complete(found);
            }
        }
        if (joined) {
            p.release();
        } else if (unfit) {
            surroundings.deliver(p);
        } else {
            hold(p, Udp.HEADER_LENGTH, form, age);
        }
    }

    // ---- What is held

    private void hold(PacketBuffer p, int header, Form form, long age) {
        if (count == MAX_HELD) {
            complete(count - 1);
        }
        GroPacket h = held[count];
        System.arraycopy(held, 0, held, 1, count);
        held[0] = h;
        count++;
        h.hold(p, headers, headers.transport + header, form, age);
    }

    private void complete(int index) {
        GroPacket h = held[index];
        count--;
        System.arraycopy(held, index + 1, held, index, count - index);
        held[count] = h;
        surroundings.deliver(h.release());
    }
}
