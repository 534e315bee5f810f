package adit.packet;

import java.util.Arrays;

/// How many packets an underlay took out of a [PacketBatch] and then found that it could not send them after
/// all: what it sends while its caller goes on can be refused when the call is long over. The packets
/// themselves have gone.
///
/// The underlay adds to it, in a later call by the same thread; who owns the batch reads it and clears it.
public final class LateRefusals {
    private static final int REASONS = Refusal.values().length;

    private final int[] packets = new int[REASONS];
    private int all;
    private long octets;

    LateRefusals() {}

    /// Counts one packet that was `octets` octets long in the batch. One that was to be cut counts once for
    /// each segment, each as long as it would have been alone.
    @SuppressWarnings("EnumOrdinal") // an index into an array that never leaves this object
    public void add(Refusal why, int octets) {
        packets[why.ordinal()]++;
        all++;
        this.octets += octets;
    }

    /// Whether there are none.
    public boolean isEmpty() {
        return all == 0;
    }

    /// How many were refused for this reason.
    @SuppressWarnings("EnumOrdinal") // as above
    public int packets(Refusal why) {
        return packets[why.ordinal()];
    }

    /// The octets of all.
    public long octets() {
        return octets;
    }

    /// Forgets them.
    public void clear() {
        Arrays.fill(packets, 0);
        all = 0;
        octets = 0;
    }
}
