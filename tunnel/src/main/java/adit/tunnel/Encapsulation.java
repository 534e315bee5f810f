package adit.tunnel;

import adit.packet.Addressing;
import adit.packet.PacketBuffer;
import adit.wire.Gue;
import adit.wire.IpProtocol;

/// What a [Carrier] does to each packet on its way out: the header in front of it that is the tunnel's, and the
/// outer protocol and ports that the underlay will write.
sealed interface Encapsulation {
    /// Octets that [#push] puts in front of a packet.
    int length();

    /// Makes `p`, an inner packet announced by IP protocol number `protocol`, the payload of the underlay's
    /// packet.
    void push(PacketBuffer p, int protocol);

    static Encapsulation of(Carrier carrier) {
        return switch (carrier) {
            case Carrier.Direct() -> new Direct();
            case Carrier.Fou fou -> new Fou(fou.port(), fou.peerPort(), fou.sourcePort());
            case Carrier.Gue gue -> new OverGue(new Fou(gue.port(), gue.peerPort(), gue.sourcePort()));
        };
    }

    /// Nothing but the number.
    record Direct() implements Encapsulation {
        @Override
        public int length() {
            return 0;
        }

        @Override
        public void push(PacketBuffer p, int protocol) {
            Addressing a = p.addressing();
            a.protocol = protocol;
            a.sourcePort = 0;
            a.destinationPort = 0;
        }
    }

    /// UDP ports.
    record Fou(int port, int peerPort, Carrier.SourcePort sourcePort) implements Encapsulation {
        @Override
        public int length() {
            return 0;
        }

        @Override
        public void push(PacketBuffer p, int protocol) {
            Addressing a = p.addressing();
            a.protocol = IpProtocol.UDP;
            a.sourcePort = sourcePort == Carrier.SourcePort.OWN ? port : FlowPorts.of(p, protocol);
            a.destinationPort = peerPort;
        }
    }

    /// UDP ports, and a header that holds the number.
    record OverGue(Fou udp) implements Encapsulation {
        @Override
        public int length() {
            return Gue.MIN_HEADER_LENGTH;
        }

        @Override
        public void push(PacketBuffer p, int protocol) {
            udp.push(p, protocol);
            Gue.emit(p.segment(), p.push(Gue.MIN_HEADER_LENGTH), protocol);
        }
    }
}
