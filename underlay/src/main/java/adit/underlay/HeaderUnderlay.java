package adit.underlay;

import adit.packet.Addressing;
import adit.packet.Offload;
import adit.packet.PacketBatch;
import adit.packet.PacketBuffer;
import adit.packet.PacketPool;
import adit.packet.Refusal;
import adit.port.Deadline;
import adit.port.Port;
import adit.wire.EtherType;
import adit.wire.Icmp4;
import adit.wire.InternetChecksum;
import adit.wire.IpProtocol;
import adit.wire.Ipv4;
import adit.wire.Udp;
import adit.wire.WireFault;
import java.lang.foreign.MemorySegment;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;

/// An underlay with no kernel under it: one IPv4 host on any [Port], which writes and reads the outer headers
/// itself.
///
/// Inbound, each packet goes through these steps; the first that fails counts an [UnderlayDrop]:
///
/// 1. version, lengths and header checksum; octets behind the total length are cut off;
/// 2. the destination is this host and the source is not;
/// 3. a fragment goes to the [Reassembler], and on as the whole packet when it was the last one missing;
/// 4. by protocol: 4, 41 and 137 are handed up; UDP is, when length and checksum (if there is one) are right,
///    whatever its ports; an ICMP error is, when it quotes a packet of this host, and one that tells an MTU is
///    heeded here first. Everything else ends here.
///
/// Outbound, the headers are pushed and the packet goes to the port; one that is larger than the way takes is
/// fragmented if its DF is clear and refused as [Refusal#TOO_BIG] if not. There is one way to everywhere,
/// through the port, as narrow as the port's MTU or what ICMP told about the destination.
///
/// This host answers nothing: no echo, no ICMP error. For one thread. Owns the port and closes it.
public final class HeaderUnderlay implements Underlay, Deadline {
    /// Which protocols are handed up.
    public enum Accepts {
        /// What a tunnel uses: 4, 41, 137, UDP and ICMP errors.
        TUNNELS,
        /// What a host uses: ICMP, TCP and UDP.
        HOST;

        boolean accepts(int protocol) {
            return switch (protocol) {
                case IpProtocol.ICMP, IpProtocol.UDP -> true;
                case IpProtocol.IPIP, IpProtocol.IPV6, IpProtocol.MPLS -> this == TUNNELS;
                case IpProtocol.TCP -> this == HOST;
                default -> false;
            };
        }
    }

    private static final int BURST = 64;
    private static final int MAX_FRAGMENTS = 256;
    private static final int MAX_PARTIAL_PACKETS = 16;
    /// What an ICMP error must quote of a packet: its header and this many octets (RFC 792).

    private final Port port;
    private final int address;
    private final Accepts accepts;
    private final PacketPool pool;
    private final LongSupplier clock;
    private final OuterHeader outerHeader;
    private final Reassembler reassembler;
    private final PathMtuTable learned = new PathMtuTable();
    private final UnderlayCounters counters = new UnderlayCounters();
    private Path direct = Path.NONE;

    private final PacketBatch out = new PacketBatch(BURST);
    private final PacketBatch fragments = new PacketBatch(MAX_FRAGMENTS);
    // The packets of `out` and what their payloads were, to undo the push of those that the port refuses.
    private final PacketBuffer[] offered = new PacketBuffer[BURST];
    private final int[] offeredProtocols = new int[BURST];

    /// The host `address` on `port`. Fragments and whole packets put together from them are lent from `pool`;
    /// `clock` tells a monotonic time in nanoseconds; `random` starts the sequences of identifications.
    public HeaderUnderlay(
            Port port,
            int address,
            Accepts accepts,
            OuterHeader.UdpChecksum udpChecksum,
            PacketPool pool,
            LongSupplier clock,
            RandomGenerator random) {
        this.port = port;
        this.address = address;
        this.accepts = accepts;
        this.pool = pool;
        this.clock = clock;
        this.outerHeader = new OuterHeader(new Identifications(random), udpChecksum);
        this.reassembler = new Reassembler(pool, MAX_PARTIAL_PACKETS, Reassembler.LINUX_TIMEOUT_NANOS);
    }

    // ---- inbound ----

    @Override
    public int receive(PacketBatch into) {
        long now = clock.getAsLong();
        reassembler.expire(now);
        int before = into.size();
        // Packets are looked at in place; what is handed up moves to the front. Goes on while all that came was
        // dropped, so that 0 means that nothing is there.
        int kept = before;
        while (kept == before && port.receive(into) > 0) {
            for (int i = before; i < into.size(); i++) {
                counters.received++;
                PacketBuffer payload = accept(into.get(i), now);
                if (payload != null) {
                    counters.delivered++;
                    into.set(kept++, payload);
                }
            }
            into.truncate(kept);
        }
        return kept - before;
    }

