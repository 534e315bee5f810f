package adit.program.demo;

import adit.program.up.TunnelStatus;
import java.util.List;

/// What came of a demonstration.
///
/// @param pingsSent how many pings were sent
/// @param roundTripsNanos the round trip times of those that came back, in order
/// @param octets how many octets the transfer moved
/// @param transferNanos how long that took
/// @param checksumMatched whether what arrived is what was sent
/// @param ends how the tunnel's two ends fared, the sender's first
public record DemoResult(
        int pingsSent,
        List<Long> roundTripsNanos,
        long octets,
        long transferNanos,
        boolean checksumMatched,
        List<TunnelStatus> ends) {
    /// Copies the lists.
    public DemoResult {
        roundTripsNanos = List.copyOf(roundTripsNanos);
        ends = List.copyOf(ends);
    }

    /// Whether all pings came back and the transfer arrived whole.
    public boolean succeeded() {
        return roundTripsNanos.size() == pingsSent && checksumMatched;
    }

    /// Bits a second.
    public double rate() {
        return transferNanos == 0 ? 0 : octets * 8e9 / transferNanos;
    }
}
