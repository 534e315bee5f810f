package adit.offload;

import adit.packet.Offload;
import adit.packet.Offload.Checksum;
import adit.packet.Offload.Segmentation;
import adit.packet.Offload.Tunnel;
import adit.packet.PacketBuffer;
import adit.packet.UdpTunnel;
import adit.wire.EtherType;
import adit.wire.Ethernet;
import adit.wire.Gue;
import adit.wire.InternetChecksum;
import adit.wire.IpProtocol;
import adit.wire.Ipv4;
import adit.wire.Ipv6;
import adit.wire.Ipv6Chain;
import adit.wire.Octets;
import adit.wire.Udp;
import adit.wire.WireFault;
import java.lang.foreign.MemorySegment;

/// Where the headers of a packet stand that [Gro] looks at, from the outermost IP header to the transport
/// header, through one tunnel: an IP header in an IP header, or in UDP over IPv4 to a port of FOU or GUE, or GRE
/// of version 0 without sequence numbers, with an IP packet or an Ethernet frame inside. Reused from packet to
/// packet. All offsets are from the packet's head.
final class GroHeaders {
    private static final int NO_OPTIONS = 0x45;
    private static final int RESERVED_FLAG = 0b100;
    private static final int EXTENSION_UNIT = 8;
    private static final int NOTHING = -1;

    /// Octets of the fixed part of a GRE header, and of each optional one.
    static final int GRE_SECTION = 4;
    static final int GRE_KEY = 0x2000;
    private static final int GRE_CHECKSUM = 0x8000;

    /// As many checksums inside the outermost one Linux can say to be valid: `csum_level` has two bits.
    private static final int MOST_INSIDE = 3;

    /// 4 or 6, of the innermost IP header.
    int version;
    /// TCP or UDP.
    int protocol;
    /// Where the outermost IP header starts.
    int link;
    /// Where the innermost IP header starts.
    int network;
    /// Where the transport header starts.
    int transport;
    /// What stands around the innermost IP header.
    Tunnel tunnel = Tunnel.NONE;
    /// Whether the packet can neither join another nor be joined, and yet its flow is looked for: it is longer
    /// or shorter than a header of it says, or a super-packet already.
    boolean unfit;

    /// Whether the packet comes to a UDP port of FOU, and what is inside joins nothing: it waits like others, alone.
    boolean opaque;
    /// Where the UDP header of the tunnel starts.
    int outerTransport;

    /// Checksums that somebody vouches for and that have not been come to.
    private int vouched;
    /// Where the transport header starts whose checksum the peer has left open, by a GUE header, or [#NOTHING].
    private int openAt;
    /// Where such a checksum stands that was finished for the time of looking, or [#NOTHING], and what it was.
    private int finishedAt;

    private int finishedBefore;

    /// The headers in front of the transport header, which tell flows apart.
    private final HeaderChain chain = new HeaderChain();

    /// Answers false for what is neither TCP nor UDP, or such that its flow is not looked for. In any case
    /// [#restore] belongs behind it.
    boolean look(PacketBuffer p, int linkLength, int etherType, Gro.Surroundings surroundings) {
        link = linkLength;
        transport = linkLength;
        tunnel = Tunnel.NONE;
        unfit = p.offload().segmentation != Segmentation.NONE;
        opaque = false;
        chain.clear();
        openAt = NOTHING;
        finishedAt = NOTHING;
        vouched = p.offload().checksum == Checksum.VALID ? 1 + p.offload().validInside : 0;
        int inside = etherType;
        while (inside != NOTHING) {
            if (!lookAtNetwork(p, inside)) {
                return false;
            }
            UdpTunnel port = port(p, surroundings);
            if (port != UdpTunnel.NONE) {
                inside = unwrapUdp(p, port);
            } else if (protocol == IpProtocol.TCP || protocol == IpProtocol.UDP) {
                return true;
            } else {
                inside = unwrap(p);
            }
        }
        return opaque;
    }

    /// Puts back what was changed for the time of looking.
    void restore(PacketBuffer p) {
        if (finishedAt != NOTHING) {
            Octets.put16(p.segment(), p.head() + (long) finishedAt, finishedBefore);
            finishedAt = NOTHING;
        }
    }

    private boolean lookAtNetwork(PacketBuffer p, int etherType) {
        network = transport;
        int length = p.length() - network;
        return switch (etherType) {
            case EtherType.IPV4 -> look4(p.segment(), p.head() + network, length);
            case EtherType.IPV6 -> look6(p.segment(), p.head() + network, length);
            default -> false;
        };
    }