    /// Answers the payload to hand up, or null when `p` ended here.
    private PacketBuffer accept(PacketBuffer p, long now) {
        p.forget();
        MemorySegment s = p.segment();
        int at = p.head();
        WireFault fault = Ipv4.fault(s, at, p.length());
        if (fault != WireFault.NONE) {
            return drop(p, reason(fault));
        }
        if (!Ipv4.checksumValid(s, at)) {
            return drop(p, UnderlayDrop.BAD_HEADER_CHECKSUM);
        }
        p.trim(Ipv4.totalLength(s, at));
        if (Ipv4.destination(s, at) != address) {
            return drop(p, UnderlayDrop.NOT_OURS);
        }
        if (Ipv4.source(s, at) == address) {
            return drop(p, UnderlayDrop.OWN_SOURCE);
        }
        if (Ipv4.isFragment(s, at)) {
            PacketBuffer whole = reassembler.add(p, now);
            return whole == null ? null : demultiplex(whole, now);
        }
        return demultiplex(p, now);
    }

    private static UnderlayDrop reason(WireFault fault) {
        return switch (fault) {
            case BAD_VERSION -> UnderlayDrop.BAD_VERSION;
            case BAD_LENGTH -> UnderlayDrop.BAD_LENGTH;
            default -> UnderlayDrop.TRUNCATED;
        };
    }

    private PacketBuffer drop(PacketBuffer p, UnderlayDrop reason) {
        counters.drop(reason);
        p.release();
        return null;
    }

    private PacketBuffer demultiplex(PacketBuffer p, long now) {
        MemorySegment s = p.segment();
        int at = p.head();
        Addressing a = p.addressing();
        a.source = Ipv4.source(s, at);
        a.destination = Ipv4.destination(s, at);
        a.protocol = Ipv4.protocol(s, at);
        a.tos = Ipv4.tos(s, at);
        a.timeToLive = Ipv4.timeToLive(s, at);
        a.dontFragment = Ipv4.dontFragment(s, at);
        a.outerHeaderLength = Ipv4.headerLength(s, at);
        p.pull(a.outerHeaderLength);
        if (!accepts.accepts(a.protocol)) {
            return drop(p, UnderlayDrop.UNKNOWN_PROTOCOL);
        }
        p.protocol(etherType(a.protocol));
        return switch (a.protocol) {
            case IpProtocol.UDP -> udp(p);
            case IpProtocol.ICMP -> icmp(p, now);
            default -> p;
        };
    }

    private static int etherType(int protocol) {
        return switch (protocol) {
            case IpProtocol.IPIP -> EtherType.IPV4;
            case IpProtocol.IPV6 -> EtherType.IPV6;
            case IpProtocol.MPLS -> EtherType.MPLS;
            default -> 0;
        };
    }

    private PacketBuffer udp(PacketBuffer p) {
        MemorySegment s = p.segment();
        int at = p.head();
        if (Udp.fault(s, at, p.length()) != WireFault.NONE) {
            return drop(p, UnderlayDrop.BAD_UDP);
        }
        Addressing a = p.addressing();
        int length = Udp.length(s, at);
        if (Udp.hasChecksum(s, at)) {
            int pseudoHeader = InternetChecksum.pseudoHeader4(a.source, a.destination, a.protocol, length);
            if (!Udp.checksumValid(s, at, pseudoHeader)) {
                return drop(p, UnderlayDrop.BAD_UDP_CHECKSUM);
            }
        }
        a.sourcePort = Udp.sourcePort(s, at);
        a.destinationPort = Udp.destinationPort(s, at);
        a.outerHeaderLength += Udp.HEADER_LENGTH;
        p.trim(length);
        p.pull(Udp.HEADER_LENGTH);
        return p;
    }

    private PacketBuffer icmp(PacketBuffer p, long now) {
        MemorySegment s = p.segment();
        int at = p.head();
        if (Icmp4.fault(s, at, p.length()) != WireFault.NONE || !Icmp4.checksumValid(s, at, p.length())) {
            return drop(p, UnderlayDrop.BAD_ICMP);
        }
        int type = Icmp4.type(s, at);
        if (!Icmp4.isError(type)) {
            return accepts == Accepts.HOST ? p : drop(p, UnderlayDrop.NOT_AN_ERROR);
        }
        int quote = at + Icmp4.HEADER_LENGTH;
        if (!quotesUs(s, quote, p.length() - Icmp4.HEADER_LENGTH)) {
            return drop(p, UnderlayDrop.FOREIGN_ERROR);
        }
        if (type == Icmp4.DESTINATION_UNREACHABLE && Icmp4.code(s, at) == Icmp4.FRAGMENTATION_NEEDED) {
            int destination = Ipv4.destination(s, quote);
            learned.learn(
                    destination,
                    Icmp4.nextHopMtu(s, at),
                    path(address, destination).mtu(),
                    now);
        }
        counters.errors++;
        return p;
    }

