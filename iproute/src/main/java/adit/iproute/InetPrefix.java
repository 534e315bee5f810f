package adit.iproute;

import adit.netlink.AttributeTable;
import adit.netlink.OctetString;
import adit.wire.Ip4Address;
import adit.wire.Ip6Address;
import adit.wire.IpAddress;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/// An address with a prefix length as iproute2 reads it: `default`, `any`, IPv4 with octets left out, IPv6, and
/// MPLS labels.
///
/// @param family an AF number; the one that was wanted when the word names none
/// @param address its octets, empty for `any`
/// @param length how many bits count
/// @param lengthGiven whether the length was written, or stands for `default`
record InetPrefix(int family, OctetString address, int length, Given lengthGiven) {
    /// Whether something was written or follows from the rest.
    enum Given {
        WRITTEN,
        IMPLIED
    }

    private static final int MPLS_LABEL_BITS = 20;
    private static final int BOTTOM_OF_STACK = 0x100;

    InetPrefix(int family, byte[] octets, int length, Given lengthGiven) {
        this(family, OctetString.of(octets), length, lengthGiven);
    }

    /// The address. Not to be changed.
    byte[] octets() {
        return address.octets();
    }

    /// How many bits an address of a family has.
    static int bits(int family) {
        return switch (family) {
            case Names.AF_INET -> Ip4Address.ANY.length() * Byte.SIZE;
            case Names.AF_INET6 -> Ip6Address.ANY.length() * Byte.SIZE;
            case Names.AF_MPLS -> MPLS_LABEL_BITS;
            default -> 0;
        };
    }

    /// Reads a prefix of a family, 0 for any.
    static InetPrefix prefix(String text, int family) throws IpFailure {
        if (family == Names.AF_PACKET) {
            throw new IpFailure(
                    IpFailure.ABSENT,
                    "Error: \"" + text + "\" may be inet prefix, but it is not allowed in this context.");
        }
        return readPrefix(text, family)
                .orElseThrow(() -> new IpFailure(
                        IpFailure.ABSENT,
                        "Error: " + verbose(family) + " prefix is expected rather than \"" + text + "\"."));
    }

    /// Reads an address of a family, 0 for any.
    static InetPrefix address(String text, int family) throws IpFailure {
        return readAddress(text, family)
                .orElseThrow(() -> new IpFailure(
                        IpFailure.ABSENT,
                        "Error: " + verbose(family) + " address is expected rather than \"" + text + "\"."));
    }

    private static String verbose(int family) {
        return family == Names.AF_UNSPEC ? "any valid" : familyName(family);
    }

    static String familyName(int family) {
        return Names.families().has(family) ? Names.families().text(family) : "???";
    }

    static Optional<InetPrefix> readPrefix(String text, int family) {
        int slash = text.indexOf('/');
        if (slash < 0) {
            return readAddress(text, family);
        }
        Optional<InetPrefix> address = readAddress(text.substring(0, slash), family);
        if (address.isEmpty() || isWord(text.substring(0, slash))) {
            return Optional.empty();
        }
        int length = netmask(text.substring(slash + 1));
        int family1 = address.get().family;
        return length < 0 || length > bits(family1)
                ? Optional.empty()
                : Optional.of(new InetPrefix(family1, address.get().address, length, Given.WRITTEN));
    }

    private static boolean isWord(String text) {
        return Words.is(text, "default", "all", "any");
    }

    /// A length in digits or as an IPv4 mask; -1 when it is neither.
    private static int netmask(String text) {
        var digits = Numbers.unsigned(text, Integer.SIZE);
        if (digits.isPresent()) {
            return (int) Math.min(digits.getAsLong(), Integer.MAX_VALUE);
        }
        Optional<InetPrefix> mask = readAddress(text, Names.AF_INET);
        if (mask.isEmpty() || mask.get().octets().length == 0) {
            return -1;
        }
        int bits = mask.get().ip4().bits();
        int ones = Integer.bitCount(bits);
        return ones == 0 || bits == -1 << (Integer.SIZE - ones) ? ones : -1;
    }

    static Optional<InetPrefix> readAddress(String text, int family) {
        if (isWord(text)) {
            if (family == Names.AF_MPLS) {
                return Optional.empty();
            }
            boolean isDefault = text.equals("default");
            byte[] octets = new byte[isDefault ? bits(family) / Byte.SIZE : 0];
            return Optional.of(new InetPrefix(family, octets, 0, isDefault ? Given.WRITTEN : Given.IMPLIED));
        }
        if (family == Names.AF_MPLS) {
            return readLabels(text);
        }
        if (text.indexOf(':') >= 0) {
            return family == Names.AF_UNSPEC || family == Names.AF_INET6 ? readIp6(text) : Optional.empty();
        }
        return family == Names.AF_UNSPEC || family == Names.AF_INET ? readIp4(text) : Optional.empty();
    }

