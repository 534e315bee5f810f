package adit.ip;

import adit.packet.PacketBuffer;
import adit.wire.Icmp6;
import adit.wire.Ip6Address;
import adit.wire.IpProtocol;
import adit.wire.Ipv6;
import adit.wire.MacAddress;
import adit.wire.Octets;
import java.lang.foreign.MemorySegment;

/// Neighbour discovery: asks for link addresses and answers for this host's. RFC 4861 section 7.2. Addresses
/// are used at once and defended when asked for (the optimistic way of RFC 4429 without its question).
///
/// ```
/// | type | code | checksum | R S O, reserved | target address, 16 octets | options: kind, length/8, link address
/// ```
final class Discovery {
    private static final int TARGET = 8;
    private static final int OPTIONS = 24;
    private static final int OPTION_LENGTH = 8;
    private static final int SOURCE_LINK_ADDRESS = 1;
    private static final int TARGET_LINK_ADDRESS = 2;
    private static final int ROUTER = 1 << 31;
    private static final int SOLICITED = 1 << 30;
    private static final int OVERRIDE = 1 << 29;
    private static final int PROOF_OF_LINK = 255;
    private static final long NO_ADDRESS = -1;
    private static final Ip6Address ALL_NODES = new Ip6Address(0xff02L << 48, 1);

    private final IpStack stack;

    Discovery(IpStack stack) {
        this.stack = stack;
    }

    /// Asks who has the address: its solicited-node group, or the host of the link address `mac` unless that is
    /// negative.
    void solicit(IpInterface link, long high, long low, long mac) {
        Ip6Address target = new Ip6Address(high, low);
        Ip6Address source = SourceSelection.choose(stack.interfaces(), link, target);
        if (source == null || !link.resolves()) {
            return;
        }
        Ip6Address to = mac >= 0 ? target : new Ip6Address(0xff02L << 48, 0x1_ff00_0000L | (low & 0xff_ffff));
        send(link, Icmp6.NEIGHBOR_SOLICITATION, 0, target, SOURCE_LINK_ADDRESS, source, to, mac);
    }

    private void send(
            IpInterface link,
            int type,
            int flags,
            Ip6Address target,
            int option,
            Ip6Address source,
            Ip6Address to,
            long mac) {
        PacketBuffer q = stack.lend(Ipv6.HEADER_LENGTH + OPTIONS + OPTION_LENGTH);
        if (q == null) {
            return;
        }
        int at = q.put(OPTIONS + OPTION_LENGTH);
        MemorySegment s = q.segment();
        Octets.put8(s, at, type);
        Octets.put8(s, at + 1, 0);
        Octets.put32(s, at + 4, flags);
        target.emit(s, at + TARGET);
        Octets.put8(s, at + OPTIONS, option);
        Octets.put8(s, at + OPTIONS + 1, 1);
        Octets.put48(s, at + OPTIONS + 2, link.device().address());
        stack.output6.sendOnLink(link, q, source, to, mac);
    }

    void receive(IpInterface in, PacketBuffer p, int icmp, int length) {
        MemorySegment s = p.segment();
        int at = p.head();
        boolean sound = Ipv6.hopLimit(s, at) == PROOF_OF_LINK
                && Icmp6.code(s, icmp) == 0
                && length >= OPTIONS
                && in.resolves()
                && !Ip6Input.isMulticast(Octets.i64(s, icmp + TARGET))
                && optionsFit(s, icmp, length);
        if (!sound) {
            stack.drop(p, IpDrop.NDISC);
            return;
        }
        if (Icmp6.type(s, icmp) == Icmp6.NEIGHBOR_SOLICITATION) {
            solicited(in, s, at, icmp, length);
        } else {
            advertised(in, s, at, icmp, length);
        }
        p.release();
    }

    private static boolean optionsFit(MemorySegment s, int icmp, int length) {
        int i = OPTIONS;
        while (i < length) {
            int octets = length - i < 2 ? 0 : Octets.u8(s, icmp + i + 1) << 3;
            if (octets == 0 || octets > length - i) {
                return false;
            }
            i += octets;
        }
        return true;
    }