    /// Whether the `available` octets at `quote` begin a packet that this host sent.
    private boolean quotesUs(MemorySegment s, int quote, int available) {
        return Icmp4.isQuote(s, quote, available) && Ipv4.source(s, quote) == address;
    }

    // ---- outbound ----

    @Override
    public int send(PacketBatch batch) {
        int size = batch.size();
        int kept = 0;
        for (int i = 0; i < size; i++) {
            PacketBuffer p = batch.get(i);
            int protocol = p.protocol();
            int mtu = path(p.addressing().source, p.addressing().destination).mtu();
            Refusal why = push(p, mtu);
            boolean whole = why == Refusal.NONE && p.length() <= mtu;
            if (!whole || out.room() == 0) {
                kept = flush(batch, kept);
            }
            if (whole) {
                offered[out.size()] = p;
                offeredProtocols[out.size()] = protocol;
                out.add(p);
                continue;
            }
            if (why == Refusal.NONE && !sendFragments(p, mtu)) {
                undo(p, protocol);
                why = Refusal.FULL;
            }
            if (why != Refusal.NONE) {
                p.refuse(why);
                batch.set(kept++, p);
            }
        }
        kept = flush(batch, kept);
        batch.truncate(kept);
        return size - kept;
    }

    /// Pushes the outer headers, or answers why not and leaves `p` as it was.
    private Refusal push(PacketBuffer p, int mtu) {
        Addressing a = p.addressing();
        Offload offload = p.offload();
        if (mtu == 0) {
            return Refusal.UNREACHABLE;
        }
        if (offload.segmentation != Offload.Segmentation.NONE || offload.checksum == Offload.Checksum.PARTIAL) {
            return Refusal.MALFORMED; // nobody behind this would finish it
        }
        if (a.dontFragment && OuterHeader.length(a) + p.length() > mtu) {
            return Refusal.TOO_BIG;
        }
        a.source = address;
        if (!outerHeader.push(p)) {
            return Refusal.TOO_BIG;
        }
        p.protocol(EtherType.IPV4);
        return Refusal.NONE;
    }

    /// Offers all of `out` to the port and puts what it refuses back into `batch` from `kept` on, as it was.
    /// Answers how many packets `batch` keeps then.
    private int flush(PacketBatch batch, int kept) {
        if (out.isEmpty()) {
            return kept;
        }
        counters.sent += port.send(out);
        int stays = kept;
        int at = 0;
        for (int i = 0; i < out.size(); i++) {
            PacketBuffer p = out.get(i);
            while (offered[at] != p) {
                at++;
            }
            undo(p, offeredProtocols[at]);
            batch.set(stays++, p);
        }
        out.clear();
        return stays;
    }

    private static void undo(PacketBuffer p, int protocol) {
        p.pull(OuterHeader.length(p.addressing()));
        p.protocol(protocol);
    }

    /// Answers false, and leaves `p` alone, when there are no buffers for its fragments.
    private boolean sendFragments(PacketBuffer p, int mtu) {
        if (!Fragments.split(p, mtu, pool, fragments)) {
            return false;
        }
        counters.fragments += port.send(fragments);
        if (fragments.isEmpty()) {
            counters.sent++;
            counters.fragmented++;
        } else {
            counters.drop(UnderlayDrop.FRAGMENT_REFUSED);
            fragments.releaseAll();
        }
        return true;
    }

    @Override
    public Path path(int source, int destination) {
        if ((source != 0 && source != address) || destination == 0 || destination == address) {
            return Path.NONE;
        }
        int mtu = port.mtu();
        if (!learned.isEmpty()) {
            Path path = learned.get(destination, clock.getAsLong());
            if (path != null && path.mtu() <= mtu) {
                return path;
            }
        }
        if (direct.mtu() != mtu) {
            direct = Path.of(mtu, 0);
        }
        return direct;
    }

    @Override
    public int headroom() {
        return OuterHeader.HEADROOM;
    }

    /// When fragments that wait for others are to be given up.
    @Override
    public long deadline() {
        return reassembler.deadline();
    }

    /// What was counted here.
    public UnderlayCounters counters() {
        return counters;
    }

    /// Where fragments are put together, for its counts.
    public Reassembler reassembler() {
        return reassembler;
    }

    @Override
    public void close() {
        reassembler.close();
        port.close();
    }
}
