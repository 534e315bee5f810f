package adit.lab;

/// How one direction of a cable is.
///
/// @param loss the probability that a packet is lost on the way, 0 to 1
/// @param delayNanos how long a packet is on the way, in nanoseconds
/// @param bitsPerSecond how fast packets leave, link header included; 0 for at once
/// @param queue how many packets wait for those in front of them to leave; more are dropped, the newest first
public record LineSpec(double loss, long delayNanos, long bitsPerSecond, int queue) {
    /// A line that loses nothing and takes no time.
    public static final LineSpec PERFECT = new LineSpec(0, 0, 0, 1000);
    /// The longest delay, in nanoseconds: a minute.
    public static final long MAX_DELAY_NANOS = 60_000_000_000L;
    /// The longest queue, in packets.
    public static final int MAX_QUEUE = 10_000;

    /// Refuses what no line can be.
    public LineSpec {
        if (!(loss >= 0 && loss <= 1)) {
            throw new IllegalArgumentException("loss " + loss);
        }
        if (delayNanos < 0 || delayNanos > MAX_DELAY_NANOS || bitsPerSecond < 0) {
            throw new IllegalArgumentException("delayNanos " + delayNanos + ", bitsPerSecond " + bitsPerSecond);
        }
        if (queue < 1 || queue > MAX_QUEUE) {
            throw new IllegalArgumentException("queue " + queue);
        }
    }

    /// The same with another loss.
    public LineSpec withLoss(double probability) {
        return new LineSpec(probability, delayNanos, bitsPerSecond, queue);
    }

    /// The same with another delay.
    public LineSpec withDelay(long nanos) {
        return new LineSpec(loss, nanos, bitsPerSecond, queue);
    }

    /// The same with another rate.
    public LineSpec withRate(long bits) {
        return new LineSpec(loss, delayNanos, bits, queue);
    }

    /// The same with another queue.
    public LineSpec withQueue(int packets) {
        return new LineSpec(loss, delayNanos, bitsPerSecond, packets);
    }

    /// As a file of a lab has it, such as `loss 5% delay 10ms rate 1mbit`; empty for a perfect one.
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        if (loss > 0) {
            text.append(" loss ").append(Quantity.percent(loss));
        }
        if (delayNanos > 0) {
            text.append(" delay ").append(Quantity.duration(delayNanos));
        }
        if (bitsPerSecond > 0) {
            text.append(" rate ").append(Quantity.rate(bitsPerSecond));
            text.append(" queue ").append(queue);
        }
        return text.toString().strip();
    }
}
