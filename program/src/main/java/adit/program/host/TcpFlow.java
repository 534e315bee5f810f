package adit.program.host;

import adit.packet.PacketBuffer;
import adit.underlay.Path;
import adit.wire.InternetChecksum;
import adit.wire.IpProtocol;
import adit.wire.Octets;
import adit.wire.Options;
import adit.wire.Tcp;
import java.lang.foreign.MemorySegment;

/// The two ends of a connection, seen from this host: reads what both kinds of connection need from a segment,
/// and writes segments.
final class TcpFlow {
    /// What is assumed of a peer that doesn't say (RFC 9293 section 3.7.1).
    static final int DEFAULT_MSS = 536;
    /// The largest shift of a window (RFC 7323 section 2.3).
    static final int MAX_SCALE = 14;
    /// What a peer that does not scale is noted with.
    static final int NO_SCALE = -1;

    private static final int HEADERS = 40;
    private static final int MSS_LENGTH = 4;
    private static final int SCALE_LENGTH = 3;
    private static final int SYN_HEADER = Tcp.MIN_HEADER_LENGTH + MSS_LENGTH + SCALE_LENGTH + 1;

    private final Output output;
    private final int localPort;
    private final int peer;
    private final int peerPort;

    TcpFlow(Output output, int localPort, int peer, int peerPort) {
        this.output = output;
        this.localPort = localPort;
        this.peer = peer;
        this.peerPort = peerPort;
    }

    /// Whether a segment that came in belongs here.
    boolean matches(PacketBuffer p) {
        return p.addressing().source == peer
                && Tcp.sourcePort(p.segment(), p.head()) == peerPort
                && Tcp.destinationPort(p.segment(), p.head()) == localPort;
    }

    /// Whether the segment quoted at `tcp` in an ICMP error, sent to `destination`, left from here.
    boolean sent(MemorySegment s, long tcp, int destination) {
        return destination == peer && Tcp.sourcePort(s, tcp) == localPort && Tcp.destinationPort(s, tcp) == peerPort;
    }

    /// The largest payload of a segment that the way to the peer takes whole.
    int pathMss() {
        return Math.max(1, output.path(peer).mtu() - HEADERS);
    }

    /// The maximum segment size that a SYN announces.
    static int announcedMss(PacketBuffer p) {
        long option = option(p, Tcp.OPTION_MAXIMUM_SEGMENT_SIZE, MSS_LENGTH);
        int mss = option < 0 ? DEFAULT_MSS : Octets.u16(p.segment(), Options.value(option));
        return Math.max(mss, 1);
    }

    /// The window scale that a SYN announces, [#NO_SCALE] when it announces none.
    static int announcedScale(PacketBuffer p) {
        long option = option(p, Tcp.OPTION_WINDOW_SCALE, SCALE_LENGTH);
        return option < 0 ? NO_SCALE : Math.min(MAX_SCALE, Octets.u8(p.segment(), Options.value(option)));
    }

    private static long option(PacketBuffer p, int kind, int length) {
        MemorySegment s = p.segment();
        long option = Tcp.firstOption(s, p.head());
        while (option >= 0 && (Options.kind(s, option) != kind || Options.length(s, option) != length)) {
            option = Tcp.nextOption(s, p.head(), option);
        }
        return option;
    }

    /// Sends a SYN that announces a maximum segment size and, unless it is [#NO_SCALE], a window scale. Answers
    /// false when there is no room now.
    boolean sendSyn(long sequenceNumber, long acknowledgment, int flags, int window, int scale) {
        PacketBuffer p = output.lend();
        if (p == null) {
            return false;
        }
        int header = scale == NO_SCALE ? Tcp.MIN_HEADER_LENGTH + MSS_LENGTH : SYN_HEADER;
        MemorySegment s = p.segment();
        int at = p.put(header);
        Tcp.emit(s, at, localPort, peerPort, sequenceNumber, acknowledgment, header, flags, window);
        int option = at + Tcp.MIN_HEADER_LENGTH;
        Octets.put8(s, option, Tcp.OPTION_MAXIMUM_SEGMENT_SIZE);
        Octets.put8(s, option + 1, MSS_LENGTH);
        Octets.put16(s, option + 2, pathMss());
        if (scale != NO_SCALE) {
            Octets.put8(s, option + MSS_LENGTH, Tcp.OPTION_NOP);
            Octets.put8(s, option + MSS_LENGTH + 1, Tcp.OPTION_WINDOW_SCALE);
            Octets.put8(s, option + MSS_LENGTH + 2, SCALE_LENGTH);
            Octets.put8(s, option + MSS_LENGTH + 3, scale);
        }
        finish(p, at);
        return true;
    }

    /// Sends a segment that carries `count` octets of `data` from `position` on. Answers false when there is no
    /// room now.
    boolean send(
            long sequenceNumber, long acknowledgment, int flags, int window, TestData data, long position, int count) {
        PacketBuffer p = output.lend();
        if (p == null) {
            return false;
        }
        MemorySegment s = p.segment();
        int at = p.put(Tcp.MIN_HEADER_LENGTH + count);
        int header = Tcp.MIN_HEADER_LENGTH;
        Tcp.emit(s, at, localPort, peerPort, sequenceNumber, acknowledgment, header, flags, window);
        if (count > 0) {
            data.write(position, s, at + header, count);
        }
        finish(p, at);
        return true;
    }

    /// Sends a segment without data. Answers false when there is no room now.
    boolean send(long sequenceNumber, long acknowledgment, int flags, int window) {
        return send(sequenceNumber, acknowledgment, flags, window, null, 0, 0);
    }

    private void finish(PacketBuffer p, int at) {
        int pseudoHeader = InternetChecksum.pseudoHeader4(output.address(), peer, IpProtocol.TCP, p.length());
        Tcp.fillChecksum(p.segment(), at, p.length(), pseudoHeader);
        output.send(p, peer, IpProtocol.TCP, output.path(peer).pinned() == Path.Pinned.NO);
    }
}
