package adit.device;

/// The MTUs that a device can have, in octets.
///
/// @param minimum the smallest
/// @param maximum the largest
public record MtuRange(int minimum, int maximum) {
    /// What a device of IP packets has unless it knows better.
    public static final MtuRange IP = new MtuRange(68, 65535);

    /// Refuses a range without members.
    public MtuRange {
        if (minimum < 0 || maximum < minimum) {
            throw new IllegalArgumentException("mtu from " + minimum + " to " + maximum);
        }
    }

    boolean contains(int mtu) {
        return mtu >= minimum && mtu <= maximum;
    }
}
