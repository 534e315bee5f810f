package adit.ip;

import adit.packet.PacketBuffer;
import adit.port.Deadline;
import adit.wire.Icmp4;
import adit.wire.Icmp6;
import adit.wire.Ipv4;
import adit.wire.Ipv6;
import adit.wire.Ipv6Chain;
import adit.wire.Octets;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/// Puts fragments to this host together again, for IPv4 and IPv6. RFC 791 section 3.2, RFC 815, RFC 8200
/// section 4.5, hardened as Linux does it: a fragment that overlaps another gives up the whole packet (RFC
/// 5722), one that brings nothing new is ignored.
///
/// At most [#MOST] packets are in the making, each in one large buffer, which bounds the memory at about 4 MiB;
/// the oldest makes room for a new one. What is not whole in time (30 s, of IPv6 60 s) is given up, and the
/// sender is told if the first fragment is there. Fragments take the lock of this table; whole packets never
/// come here.
final class Reassembly implements Deadline {
    static final int MOST = 64;

    private static final long SECOND = 1_000_000_000L;
    private static final long TIMEOUT_4 = 30 * SECOND;
    private static final long TIMEOUT_6 = 60 * SECOND;
    private static final int MAX_LENGTH = 0xffff;
    /// RFC 8883: the code of a parameter problem.
    private static final int FIRST_FRAGMENT_INCOMPLETE = 3;

    private final IpStack stack;
    private final PartialPacket[] partials = new PartialPacket[MOST];

    Reassembly(IpStack stack) {
        this.stack = stack;
        for (int i = 0; i < MOST; i++) {
            partials[i] = new PartialPacket();
        }
    }

    /// Takes a fragment of IPv4. Answers the whole packet when this was the last piece missing, otherwise null.
    /// The whole is the caller's and carries what travelled beside its first fragment.
    PacketBuffer add4(IpInterface in, PacketBuffer p) {
        stack.counters.count(IpCounter.IP_REASM_REQDS);
        MemorySegment s = p.segment();
        int at = p.head();
        int header = Ipv4.headerLength(s, at);
        int length = p.length() - header;
        int start = Ipv4.fragmentOffset(s, at);
        boolean last = (Ipv4.flags(s, at) & Ipv4.MORE_FRAGMENTS) == 0;
        int usable = last ? length : length & ~7;
        if (header + start + usable > MAX_LENGTH) {
            return refuse(p, IpDrop.FRAG);
        }
        PacketBuffer whole;
        synchronized (this) {
            PartialPacket partial = find(
                    in,
                    4,
                    0,
                    Ipv4.source(s, at) & 0xffff_ffffL,
                    0,
                    Ipv4.destination(s, at) & 0xffff_ffffL,
                    (long) Ipv4.identification(s, at) << 8 | Ipv4.protocol(s, at),
                    TIMEOUT_4);
            whole = partial == null ? null : take(partial, p, header, start, usable, last, Ipv4.tos(s, at) & 3);
        }
        p.release();
        if (whole != null) {
            stack.counters.count(IpCounter.IP_REASM_OKS);
        }
        return whole;
    }

    /// The same for IPv6. `fragment` is where in the packet its fragment header stands, and `previous` is the
    /// octet that names that header. The caller has counted that it came.
    PacketBuffer add6(IpInterface in, PacketBuffer p, int fragment, int previous) {
        MemorySegment s = p.segment();
        int at = p.head();
        int header = at + fragment;
        int start = Ipv6Chain.fragmentOffset(s, header);
        boolean last = !Ipv6Chain.moreFragments(s, header);
        int length = p.length() - fragment - Ipv6Chain.FRAGMENT_LENGTH;
        if (start == 0 && Ipv6Chain.endsBeforeUpperLayer(s, header, p.length() - fragment)) {
            stack.icmp6.error(in, p, RouteType.LOCAL, Icmp6.PARAMETER_PROBLEM, FIRST_FRAGMENT_INCOMPLETE, 0);
            return refuse(p, IpDrop.IP6_EXTENSION);
        }
        if (fragment > PartialPacket.PAYLOAD - Ipv6Chain.FRAGMENT_LENGTH) {
            return refuse(p, IpDrop.IP6_FRAG);
        }
        // A fragment that can't be has others waited for, as Linux does.
        int pointer = start + length + fragment - Ipv6.HEADER_LENGTH > MAX_LENGTH
                ? fragment + 2
                : !last && length % 8 != 0 ? 4 : 0;
        // The fragment header is taken out, so what stands in front of it names what stands behind it.
        int next = Octets.u8(s, header);
        PacketBuffer whole;
        synchronized (this) {
            PartialPacket partial = find(
                    in,
                    6,
                    Ipv6.sourceHigh(s, at),
                    Ipv6.sourceLow(s, at),
                    Ipv6.destinationHigh(s, at),
                    Ipv6.destinationLow(s, at),
                    Ipv6Chain.fragmentIdentification(s, header),
                    TIMEOUT_6);
            if (partial != null && pointer == 0) {
                Octets.put8(s, at + previous, next);
            }
            whole = partial == null || pointer > 0
                    ? null
                    : take(partial, p, fragment, start, length, last, Ipv6.trafficClass(s, at) & 3);
        }
        if (pointer > 0) {
            stack.icmp6.error(in, p, RouteType.LOCAL, Icmp6.PARAMETER_PROBLEM, 0, pointer);
            return refuse(p, IpDrop.IP6_EXTENSION);
        }
        p.release();
        if (whole != null) {
            Ipv6.payloadLength(whole.segment(), whole.head(), whole.length() - Ipv6.HEADER_LENGTH);
            stack.counters.count(IpCounter.IP6_REASM_OKS);
        }
        return whole;
    }

