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
///
/// A host that connects asks for no options beyond the window scale. One that accepts takes up what the peer offers:
/// timestamps, without which a Linux sender can't tell after a loss how long a round trip takes, and doubles its
/// timeout with each further loss (RFC 6298 section 3); and selective acknowledgments, which show it the holes.
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
    private static final int SACK_PERMITTED_LENGTH = 2;
    private static final int SACK_BLOCK_LENGTH = 8;
    private static final int TIMESTAMPS_LENGTH = 10;
    /// With two octets in front that make it a multiple of four.
    private static final int PADDED_TIMESTAMPS_LENGTH = 12;

    private final Output output;
    private final int localPort;
    private final int peer;
    private final int peerPort;
    private boolean timestamps;
    private boolean sack;
    /// The peer's timestamp to echo: RFC 7323's TS.Recent.
    private long recentTimestamp;

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

    /// Takes up the options that the peer's SYN offers.
    void accept(PacketBuffer syn) {
        long option = option(syn, Tcp.OPTION_TIMESTAMPS, TIMESTAMPS_LENGTH);
        timestamps = option >= 0;
        recentTimestamp = timestamps ? Octets.u32(syn.segment(), Options.value(option)) : 0;
        sack = option(syn, Tcp.OPTION_SACK_PERMITTED, SACK_PERMITTED_LENGTH) >= 0;
    }

    /// Whether a segment is a late copy from before the sequence numbers came around (RFC 7323 section 5.3); if not,
    /// and if it begins no later than `lastAcknowledged`, takes over its timestamp to echo it (section 4.3).
    boolean isOutdated(PacketBuffer p, long lastAcknowledged) {
        long option = timestamps ? option(p, Tcp.OPTION_TIMESTAMPS, TIMESTAMPS_LENGTH) : -1;
        if (option < 0) {
            return false;
        }
        long timestamp = Octets.u32(p.segment(), Options.value(option));
        if ((int) (timestamp - recentTimestamp) < 0) {
            return true;
        }
        if ((int) (Tcp.sequenceNumber(p.segment(), p.head()) - lastAcknowledged) <= 0) {
            recentTimestamp = timestamp;
        }
        return false;
    }

    /// Sends a SYN that announces a maximum segment size, unless it is [#NO_SCALE] a window scale, and what was taken
    /// up of the peer's. Answers false when there is no room now.
    boolean sendSyn(long sequenceNumber, long acknowledgment, int flags, int window, int scale) {
        int options = MSS_LENGTH
                + (scale == NO_SCALE ? 0 : SCALE_LENGTH + 1)
                + (sack ? SACK_PERMITTED_LENGTH + 2 : 0)
                + timestampsLength();
        PacketBuffer p = begin(sequenceNumber, acknowledgment, flags, window, options, 0);
        if (p == null) {
            return false;
        }
        MemorySegment s = p.segment();
        long at = (long) p.head() + Tcp.MIN_HEADER_LENGTH;
        at = putOption(s, at, Tcp.OPTION_MAXIMUM_SEGMENT_SIZE, MSS_LENGTH);
        Octets.put16(s, at - 2, pathMss());
        if (scale != NO_SCALE) {
            at = putOption(s, putPadding(s, at, 1), Tcp.OPTION_WINDOW_SCALE, SCALE_LENGTH);
            Octets.put8(s, at - 1, scale);
        }
        if (sack) {
            at = putOption(s, putPadding(s, at, 2), Tcp.OPTION_SACK_PERMITTED, SACK_PERMITTED_LENGTH);
        }
        putTimestamps(s, at);
        finish(p);
        return true;
    }

    /// Sends a segment that carries `count` octets of `data` from `position` on. Answers false when there is no
    /// room now.
    boolean send(
            long sequenceNumber, long acknowledgment, int flags, int window, TestData data, long position, int count) {
        PacketBuffer p = begin(sequenceNumber, acknowledgment, flags, window, timestampsLength(), count);
        if (p == null) {
            return false;
        }
        putTimestamps(p.segment(), (long) p.head() + Tcp.MIN_HEADER_LENGTH);
        if (count > 0) {
            data.write(position, p.segment(), (long) p.head() + p.length() - count, count);
        }
        finish(p);
        return true;
    }

    /// Sends a segment without data. Answers false when there is no room now.
    boolean send(long sequenceNumber, long acknowledgment, int flags, int window) {
        return send(sequenceNumber, acknowledgment, flags, window, null, 0, 0);
    }

    /// Sends a segment without data that tells of the runs behind the first hole, if the peer wants to know. Answers
    /// false when there is no room now.
    boolean send(long sequenceNumber, long acknowledgment, int flags, int window, SackBlocks blocks) {
        int told = sack ? blocks.count() : 0;
        int sackLength = told == 0 ? 0 : 2 + SACK_BLOCK_LENGTH * told;
        int options = timestampsLength() + (told == 0 ? 0 : 2 + sackLength);
        PacketBuffer p = begin(sequenceNumber, acknowledgment, flags, window, options, 0);
        if (p == null) {
            return false;
        }
        MemorySegment s = p.segment();
        long at = putTimestamps(s, (long) p.head() + Tcp.MIN_HEADER_LENGTH);
        if (told > 0) {
            at = putPadding(s, at, 2);
            putOption(s, at, Tcp.OPTION_SACK, sackLength);
            for (int i = 0; i < told; i++) {
                long block = at + 2 + (long) SACK_BLOCK_LENGTH * i;
                Octets.put32(s, block, (int) blocks.left(i));
                Octets.put32(s, block + Integer.BYTES, (int) blocks.right(i));
            }
        }
        finish(p);
        return true;
    }

    /// A segment with room for `options` octets of options and `count` of data, or null when there is no room now.
    private PacketBuffer begin(
            long sequenceNumber, long acknowledgment, int flags, int window, int options, int count) {
        PacketBuffer p = output.lend();
        if (p == null) {
            return null;
        }
        int header = Tcp.MIN_HEADER_LENGTH + options;
        int at = p.put(header + count);
        Tcp.emit(p.segment(), at, localPort, peerPort, sequenceNumber, acknowledgment, header, flags, window);
        return p;
    }

    private int timestampsLength() {
        return timestamps ? PADDED_TIMESTAMPS_LENGTH : 0;
    }

    private long putTimestamps(MemorySegment s, long at) {
        if (!timestamps) {
            return at;
        }
        long end = putOption(s, putPadding(s, at, 2), Tcp.OPTION_TIMESTAMPS, TIMESTAMPS_LENGTH);
        Octets.put32(s, end - 8, (int) output.milliseconds());
        Octets.put32(s, end - 4, (int) recentTimestamp);
        return end;
    }

    private static long putPadding(MemorySegment s, long at, int count) {
        for (int i = 0; i < count; i++) {
            Octets.put8(s, at + i, Tcp.OPTION_NOP);
        }
        return at + count;
    }

    /// Writes an option's kind and length and answers where the option ends.
    private static long putOption(MemorySegment s, long at, int kind, int length) {
        Octets.put8(s, at, kind);
        Octets.put8(s, at + 1, length);
        return at + length;
    }

    private void finish(PacketBuffer p) {
        int pseudoHeader = InternetChecksum.pseudoHeader4(output.address(), peer, IpProtocol.TCP, p.length());
        Tcp.fillChecksum(p.segment(), p.head(), p.length(), pseudoHeader);
        output.send(p, peer, IpProtocol.TCP, output.path(peer).pinned() == Path.Pinned.NO);
    }
}