    private static Optional<InetPrefix> readIp6(String text) {
        try {
            return Optional.of(of(Ip6Address.parse(text)));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /// One to four numbers with dots between; what is left out at the right is zero.
    private static Optional<InetPrefix> readIp4(String text) {
        String[] parts = text.split("\\.", -1);
        if (parts.length > 4) {
            return Optional.empty();
        }
        byte[] octets = new byte[4];
        for (int i = 0; i < parts.length; i++) {
            var octet = Numbers.unsigned(parts[i], Byte.SIZE);
            if (octet.isEmpty()) {
                return Optional.empty();
            }
            octets[i] = (byte) octet.getAsLong();
        }
        return Optional.of(new InetPrefix(Names.AF_INET, octets, Integer.SIZE, Given.IMPLIED));
    }

    private static Optional<InetPrefix> readLabels(String text) {
        String[] parts = text.split("/", -1);
        byte[] octets = new byte[parts.length * Integer.BYTES];
        for (int i = 0; i < parts.length; i++) {
            var label = Numbers.unsigned(parts[i], MPLS_LABEL_BITS);
            if (label.isEmpty()) {
                return Optional.empty();
            }
            int entry = (int) label.getAsLong() << 12 | (i == parts.length - 1 ? BOTTOM_OF_STACK : 0);
            new Ip4Address(entry).emit(MemorySegment.ofArray(octets), (long) i * Integer.BYTES);
        }
        return Optional.of(new InetPrefix(Names.AF_MPLS, octets, MPLS_LABEL_BITS, Given.IMPLIED));
    }

    static InetPrefix of(IpAddress address) {
        byte[] octets = new byte[address.length()];
        address.emit(MemorySegment.ofArray(octets), 0);
        int family = address instanceof Ip4Address ? Names.AF_INET : Names.AF_INET6;
        return new InetPrefix(family, octets, octets.length * Byte.SIZE, Given.IMPLIED);
    }

    boolean isUnspecified() {
        for (byte octet : octets()) {
            if (octet != 0) {
                return false;
            }
        }
        return true;
    }

    Ip4Address ip4() {
        return Ip4Address.read(MemorySegment.ofArray(octets()), 0);
    }

    /// Whether this prefix covers an address. A prefix without bits covers all.
    boolean covers(byte[] other) {
        return length <= 0 || (other.length == octets().length && sameBits(other, octets(), length));
    }

    static boolean sameBits(byte[] a, byte[] b, int bits) {
        for (int i = 0; i < bits; i++) {
            int mask = 0x80 >> i % Byte.SIZE;
            if (((a[i / Byte.SIZE] ^ b[i / Byte.SIZE]) & mask) != 0) {
                return false;
            }
        }
        return true;
    }

    /// An address of a family as text: IP in its usual form, MPLS labels with slashes between, anything else in
    /// hexadecimal.
    static String text(int family, byte[] octets) {
        MemorySegment s = MemorySegment.ofArray(octets);
        if (family == Names.AF_INET && octets.length >= 4) {
            return Ip4Address.read(s, 0).toString();
        }
        if (family == Names.AF_INET6 && octets.length >= 16) {
            return ip6(Ip6Address.read(s, 0));
        }
        return switch (family) {
            case Names.AF_MPLS -> labels(s);
            case Names.AF_PACKET -> LinkAddress.text(octets, 0);
            default -> "???";
        };
    }

    /// As the C library's `inet_ntop` has it, which still shows an IPv4 address behind 96 bits of 0.
    private static String ip6(Ip6Address a) {
        long first = a.low() >>> 16;
        boolean isCompatible = a.high() == 0 && first != 0 && first <= 0xffff;
        return isCompatible ? "::" + new Ip4Address((int) a.low()) : a.toString();
    }

    static String text(int family, AttributeTable t, int type) {
        return text(family, t.octets(type));
    }

    private static String labels(MemorySegment s) {
        StringBuilder text = new StringBuilder();
        for (long at = 0; at + Integer.BYTES <= s.byteSize(); at += Integer.BYTES) {
            int entry = Ip4Address.read(s, at).bits();
            text.append(at == 0 ? "" : "/").append(entry >>> 12);
            if ((entry & BOTTOM_OF_STACK) != 0) {
                break;
            }
        }
        return text.toString();
    }
}