    private PacketBuffer refuse(PacketBuffer p, IpDrop why) {
        stack.drop(p, why);
        return null;
    }

    /// The packet in the making that a fragment belongs to, made anew if there is none; null when no buffer is
    /// free.
    private PartialPacket find(
            IpInterface in,
            int version,
            long sourceHigh,
            long sourceLow,
            long destinationHigh,
            long destinationLow,
            long identification,
            long timeout) {
        PartialPacket free = null;
        PartialPacket oldest = partials[0];
        for (PartialPacket partial : partials) {
            if (partial.isFree()) {
                free = partial;
            } else if (partial.is(version, sourceHigh, sourceLow, destinationHigh, destinationLow, identification)) {
                return partial;
            } else if (partial.deadline() < oldest.deadline()) {
                oldest = partial;
            }
        }
        if (free == null) {
            giveUp(oldest);
            free = oldest;
        }
        PacketBuffer buffer = stack.buffers().lend(MAX_LENGTH);
        if (buffer == null) {
            stack.counters.drop(dropOf(version));
            return null;
        }
        free.start(
                buffer,
                in,
                stack.now() + timeout,
                version,
                sourceHigh,
                sourceLow,
                destinationHigh,
                destinationLow,
                identification);
        stack.armed();
        return free;
    }

    private PacketBuffer take(
            PartialPacket partial, PacketBuffer p, int header, int start, int length, boolean last, int ecn) {
        if (length == 0) {
            giveUp(partial);
            return null;
        }
        switch (partial.insert(start, start + length, last)) {
            case DUPLICATE -> {
                return null;
            }
            case BAD -> {
                giveUp(partial);
                return null;
            }
            case NEW -> partial.copy(p, header, start, length, ecn);
        }
        if (!partial.isWhole()) {
            return null;
        }
        if (partial.mixesEcn() || partial.isTooLong()) {
            giveUp(partial);
            return null;
        }
        return partial.takeWhole();
    }

    private static IpDrop dropOf(int version) {
        return version == 4 ? IpDrop.FRAG : IpDrop.IP6_FRAG;
    }

    private void giveUp(PartialPacket partial) {
        stack.counters.drop(dropOf(partial.version()));
        partial.release();
    }

    /// Gives up what was not whole in time.
    void expire(long now) {
        List<PacketBuffer> firsts = new ArrayList<>();
        List<IpInterface> links = new ArrayList<>();
        synchronized (this) {
            for (PartialPacket partial : partials) {
                if (partial.isFree() || partial.deadline() - now > 0) {
                    continue;
                }
                int version = partial.version();
                stack.counters.drop(dropOf(version));
                stack.counters.count(version == 4 ? IpCounter.IP_REASM_TIMEOUT : IpCounter.IP6_REASM_TIMEOUT);
                if (partial.hasFirst()) {
                    firsts.add(partial.takeFirst());
                    links.add(partial.link());
                } else {
                    partial.release();
                }
            }
        }
        for (int i = 0; i < firsts.size(); i++) {
            tell(links.get(i), firsts.get(i));
        }
    }

    private void tell(IpInterface link, PacketBuffer first) {
        if (Ipv4.version(first.segment(), first.head()) == 4) {
            stack.icmp4.error(link, first, RouteType.LOCAL, Icmp4.TIME_EXCEEDED, Icmp4.REASSEMBLY_TIME_EXCEEDED, 0);
        } else {
            stack.icmp6.error(link, first, RouteType.LOCAL, Icmp6.TIME_EXCEEDED, 1, 0);
        }
        first.release();
    }

    @Override
    public synchronized long deadline() {
        long earliest = NEVER;
        for (PartialPacket partial : partials) {
            if (!partial.isFree()) {
                earliest = Math.min(earliest, partial.deadline());
            }
        }
        return earliest;
    }

    /// Releases everything.
    synchronized void close() {
        for (PartialPacket partial : partials) {
            if (!partial.isFree()) {
                partial.release();
            }
        }
    }
}
