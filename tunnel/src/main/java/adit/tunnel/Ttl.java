package adit.tunnel;

/// The outer time to live: that of the inner packet, or a fixed one.
///
/// @param value 0 to inherit, else 1 to 255
public record Ttl(int value) {
    /// As the inner packet has it; 64 where that has none, as a label stack.
    public static final Ttl INHERIT = new Ttl(0);

    /// Refuses what does not fit into an octet.
    public Ttl {
        if (value < 0 || value > 0xff) {
            throw new IllegalArgumentException("ttl " + value + " is neither 0 (inherit) nor from 1 to 255");
        }
    }

    /// Always `value`, 1 to 255.
    public static Ttl fixed(int value) {
        if (value == 0) {
            throw new IllegalArgumentException("a fixed ttl is from 1 to 255; 0 would mean inherit");
        }
        return new Ttl(value);
    }

    /// Whether the inner packet decides.
    public boolean inherited() {
        return value == 0;
    }

    @Override
    public String toString() {
        return inherited() ? "inherit" : Integer.toString(value);
    }
}
