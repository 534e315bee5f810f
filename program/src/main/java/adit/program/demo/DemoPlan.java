package adit.program.demo;

import adit.tunnel.Carrier;
import adit.tunnel.Mode;

/// What a demonstration is to do.
///
/// @param mode what the tunnel carries
/// @param carrier what carries the tunnel
/// @param pings how many pings go through it
/// @param octets how many octets the transfer moves
/// @param loss which share of the packets is lost on the way out of each tunnel end, 0 to 1
/// @param seed where chance starts
public record DemoPlan(Mode mode, Carrier carrier, int pings, long octets, double loss, long seed) {
    /// Refuses what makes no sense.
    public DemoPlan {
        if (pings < 1 || pings > 1000) {
            throw new IllegalArgumentException("--pings " + pings + " is not from 1 to 1000");
        }
        if (octets < 1 || octets > 1L << 33) {
            throw new IllegalArgumentException("octets " + octets + " are not 1 to 8 GiB");
        }
        if (!(loss >= 0 && loss < 1)) {
            throw new IllegalArgumentException("a loss of " + loss + " is not from 0 to below 1");
        }
    }
}
