package adit.wire;

import java.lang.foreign.MemorySegment;

/// A walk over options of kind, length and value, which IPv4 (RFC 791) and TCP (RFC 9293) share.
///
/// ```
/// |  Kind = 0: the list ends here |
/// |  Kind = 1: padding            |
/// |     Kind      |    Length     |  Value, Length - 2 octets ...
/// ```
///
/// ```java
/// long option = Ipv4.firstOption(s, at);
/// for (; option >= 0; option = Ipv4.nextOption(s, at, option)) {
///     int kind = Options.kind(s, option);
/// }
/// boolean whole = option == Options.END;
/// ```
///
/// An option that the walk hands out lies wholly inside the header. Each step moves forward, so the walk ends.
public final class Options {
    /// Kind: the list ends here.
    public static final int END_OF_LIST = 0;
    /// Kind: one octet of padding.
    public static final int NO_OPERATION = 1;

    /// What the walk answers when there is no further option.
    public static final long END = -1;
    /// What the walk answers when the next option's length is below 2 or leads out of the header.
    public static final long MALFORMED = -2;

    private static final int LENGTH = 1;
    private static final int MIN_LENGTH = 2;

    private Options() {}

    /// The first option from `from` up to `end` that is not padding, [#END] or [#MALFORMED].
    public static long at(MemorySegment s, long from, long end) {
        for (long at = from; at < end; at++) {
            int kind = kind(s, at);
            if (kind == END_OF_LIST) {
                return END;
            }
            if (kind != NO_OPERATION) {
                boolean fits = end - at >= MIN_LENGTH && length(s, at) >= MIN_LENGTH && length(s, at) <= end - at;
                return fits ? at : MALFORMED;
            }
        }
        return END;
    }

    /// The option behind `option` that is not padding, [#END] or [#MALFORMED].
    public static long next(MemorySegment s, long option, long end) {
        return at(s, option + length(s, option), end);
    }

    /// The option's kind. In IPv4 that is copied flag, class and number together.
    public static int kind(MemorySegment s, long option) {
        return Octets.u8(s, option);
    }

    /// The option's length in octets, kind and length included.
    public static int length(MemorySegment s, long option) {
        return Octets.u8(s, option + LENGTH);
    }

    /// Where the option's value starts.
    public static long value(long option) {
        return option + MIN_LENGTH;
    }
}
