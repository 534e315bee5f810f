package adit.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HexFormat;

/// Octets written down by hand, and memory that shows what was not written.
final class Golden {
    /// What fresh memory holds, so that an octet that a codec should have written but did not shows.
    static final byte JUNK = (byte) 0xa5;
    /// Where headers stand in these tests: at an odd offset, so that nothing is aligned.
    static final int AT = 13;

    private Golden() {}

    static MemorySegment junk(int size) {
        return Arena.ofAuto().allocate(size).fill(JUNK);
    }

    /// The octets of `hex`, in which spaces may stand anywhere.
    static byte[] bytes(String hex) {
        return HexFormat.of().parseHex(hex.replace(" ", ""));
    }

    /// Exactly the octets of `hex`: reading one octet more throws.
    static MemorySegment exactly(String hex) {
        return exactly(bytes(hex));
    }

    static MemorySegment exactly(byte[] octets) {
        MemorySegment s = Arena.ofAuto().allocate(octets.length);
        MemorySegment.copy(octets, 0, s, ValueLayout.JAVA_BYTE, 0, octets.length);
        return s;
    }

    /// Junk with the octets of `hex` at [#AT].
    static MemorySegment at(String hex) {
        byte[] octets = bytes(hex);
        MemorySegment s = junk(octets.length + 2 * AT);
        MemorySegment.copy(octets, 0, s, ValueLayout.JAVA_BYTE, AT, octets.length);
        return s;
    }

    /// `s` holds the octets of `hex` at [#AT], and is junk everywhere else.
    static void assertWritten(MemorySegment s, String hex) {
        byte[] expected = junk((int) s.byteSize()).toArray(ValueLayout.JAVA_BYTE);
        byte[] octets = bytes(hex);
        System.arraycopy(octets, 0, expected, AT, octets.length);
        assertThat(HexFormat.of().formatHex(s.toArray(ValueLayout.JAVA_BYTE)))
                .isEqualTo(HexFormat.of().formatHex(expected));
    }
}
