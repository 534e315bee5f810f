package adit.wire;

/// A cursor over the text of an address, and the one place where address text is read.
///
/// Every failure is an `IllegalArgumentException` whose message holds the whole text, what is wrong with it and
/// what was expected.
final class AddressText {
    private static final int GROUPS = 8;

    private final String text;
    private final String kind;
    private final String expected;
    private int at;
    private int end;

    AddressText(String text, String kind, String expected) {
        this.text = text;
        this.kind = kind;
        this.expected = expected;
        this.end = text.length();
    }

    /// The whole text as an IPv4 address.
    Ip4Address ip4() {
        Ip4Address address = new Ip4Address(dotted());
        expectEnd();
        return address;
    }

    /// The whole text as an IPv6 address.
    Ip6Address ip6() {
        int[] groups = new int[GROUPS];
        int count = 0;
        int gap = -1;
        if (text.startsWith("::") && end >= 2) {
            at = 2;
            gap = 0;
        }
        while (at < end) {
            if (count == GROUPS) {
                throw failed("more than 8 groups");
            }
            if (dottedFollows()) {
                if (count > GROUPS - 2) {
                    throw failed("no room for an IPv4 address behind " + count + " groups");
                }
                int bits = dotted();
                groups[count++] = bits >>> 16;
                groups[count++] = bits & 0xffff;
                expectEnd();
                break;
            }
            groups[count++] = number(16, 4, 0xffff, "a group of 1 to 4 hexadecimal digits");
            if (at == end) {
                break;
            }
            expect(':');
            if (at < end && text.charAt(at) == ':') {
                if (gap >= 0) {
                    throw failed("more than one ::");
                }
                gap = count;
                at++;
            } else if (at == end) {
                throw failed("ends with a single :");
            }
        }
        return assemble(groups, count, gap);
    }

    private Ip6Address assemble(int[] groups, int count, int gap) {
        if (gap < 0 && count < GROUPS) {
            throw failed("only " + count + " groups");
        }
        if (gap >= 0 && count == GROUPS) {
            throw failed(":: stands for no group");
        }
        long high = 0;
        long low = 0;
        for (int i = 0; i < GROUPS; i++) {
            int behindGap = i - (GROUPS - count);
            int group = gap < 0 || i < gap ? groups[i] : behindGap >= gap ? groups[behindGap] : 0;
            high = high << 16 | low >>> 48;
            low = low << 16 | group;
        }
        return new Ip6Address(high, low);
    }

    /// The whole text as six octets in hexadecimal with one separator, `:` or `-`, between them.
    long mac() {
        long bits = 0;
        char separator = text.indexOf('-') >= 0 ? '-' : ':';
        for (int i = 0; i < 6; i++) {
            if (i > 0) {
                expect(separator);
            }
            int start = at;
            bits = bits << 8 | number(16, 2, 0xff, "two hexadecimal digits");
            if (at - start != 2) {
                at = start;
                throw failed("two hexadecimal digits expected at position " + (at + 1));
            }
        }
        expectEnd();
        return bits;
    }

    /// The whole text as an IPv4 address and, behind a slash, a prefix length; without a slash the longest one.
    Ip4InterfaceAddress ip4WithLength() {
        stopAtSlash();
        return new Ip4InterfaceAddress(ip4(), prefixLength(Ip4Prefix.MAX_LENGTH));
    }

    /// The whole text as an IPv6 address and, behind a slash, a prefix length; without a slash the longest one.
    Ip6InterfaceAddress ip6WithLength() {
        stopAtSlash();
        return new Ip6InterfaceAddress(ip6(), prefixLength(Ip6Prefix.MAX_LENGTH));
    }

    private void stopAtSlash() {
        int slash = text.indexOf('/');
        end = slash < 0 ? end : slash;
    }

    private int prefixLength(int max) {
        if (end == text.length()) {
            return max;
        }
        at = end + 1;
        end = text.length();
        int length = number(10, 3, max, "a prefix length from 0 to " + max);
        expectEnd();
        return length;
    }

    private boolean dottedFollows() {
        int i = at;
        while (i < end && Character.digit(text.charAt(i), 16) >= 0) {
            i++;
        }
        return i < end && text.charAt(i) == '.';
    }

    private int dotted() {
        int bits = 0;
        for (int i = 0; i < 4; i++) {
            if (i > 0) {
                expect('.');
            }
            bits = bits << 8 | number(10, 3, 255, "a number from 0 to 255");
        }
        return bits;
    }

    private int number(int radix, int maxDigits, int max, String what) {
        int start = at;
        int value = 0;
        while (at < end && text.charAt(at) < 0x80 && Character.digit(text.charAt(at), radix) >= 0) {
            value = value * radix + Character.digit(text.charAt(at), radix);
            at++;
            if (at - start > maxDigits || value > max) {
                throw failed(what + " expected at position " + (start + 1));
            }
        }
        if (at == start) {
            throw failed(what + " expected at position " + (start + 1));
        }
        if (radix == 10 && at - start > 1 && text.charAt(start) == '0') {
            throw failed("a leading zero at position " + (start + 1) + ", which some programs read as octal");
        }
        return value;
    }

    private void expect(char wanted) {
        if (at == end || text.charAt(at) != wanted) {
            throw failed("'" + wanted + "' expected at position " + (at + 1));
        }
        at++;
    }

    private void expectEnd() {
        if (at < end) {
            throw failed("nothing more expected at position " + (at + 1));
        }
    }

    IllegalArgumentException failed(String why) {
        return new IllegalArgumentException(
                "not an " + kind + ": \"" + text + "\" (" + why + "; expected " + expected + ")");
    }
}
