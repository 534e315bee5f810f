package adit.tunnel;

import static adit.tunnel.LinkStatistic.COLLISIONS;
import static adit.tunnel.LinkStatistic.RX_DROPPED;
import static adit.tunnel.LinkStatistic.RX_ERRORS;
import static adit.tunnel.LinkStatistic.RX_FRAME_ERRORS;
import static adit.tunnel.LinkStatistic.TX_CARRIER_ERRORS;
import static adit.tunnel.LinkStatistic.TX_DROPPED;
import static adit.tunnel.LinkStatistic.TX_ERRORS;
import static adit.tunnel.LinkStatistic.TX_FIFO_ERRORS;

import adit.packet.Refusal;

/// Why a packet is gone. Each reason raises the interface statistics that Linux raises for it; some raise none,
/// as there.
public enum Drop {
    /// Outbound: the tunnel is down.
    TUNNEL_DOWN(Side.OUTBOUND, "the tunnel is down", TX_DROPPED),
    /// Outbound: the mode does not carry the packet's protocol.
    NOT_CARRIED(Side.OUTBOUND, "the tunnel's mode does not carry this protocol", TX_ERRORS),
    /// Outbound: a labelled packet on FOU in mode any, where the peer could not know it for one.
    LABELS_OVER_FOU(Side.OUTBOUND, "FOU in mode any can't tell a labelled packet from others", TX_ERRORS),
    /// Outbound: shorter than its header.
    INNER_TRUNCATED(Side.OUTBOUND, "the inner packet is shorter than its header", TX_ERRORS),
    /// Outbound: external mode, and the packet says nothing about the tunnel.
    NO_METADATA(Side.OUTBOUND, "external mode, and the packet has no tunnel metadata", TX_ERRORS),
    /// Outbound: no remote is set and the packet has no route in the overlay.
    NO_NEXT_HOP(Side.OUTBOUND, "no remote is set and the inner packet has no next hop", TX_FIFO_ERRORS, TX_ERRORS),
    /// Outbound: no remote is set and the packet can't have an IPv4 next hop.
    NO_IPV4_NEXT_HOP(Side.OUTBOUND, "no remote is set and the inner packet has no IPv4 next hop", TX_ERRORS),
    /// Outbound: the underlay has no way to the peer.
    NO_PATH(Side.OUTBOUND, "the underlay has no way to the peer", TX_CARRIER_ERRORS, TX_ERRORS),
    /// Outbound: the underlay's way to the peer leads into this tunnel.
    LOOP(Side.OUTBOUND, "the way to the peer leads into the tunnel itself", COLLISIONS, TX_ERRORS),
    /// Outbound: too large for the path, and its sender can do something about it and was told.
    TOO_BIG(Side.OUTBOUND, "too large for the path, and not to be fragmented", TX_ERRORS),
    /// Outbound: too large for the path once encapsulated, and its sender would not understand.
    TOO_BIG_OUTSIDE(Side.OUTBOUND, "too large for the path, because the outer packet carries DF", TX_DROPPED),
    /// Outbound: no room for the headers in front of the packet.
    NO_HEADROOM(Side.OUTBOUND, "no room for the outer headers", TX_DROPPED),
    /// Outbound: a checksum to be finished lies outside the packet.
    BAD_OFFLOAD(Side.OUTBOUND, "a checksum that is to be finished lies outside the packet", TX_ERRORS),
    /// Outbound: a super-packet whose octets are not what the overlay says of them.
    SUPER_PACKET(Side.OUTBOUND, "a super-packet that can't be cut as it says", TX_ERRORS),
    /// Outbound: no buffer for a segment of a super-packet. Those before it have gone.
    NO_BUFFER(Side.OUTBOUND, "no buffer for the segments of a super-packet", TX_DROPPED),
    /// Outbound: the underlay had no room.
    UNDERLAY_FULL(Side.OUTBOUND, "the underlay had no room", TX_DROPPED),
    /// Outbound: the underlay found no way when it sent.
    UNDERLAY_UNREACHABLE(Side.OUTBOUND, "the underlay could not reach the peer", TX_CARRIER_ERRORS, TX_ERRORS),
    /// Outbound: the underlay is down or gone.
    UNDERLAY_DOWN(Side.OUTBOUND, "the underlay is down", TX_CARRIER_ERRORS, TX_ERRORS),
    /// Outbound: the underlay was not allowed to send.
    UNDERLAY_DENIED(Side.OUTBOUND, "the underlay was not allowed to send it", TX_DROPPED),
    /// Outbound: the underlay found the packet malformed.
    UNDERLAY_MALFORMED(Side.OUTBOUND, "the underlay found it malformed", TX_ERRORS),

