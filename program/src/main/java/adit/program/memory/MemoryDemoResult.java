package adit.program.memory;

import adit.program.host.BulkSender;
import adit.program.host.HostDrop;
import adit.tunnel.Drop;
import adit.tunnel.Event;
import adit.tunnel.LinkStatistics;
import adit.underlay.Reassembler;
import adit.underlay.UnderlayDrop;
import adit.wire.Ip4Address;
import java.util.List;
import java.util.Map;

/// What the demonstration showed. Times are of the virtual time.
///
/// @param pings how the pings went
/// @param transfer how the transfer went
/// @param ends the two stations, a first
/// @param journeys what became of all packets, from a to b first
/// @param virtualNanos how long it took, in nanoseconds of virtual time
/// @param packets how many packets were moved, each hop counted
public record MemoryDemoResult(
        Pinged pings, Transfer transfer, List<End> ends, List<Journey> journeys, long virtualNanos, long packets) {

    /// How the pings went.
    ///
    /// @param sent how many were sent
    /// @param received how many were answered rightly
    /// @param duplicates how many answers came once more
    /// @param minNanos the shortest round trip in nanoseconds, 0 when there was none
    /// @param averageNanos the average round trip in nanoseconds
    /// @param maxNanos the longest round trip in nanoseconds
    public record Pinged(int sent, int received, int duplicates, long minNanos, long averageNanos, long maxNanos) {}

    /// Whether what came is what was sent.
    public enum Verdict {
        /// The SHA-256 digests are the same.
        MATCHED,
        /// They differ.
        DIFFERED,
        /// Not everything came, or the connection was not closed on both sides.
        INCOMPLETE
    }

    /// How the transfer went.
    ///
    /// @param octets how many octets were to be sent
    /// @param received how many came
    /// @param verdict whether they are the same
    /// @param sha256 the digest of what came, in hex; empty while not everything came
    /// @param durationNanos from the first packet of the connection to the last octet, in nanoseconds
    /// @param state where the sender's connection stood in the end
    /// @param segments TCP segments with data that were sent, copies included
    /// @param retransmissions those among them that were sent before
    /// @param timeouts how often the retransmission timer ran out
    public record Transfer(
            long octets,
            long received,
            Verdict verdict,
            String sha256,
            long durationNanos,
            BulkSender.State state,
            long segments,
            long retransmissions,
            long timeouts) {
        /// Octets in a second times eight; 0 when nothing came.
        public double bitsPerSecond() {
            return durationNanos == 0 ? 0 : received * 8e9 / durationNanos;
        }
    }

    /// One station.
    ///
    /// @param name its name
    /// @param overlay the host's address
    /// @param underlay the outer address
    /// @param mtu the MTU of the tunnel device in octets
    /// @param statistics the tunnel's interface statistics
    /// @param drops what the tunnel dropped; every reason is there
    /// @param events what the tunnel counted besides
    /// @param underlayDrops what the underlay dropped
    /// @param fragmentDrops fragments that the underlay dropped
    /// @param hostDrops what the host dropped above its IP layer
    /// @param hostUnderlayDrops what the host's IP layer dropped
    public record End(
            String name,
            Ip4Address overlay,
            Ip4Address underlay,
            int mtu,
            LinkStatistics statistics,
            Map<Drop, Long> drops,
            Map<Event, Long> events,
            Map<UnderlayDrop, Long> underlayDrops,
            Map<Reassembler.Drop, Long> fragmentDrops,
            Map<HostDrop, Long> hostDrops,
            Map<UnderlayDrop, Long> hostUnderlayDrops) {}

    /// Whether all pings came back, the transfer's digest matched and every packet is accounted for.
    public boolean succeeded() {
        return pings.received == pings.sent
                && transfer.verdict == Verdict.MATCHED
                && discrepancies().isEmpty();
    }

    /// Each place where packets are unaccounted for, in words; empty as a rule.
    public List<String> discrepancies() {
        return journeys.stream().flatMap(j -> j.discrepancies().stream()).toList();
    }
}
