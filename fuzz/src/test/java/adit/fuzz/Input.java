package adit.fuzz;

import java.util.Arrays;

/// A fuzzer's octets, taken from the front: numbers are big-endian, and what is not there is 0. So seeds can be
/// written by hand, and a change in one place leaves the rest where it is.
final class Input {
    private final byte[] octets;
    private int next;

    Input(byte[] octets) {
        this.octets = octets;
    }

    boolean isEmpty() {
        return next >= octets.length;
    }

    int u8() {
        return isEmpty() ? 0 : Byte.toUnsignedInt(octets[next++]);
    }

    int u16() {
        return u8() << 8 | u8();
    }

    /// The next octet as one of `some`.
    <T> T oneOf(T[] some) {
        return some[u8() % some.length];
    }

    /// At most `length` octets.
    byte[] octets(int length) {
        int from = Math.min(next, octets.length);
        next = Math.min(from + length, octets.length);
        return Arrays.copyOfRange(octets, from, next);
    }

    /// Octets behind their length of 16 bits; at most `most` of them.
    byte[] counted(int most) {
        return octets(Math.min(u16(), most));
    }

    byte[] rest() {
        return octets(octets.length - Math.min(next, octets.length));
    }
}
