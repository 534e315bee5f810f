package adit.program.memory;

import adit.port.Faults;
import adit.tunnel.Carrier;
import adit.tunnel.Mode;
import java.util.Objects;

/// What the demonstration does.
///
/// @param mode the tunnel's mode; in mode mplsip the hosts label their packets
/// @param carrier what carries the tunnel
/// @param line the line between the hosts
/// @param faults what goes wrong on it, in each direction
/// @param pings how many pings to send
/// @param octets how many octets to transfer
/// @param mtu the MTU of the tunnel devices in octets; 0 for the largest that fits the line
/// @param seed where all chance comes from
public record MemoryDemoOptions(
        Mode mode, Carrier carrier, Line line, Faults faults, int pings, long octets, int mtu, long seed) {
    /// An ipip tunnel over direct IP on a clean line, 10 pings and 64 MB.
    public static final MemoryDemoOptions DEFAULT =
            new MemoryDemoOptions(Mode.IPIP, new Carrier.Direct(), Line.DEFAULT, Faults.NONE, 10, 64_000_000, 0, 1);

    /// Refuses what can't be done.
    public MemoryDemoOptions {
        Objects.requireNonNull(mode, "mode");
        Objects.requireNonNull(carrier, "carrier");
        Objects.requireNonNull(line, "line");
        Objects.requireNonNull(faults, "faults");
        if (pings < 0 || octets < 0) {
            throw new IllegalArgumentException("pings " + pings + ", octets " + octets);
        }
        if (mtu != 0 && (mtu < 68 || mtu > 0xffff)) {
            throw new IllegalArgumentException("mtu " + mtu + " is not from 68 to 65535");
        }
    }

    /// The same with another mode.
    public MemoryDemoOptions withMode(Mode other) {
        return new MemoryDemoOptions(other, carrier, line, faults, pings, octets, mtu, seed);
    }

    /// The same over another carrier.
    public MemoryDemoOptions withCarrier(Carrier other) {
        return new MemoryDemoOptions(mode, other, line, faults, pings, octets, mtu, seed);
    }

    /// The same over another line.
    public MemoryDemoOptions withLine(Line other) {
        return new MemoryDemoOptions(mode, carrier, other, faults, pings, octets, mtu, seed);
    }

    /// The same with other faults on the line.
    public MemoryDemoOptions withFaults(Faults other) {
        return new MemoryDemoOptions(mode, carrier, line, other, pings, octets, mtu, seed);
    }

    /// The same with another number of pings.
    public MemoryDemoOptions withPings(int count) {
        return new MemoryDemoOptions(mode, carrier, line, faults, count, octets, mtu, seed);
    }

    /// The same with a transfer of another length.
    public MemoryDemoOptions withOctets(long count) {
        return new MemoryDemoOptions(mode, carrier, line, faults, pings, count, mtu, seed);
    }

    /// The same with another MTU of the tunnel devices.
    public MemoryDemoOptions withMtu(int octetsOrAuto) {
        return new MemoryDemoOptions(mode, carrier, line, faults, pings, octets, octetsOrAuto, seed);
    }

    /// The same with other dice.
    public MemoryDemoOptions withSeed(long other) {
        return new MemoryDemoOptions(mode, carrier, line, faults, pings, octets, mtu, other);
    }

    /// The MTU of the tunnel devices in octets.
    public int deviceMtu() {
        return mtu != 0 ? mtu : line.mtu() - carrier.overhead();
    }
}