    private static long linkAddress(MemorySegment s, int icmp, int length, int kind) {
        for (int i = OPTIONS; i < length; i += Octets.u8(s, icmp + i + 1) << 3) {
            if (Octets.u8(s, icmp + i) == kind && Octets.u8(s, icmp + i + 1) == 1) {
                return Octets.u48(s, icmp + i + 2);
            }
        }
        return NO_ADDRESS;
    }

    private void solicited(IpInterface in, MemorySegment s, int at, int icmp, int length) {
        Ip6Address target = Ip6Address.read(s, icmp + TARGET);
        if (!in.has6(target.high(), target.low())) {
            return;
        }
        int router = stack.forwards6() ? ROUTER : 0;
        Ip6Address source = Ip6Address.read(s, at + Ipv6.SOURCE);
        long mac = linkAddress(s, icmp, length, SOURCE_LINK_ADDRESS);
        if (source.isUnspecified()) {
            // Somebody wants to use the address: everybody hears that it is taken (RFC 4862 section 5.4.3).
            send(
                    in,
                    Icmp6.NEIGHBOR_ADVERTISEMENT,
                    router | OVERRIDE,
                    target,
                    TARGET_LINK_ADDRESS,
                    target,
                    ALL_NODES,
                    -1);
            return;
        }
        if (mac != NO_ADDRESS && mac != MacAddress.BROADCAST.bits()) {
            in.neighbours6.heard(source.high(), source.low(), mac, Advertisement.UNSOLICITED, true);
        }
        answer(in, router, target, source, mac);
    }

    private void answer(IpInterface in, int router, Ip6Address target, Ip6Address to, long mac) {
        if (mac != NO_ADDRESS) {
            send(
                    in,
                    Icmp6.NEIGHBOR_ADVERTISEMENT,
                    router | SOLICITED | OVERRIDE,
                    target,
                    TARGET_LINK_ADDRESS,
                    target,
                    to,
                    mac);
            return;
        }
        // A probe by a neighbour that knows us; it may have to be found first.
        PacketBuffer q = stack.lend(Ipv6.HEADER_LENGTH + OPTIONS);
        Route route = stack.output6.route(to, in);
        if (q == null || route == null) {
            if (q != null) {
                q.release();
            }
            return;
        }
        int n = q.put(OPTIONS);
        MemorySegment s = q.segment();
        Octets.put8(s, n, Icmp6.NEIGHBOR_ADVERTISEMENT);
        Octets.put8(s, n + 1, 0);
        Octets.put32(s, n + 4, router | SOLICITED | OVERRIDE);
        target.emit(s, n + TARGET);
        Ip6Output.fillChecksum(q, target, to, IpProtocol.ICMP6, 2);
        stack.output6.send(q, route, new Ip6Output.Header(target, to, IpProtocol.ICMP6, 0, PROOF_OF_LINK, false));
    }

    private void advertised(IpInterface in, MemorySegment s, int at, int icmp, int length) {
        int flags = Icmp6.restOfHeader(s, icmp);
        boolean toGroup = Ip6Input.isMulticast(Ipv6.destinationHigh(s, at));
        long mac = linkAddress(s, icmp, length, TARGET_LINK_ADDRESS);
        boolean answers = (flags & SOLICITED) != 0;
        if (toGroup && answers) {
            return;
        }
        Advertisement kind = (flags & OVERRIDE) == 0
                ? answers ? Advertisement.CONFIRMING : Advertisement.HINT
                : answers ? Advertisement.SOLICITED : Advertisement.UNSOLICITED;
        long high = Octets.i64(s, icmp + TARGET);
        long low = Octets.i64(s, icmp + TARGET + 8);
        in.neighbours6.heard(high, low, mac, kind, false);
        in.neighbours6.router(high, low, (flags & ROUTER) != 0);
    }
}