    private boolean look4(MemorySegment s, int at, int length) {
        if (length < Ipv4.MIN_HEADER_LENGTH
                || Octets.u8(s, at) != NO_OPTIONS
                || Ipv4.isFragment(s, at)
                || !Ipv4.checksumValid(s, at)) {
            return false;
        }
        version = 4;
        protocol = Ipv4.protocol(s, at);
        unfit |= Ipv4.totalLength(s, at) != length || (Ipv4.flags(s, at) & RESERVED_FLAG) != 0;
        return pass(HeaderChain.Layer.IP4, Ipv4.MIN_HEADER_LENGTH);
    }

    private boolean look6(MemorySegment s, int at, int length) {
        if (length < Ipv6.HEADER_LENGTH) {
            return false;
        }
        version = 6;
        unfit |= Ipv6.payloadLength(s, at) != length - Ipv6.HEADER_LENGTH;
        protocol = Ipv6.nextHeader(s, at);
        int offset = Ipv6.HEADER_LENGTH;
        while (isRepeated() && length - offset >= EXTENSION_UNIT) {
            long header = at + (long) offset;
            int octets = Ipv6Chain.length(s, header, protocol);
            if (octets > length - offset) {
                break;
            }
            protocol = Octets.u8(s, header);
            offset += octets;
        }
        return pass(HeaderChain.Layer.IP6, offset);
    }

    private boolean isRepeated() {
        return protocol == IpProtocol.HOP_BY_HOP
                || protocol == IpProtocol.ROUTING
                || protocol == IpProtocol.DESTINATION_OPTIONS;
    }

    /// Goes past a header of `octets`. Answers false for one more than there can be.
    private boolean pass(HeaderChain.Layer layer, int octets) {
        if (!chain.add(layer, transport)) {
            return false;
        }
        transport += octets;
        return true;
    }

    // ---- Tunnels

    /// Answers the EtherType of what the packet carries, or [#NOTHING] when it is no tunnel that Linux looks
    /// into.
    private int unwrap(PacketBuffer p) {
        if (tunnel != Tunnel.NONE) {
            return NOTHING;
        }
        return switch (protocol) {
            case IpProtocol.IPIP -> in(Tunnel.IP, EtherType.IPV4);
            case IpProtocol.IPV6 -> in(Tunnel.IP, EtherType.IPV6);
            case IpProtocol.GRE -> in(Tunnel.GRE, lookAtGre(p));
            default -> NOTHING;
        };
    }

    private UdpTunnel port(PacketBuffer p, Gro.Surroundings surroundings) {
        if (protocol != IpProtocol.UDP || version != 4 || p.length() - transport < Udp.HEADER_LENGTH) {
            return UdpTunnel.NONE;
        }
        return surroundings.tunnelAt(p, network, transport);
    }

    /// Linux does not ask what the UDP header says of its length.
    private int unwrapUdp(PacketBuffer p, UdpTunnel port) {
        MemorySegment s = p.segment();
        long udp = p.head() + (long) transport;
        boolean checked = Udp.hasChecksum(s, udp);
        if (!mayBeOpened(p, checked) || tunnel != Tunnel.NONE) {
            return NOTHING;
        }
        // Only of a checksum that was summed up here is known what all behind the header sums up to.
        boolean summed = checked && !unfit && vouched == 0;
        outerTransport = transport;
        tunnel = checked ? Tunnel.IP_OVER_UDP_CHECKSUM : Tunnel.IP_OVER_UDP;
        if (!pass(HeaderChain.Layer.UDP, Udp.HEADER_LENGTH)) {
            return NOTHING;
        }
        return switch (port) {
            case IPV4 -> EtherType.IPV4;
            case IPV6 -> EtherType.IPV6;
            case GUE -> lookAtGue(p, summed, false);
            case GUE_FINISHED -> lookAtGue(p, summed, true);
            case NONE, OTHER -> {
                opaque = true;
                yield NOTHING;
            }
        };
    }

    /// Whether the checksum of a tunnel's UDP header is right, absent, or not to be looked at. What joins nothing
    /// is not summed up.
    private boolean mayBeOpened(PacketBuffer p, boolean checked) {
        if (unfit) {
            return !checked || vouched > 0 || p.offload().checksum == Checksum.PARTIAL;
        }
        if (checked && isToVerify(p)) {
            int length = p.length() - transport;
            long sum = (long) pseudoHeader(p, length)
                    + InternetChecksum.sum(p.segment(), p.head() + (long) transport, length);
            if (InternetChecksum.fold(sum) != 0xffff) {
                return false;
            }
        }
        noteVerified(p);
        return true;
    }

