package adit.tunnel;

/// The outer DSCP: that of the inner packet, or a fixed one. The two ECN bits always come from the inner
/// packet.
///
/// As in Linux, one octet says both: an odd value means inherit, and its upper six bits are for packets that
/// have no such field, label stacks.
///
/// @param value 0 to 255
public record Tos(int value) {
    /// As the inner packet has it, 0 where that has none.
    public static final Tos INHERIT = new Tos(1);
    /// Always 0.
    public static final Tos ZERO = new Tos(0);

    /// Refuses what does not fit into an octet.
    public Tos {
        if (value < 0 || value > 0xff) {
            throw new IllegalArgumentException("tos " + value + " is not from 0 to 255");
        }
    }

    /// Whether the inner packet decides.
    public boolean inherited() {
        return (value & 1) != 0;
    }

    @Override
    public String toString() {
        return value == INHERIT.value ? "inherit" : "0x%02x".formatted(value);
    }
}
