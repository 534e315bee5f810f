package adit.netlink;

import java.util.Arrays;
import java.util.HexFormat;

/// Octets as a value: a hardware address of whatever length, or a payload that nothing here understands.
public final class OctetString {
    private final byte[] octets;

    private OctetString(byte[] octets) {
        this.octets = octets;
    }

    /// A copy of these octets.
    public static OctetString of(byte[] octets) {
        return new OctetString(octets.clone());
    }

    /// The octets that these hexadecimal digits name; `:` between octets is allowed.
    public static OctetString parse(String hex) {
        return new OctetString(HexFormat.of().parseHex(hex.replace(":", "")));
    }

    /// How many there are.
    public int length() {
        return octets.length;
    }

    /// A copy of them.
    public byte[] octets() {
        return octets.clone();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof OctetString that && Arrays.equals(octets, that.octets);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(octets);
    }

    /// Hexadecimal digits with `:` between the octets, as hardware addresses are written.
    @Override
    public String toString() {
        return HexFormat.ofDelimiter(":").formatHex(octets);
    }
}
