package adit.program.decode;

import java.util.HexFormat;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// One line of a hexadecimal dump, by itself.
sealed interface HexLine {
    /// Nothing: ends a packet.
    record Blank() implements HexLine {}

    /// A comment of the text's author, which means nothing.
    record Comment() implements HexLine {}

    /// Words, such as tcpdump's line above its dump: ends a packet.
    record Remark() implements HexLine {}

    /// An asterisk: the line before over and over, up to the next offset.
    record Repeat() implements HexLine {}

    /// Octets.
    ///
    /// @param offset the digits that say where in the packet they stand; empty for none
    /// @param hex their digits
    record Octets(String offset, String hex) implements HexLine {
        byte[] toArray() {
            return HexFormat.of().parseHex(hex);
        }
    }

    /// One run of digits: octets, or the length that ends a dump of hexdump and od.
    ///
    /// @param digits 6 to 16 of them
    /// @param otherwise what they are if they are not that
    record Lone(String digits, HexLine otherwise) implements HexLine {}

    /// Something that begins like octets and is none.
    ///
    /// @param column where, from 1
    /// @param what what is wrong
    record Fault(int column, String what) implements HexLine {}

    /// `0x0010:  4500 0054`, `00000010: 4500 0054`: tcpdump and xxd.
    Pattern COLON_OFFSET = Pattern.compile("\\s*(?:0x)?([0-9a-fA-F]{3,16}):(?:\\s+(.*))?", Pattern.DOTALL);
    /// `00000010  45 00 00 54`, `0010   45 00`: hexdump -C, od -tx1, Wireshark.
    Pattern PLAIN_OFFSET = Pattern.compile("\\s*([0-9a-fA-F]{4,16})(\\s+)([0-9a-fA-F]{2}(?:\\s.*)?)", Pattern.DOTALL);
    /// `0000010 0045 5400`: hexdump and od without options.
    Pattern WORDS = Pattern.compile("\\s*[0-9a-fA-F]{7}(?:\\s+[0-9a-fA-F]{4}){1,8}\\s*", Pattern.DOTALL);
    /// How tcpdump may begin a line about a packet.
    Pattern TIME =
            Pattern.compile("\\s*(?:\\d{4}-\\d\\d-\\d\\d |\\d\\d:\\d\\d:\\d\\d\\.\\d|\\d+\\.\\d+ ).*", Pattern.DOTALL);
    /// How octets without an offset begin.
    Pattern OCTETS =
            Pattern.compile("[\\s{\"']*+(?:0x|\\\\x)?[0-9a-fA-F]{2,}+(?:[\\s,:;\"'}-].*|\\\\x.*|)", Pattern.DOTALL);

    /// A number of octets, and nothing else.
    Pattern LONE = Pattern.compile("[0-9a-fA-F]{6,16}");

    /// Understands a line.
    static HexLine of(String line) {
        String stripped = line.strip();
        if (stripped.isEmpty()) {
            return new Blank();
        }
        if (stripped.startsWith("#") || stripped.startsWith("//")) {
            return new Comment();
        }
        if (stripped.equals("*")) {
            return new Repeat();
        }
        Matcher colon = COLON_OFFSET.matcher(line);
        if (colon.matches()) {
            String data = colon.group(2) == null ? "" : colon.group(2);
            return octets(data.substring(0, gap(data, 0)), line.length() - data.length(), colon.group(1));
        }
        if (WORDS.matcher(line).matches()) {
            return new Fault(1, "16-bit words in the byte order of a host; dump with xxd, or with hexdump -C");
        }
        Matcher offset = PLAIN_OFFSET.matcher(line);
        if (offset.matches()) {
            String data = offset.group(3);
            return octets(data.substring(0, gap(data, 8)), offset.start(3), offset.group(1));
        }
        if (TIME.matcher(line).matches() || !OCTETS.matcher(line).matches()) {
            return new Remark();
        }
        HexLine octets = octets(line, 0, "");
        return LONE.matcher(stripped).matches() ? new Lone(stripped, octets) : octets;
    }

    /// Where a gap of two blanks sets off the text behind the octets. hexdump -C has such a gap behind `middle`
    /// octets too, which does not count.
    private static int gap(String data, int middle) {
        int groups = 1;
        int start = 0;
        for (int i = data.indexOf(' '); i >= 0; i = data.indexOf(' ', start)) {
            int next = i;
            while (next < data.length() && data.charAt(next) == ' ') {
                next++;
            }
            boolean half = groups == middle && next == i + 2 && i == 3 * middle - 1 && isPair(data, next);
            if (next > i + 1 && !half) {
                return i;
            }
            groups++;
            start = next;
        }
        return data.length();
    }

    private static boolean isPair(String data, int at) {
        return at + 2 <= data.length()
                && HexFormat.isHexDigit(data.charAt(at))
                && HexFormat.isHexDigit(data.charAt(at + 1))
                && (at + 2 == data.length() || data.charAt(at + 2) == ' ');
    }

    /// Digits in pairs, with whatever people put between them.
    ///
    /// @param column how many characters of the line stand before `text`
    private static HexLine octets(String text, int column, String offset) {
        StringBuilder hex = new StringBuilder();
        int at = 0;
        while (at < text.length()) {
            if (" \t,:;-{}\"'".indexOf(text.charAt(at)) >= 0) {
                at++;
                continue;
            }
            boolean prefix = isPrefix(text, at);
            int start = prefix ? at + 2 : at;
            at = start;
            while (at < text.length() && HexFormat.isHexDigit(text.charAt(at)) && !isPrefix(text, at)) {
                at++;
            }
            if (at == start) {
                String what = prefix
                        ? "no digit behind " + text.substring(start - 2, start)
                        : name(text.charAt(at)) + " is no hexadecimal digit";
                return new Fault(column + at + 1, what);
            }
            if ((at - start) % 2 != 0) {
                return new Fault(
                        column + start + 1, "an odd number of digits: " + shortened(text.substring(start, at)));
            }
            hex.append(text, start, at);
        }
        return new Octets(offset, hex.toString());
    }

    private static boolean isPrefix(String text, int at) {
        return text.startsWith("0x", at) || text.startsWith("\\x", at);
    }

    private static String name(char c) {
        return c > ' ' && c <= '~' ? "'" + c + "'" : "U+%04X".formatted((int) c);
    }

    private static String shortened(String text) {
        return text.length() > 20 ? text.substring(0, 20) + "..." : text;
    }
}
