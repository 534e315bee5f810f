package adit.netlink;

import java.util.Optional;

/// For how many seconds an address is good: `struct ifa_cacheinfo`.
///
/// ```
/// | preferred | valid | made, in hundredths of a second since the start | changed, likewise
/// ```
///
/// The kernel looks at the first two of a request and tells all four.
///
/// @param preferredSeconds until the address is deprecated, an unsigned number; 0xffffffff is never
/// @param validSeconds until it is gone, likewise
public record AddressLifetime(int preferredSeconds, int validSeconds) {
    /// Reads the attribute that `a` stands on; empty if it is too short for the two numbers.
    static Optional<AddressLifetime> read(AttributeReader a) {
        return a.length() < 2 * Integer.BYTES
                ? Optional.empty()
                : Optional.of(new AddressLifetime(a.i32(0), a.i32(Integer.BYTES)));
    }

    /// Writes the attribute, with no word of when the address was made.
    public void writeTo(MessageWriter w) {
        w.nested(
                IfAddr.IFA_CACHEINFO,
                c -> c.i32(preferredSeconds).i32(validSeconds).i32(0).i32(0));
    }
}
