package adit.tunnel;

import adit.offload.Coalescer;
import adit.offload.Coalescer.Transports;
import adit.packet.PacketBatch;
import adit.packet.PacketBuffer;
import adit.port.Port;

/// What an [Inbound] keeps for a tunnel.
final class InboundLane implements TunnelTable.Entry {
    /// Flows whose super-packets grow side by side.
    private static final int FLOWS = 16;

    final Tunnel tunnel;
    final Port overlay;
    final TunnelCounters counters;
    final Mode mode;
    final boolean external;
    /// Makes super-packets of the packets of a turn.
    Coalescer coalescer;
    /// The packets of this turn; null when there are none.
    PacketBatch batch;

    private volatile Transports takes;

    InboundLane(Tunnel tunnel, Port overlay, TunnelCounters counters, Transports takes) {
        this.tunnel = tunnel;
        this.overlay = overlay;
        this.counters = counters;
        this.mode = tunnel.spec().mode();
        this.external = tunnel.spec().steering() == Steering.EXTERNAL;
        this.takes = takes;
        this.coalescer = new Coalescer(FLOWS, takes);
    }

    @Override
    public Tunnel tunnel() {
        return tunnel;
    }

    /// Which super-packets the overlay takes, as far as is known. Any thread may ask.
    Transports takes() {
        return takes;
    }

    /// Whether the overlay takes `p` as it is.
    boolean takes(PacketBuffer p) {
        return switch (p.offload().segmentation) {
            case NONE -> true;
            case TCP4, TCP6 -> takes != Transports.NONE;
            case UDP, UDP_FRAGMENT -> takes == Transports.TCP_AND_UDP;
        };
    }

    /// The overlay does not take a super-packet such as `p`, so it gets no more of its kind. Happens at most
    /// twice, and when no super-packet grows.
    void refuses(PacketBuffer p) {
        counters.event(Event.SUPER_PACKET_REFUSED);
        takes = switch (p.offload().segmentation) {
            case NONE -> takes;
            case TCP4, TCP6 -> Transports.NONE;
            case UDP, UDP_FRAGMENT -> Transports.TCP;
        };
        coalescer = new Coalescer(FLOWS, takes);
    }
}