    private int lookAtGue(PacketBuffer p, boolean summed, boolean finishes) {
        MemorySegment s = p.segment();
        int at = transport;
        long gue = p.head() + (long) at;
        if (Gue.fault(s, gue, p.length() - at) != WireFault.NONE) {
            return NOTHING;
        }
        int octets = Gue.payloadOffset(s, gue);
        if (Gue.hasRemoteChecksum(s, gue)) {
            if (!summed) {
                return NOTHING;
            }
            int start = at + octets + Gue.remoteChecksumStart(s, gue);
            if (finishes) {
                finish(p, start, at + octets + Gue.remoteChecksumOffset(s, gue));
            } else {
                openAt = start;
            }
        }
        if (octets > 0 && !pass(HeaderChain.Layer.GUE, octets)) {
            return NOTHING;
        }
        return switch (Gue.payloadProtocol(s, gue)) {
            case IpProtocol.IPIP -> EtherType.IPV4;
            case IpProtocol.IPV6 -> EtherType.IPV6;
            default -> NOTHING;
        };
    }

    private void finish(PacketBuffer p, int start, int field) {
        MemorySegment s = p.segment();
        long at = p.head() + (long) start;
        int sum = InternetChecksum.fold(InternetChecksum.sum(s, at, p.length() - start));
        finishedAt = field;
        finishedBefore = Octets.u16(s, p.head() + (long) field);
        Octets.put16(s, p.head() + (long) field, InternetChecksum.complement(sum));
    }

    private int in(Tunnel kind, int etherType) {
        tunnel = kind;
        return etherType;
    }

    private int lookAtGre(PacketBuffer p) {
        int available = p.length() - transport;
        if (available < GRE_SECTION) {
            return NOTHING;
        }
        MemorySegment s = p.segment();
        long at = p.head() + (long) transport;
        int flags = Octets.u16(s, at);
        int inside = Octets.u16(s, at + 2);
        int octets = GRE_SECTION
                + ((flags & GRE_KEY) != 0 ? GRE_SECTION : 0)
                + ((flags & GRE_CHECKSUM) != 0 ? GRE_SECTION : 0);
        boolean fits = (flags & ~(GRE_KEY | GRE_CHECKSUM)) == 0
                && octets <= available
                && ((flags & GRE_CHECKSUM) == 0 || unfit || isGreValid(p, at, available))
                && pass(HeaderChain.Layer.GRE, octets);
        if (!fits) {
            return NOTHING;
        }
        return inside == EtherType.TRANSPARENT_ETHERNET ? lookAtEthernet(p) : inside;
    }

    private boolean isGreValid(PacketBuffer p, long at, int length) {
        if (isToVerify(p) && InternetChecksum.fold(InternetChecksum.sum(p.segment(), at, length)) != 0xffff) {
            return false;
        }
        noteVerified(p);
        return true;
    }

    private int lookAtEthernet(PacketBuffer p) {
        int at = transport;
        if (p.length() - at < Ethernet.HEADER_LENGTH || !pass(HeaderChain.Layer.ETHERNET, Ethernet.HEADER_LENGTH)) {
            return NOTHING;
        }
        return Ethernet.etherType(p.segment(), p.head() + (long) at);
    }

    /// Whether `other`, which has headers in the same places, is of the same flow as far as all headers in
    /// front of the transport header tell.
    boolean isSameFlow(PacketBuffer p, PacketBuffer other) {
        return chain.isSameFlow(p, other, transport);
    }

    // ---- Checksums

    /// Whether nobody vouches for the checksum of the header that was come to.
    boolean isToVerify(PacketBuffer p) {
        Offload o = p.offload();
        return vouched == 0 && openAt != transport && (o.checksum != Checksum.PARTIAL || o.checksumStart < transport);
    }

    /// Notes that this checksum is right.
    void noteVerified(PacketBuffer p) {
        Offload o = p.offload();
        if (vouched > 0) {
            vouched--;
        } else if (o.checksum == Checksum.UNKNOWN) {
            o.checksum = Checksum.VALID;
            o.validInside = 0;
        } else if (o.checksum == Checksum.VALID) {
            o.validInside = Math.min(o.validInside + 1, MOST_INSIDE);
        }
    }

    /// The sum of the pseudo-header for a transport of `length` octets, header included.
    int pseudoHeader(PacketBuffer p, int length) {
        MemorySegment s = p.segment();
        long at = p.head() + (long) network;
        return version == 4
                ? InternetChecksum.pseudoHeader4(Ipv4.source(s, at), Ipv4.destination(s, at), protocol, length)
                : InternetChecksum.pseudoHeader6(s, at + Ipv6.SOURCE, protocol, length);
    }
}