    /// Stray: the outer protocol is none that a tunnel uses.
    UNKNOWN_PROTOCOL(Side.STRAY, "nothing is known of the protocol inside"),
    /// Stray: a UDP port that no tunnel uses.
    UNKNOWN_PORT(Side.STRAY, "no tunnel uses the UDP port"),
    /// Stray: a GUE header that is cut short, of an unknown version, with unknown flags or a control message.
    BAD_GUE(Side.STRAY, "the GUE header is malformed or unknown"),
    /// Stray: FOU in mode any, and neither IPv4 nor IPv6 inside.
    BAD_FOU(Side.STRAY, "neither IPv4 nor IPv6 over FOU"),
    /// Stray: shorter than the inner header.
    TRUNCATED(Side.STRAY, "the inner packet is shorter than its header"),
    /// Stray: no tunnel is for this peer.
    NO_TUNNEL(Side.STRAY, "no tunnel is for this peer"),

    /// Inbound: the tunnel's mode is another.
    WRONG_MODE(Side.INBOUND, "the tunnel's mode does not carry this protocol"),
    /// Inbound: congestion was experienced under a sender who does not know what that is.
    ECN(Side.INBOUND, "congestion experienced by a packet not capable of ECN", RX_FRAME_ERRORS, RX_ERRORS),
    /// Inbound, counted as received before: no buffer for one packet of several that came joined.
    NO_BUFFER_INBOUND(Side.DELIVERY, "no buffer for it", RX_DROPPED),
    /// Inbound, counted as received before: the overlay had no room.
    OVERLAY_FULL(Side.DELIVERY, "the overlay had no room", RX_DROPPED),
    /// Inbound, counted as received before: the overlay is down or gone.
    OVERLAY_DOWN(Side.DELIVERY, "the overlay is down", RX_DROPPED),
    /// Inbound, counted as received before: the overlay refused it for another reason.
    OVERLAY_REFUSED(Side.DELIVERY, "the overlay refused it", RX_DROPPED);

    /// Where a packet was when it was dropped.
    public enum Side {
        /// On its way from the overlay. The packets an [Outbound] received are those sent and these.
        OUTBOUND,
        /// Come from the underlay and for no tunnel.
        STRAY,
        /// Come from the underlay for this tunnel. The packets an [Inbound] received are those counted as
        /// received, the ICMP errors heard, these and the strays.
        INBOUND,
        /// Decapsulated and counted as received; the overlay did not take it.
        DELIVERY
    }

    private final Side side;
    private final String description;
    private final int raises;

    Drop(Side side, String description, LinkStatistic... raises) {
        this.side = side;
        this.description = description;
        int bits = 0;
        for (LinkStatistic statistic : raises) {
            bits |= bit(statistic);
        }
        this.raises = bits;
    }

    /// Where the packet was.
    public Side side() {
        return side;
    }

    /// The reason for people, in one clause.
    public String description() {
        return description;
    }

    /// Whether this interface statistic goes up with each packet dropped for this reason.
    public boolean raises(LinkStatistic statistic) {
        return (raises & bit(statistic)) != 0;
    }

    @SuppressWarnings("EnumOrdinal") // a set in one word, for this run alone
    private static int bit(LinkStatistic statistic) {
        return 1 << statistic.ordinal();
    }

    static Drop ofUnderlay(Refusal refusal) {
        return switch (refusal) {
            case NONE, FULL -> UNDERLAY_FULL;
            case TOO_BIG -> TOO_BIG_OUTSIDE;
            case UNREACHABLE -> UNDERLAY_UNREACHABLE;
            case DOWN -> UNDERLAY_DOWN;
            case DENIED -> UNDERLAY_DENIED;
            case MALFORMED -> UNDERLAY_MALFORMED;
        };
    }

    static Drop ofOverlay(Refusal refusal) {
        return switch (refusal) {
            case NONE, FULL -> OVERLAY_FULL;
            case DOWN -> OVERLAY_DOWN;
            case TOO_BIG, UNREACHABLE, DENIED, MALFORMED -> OVERLAY_REFUSED;
        };
    }
}
