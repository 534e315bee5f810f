package adit.program.memory;

/// The line between the two hosts, the same in both directions.
///
/// @param bitsPerSecond how fast it is
/// @param delayNanos how long a packet travels, in nanoseconds
/// @param queue how many packets wait in front of it before further ones are refused
/// @param mtu the largest packet it takes, in octets
public record Line(long bitsPerSecond, long delayNanos, int queue, int mtu) {
    /// 1 Gbit/s, 2 ms, 512 packets, 1500 octets.
    public static final Line DEFAULT = new Line(1_000_000_000, 2_000_000, 512, 1500);

    private static final int MIN_MTU = 200;
    private static final int MAX_MTU = 65_535;

    /// Refuses what makes no line.
    public Line {
        if (bitsPerSecond < 1 || delayNanos < 0 || queue < 1) {
            throw new IllegalArgumentException(
                    "bitsPerSecond " + bitsPerSecond + ", delayNanos " + delayNanos + ", queue " + queue);
        }
        if (mtu < MIN_MTU || mtu > MAX_MTU) {
            throw new IllegalArgumentException("mtu " + mtu + " is not from " + MIN_MTU + " to " + MAX_MTU);
        }
    }
}
