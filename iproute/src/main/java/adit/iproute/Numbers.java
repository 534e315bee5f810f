package adit.iproute;

import java.math.BigInteger;
import java.util.OptionalLong;

/// Numbers as strtoul(3) reads them: decimal, hexadecimal behind `0x`, octal behind `0`.
final class Numbers {
    private Numbers() {}

    /// The number, if `text` is one that has room in `bits` bits without a sign.
    static OptionalLong unsigned(String text, int bits) {
        return parse(text.startsWith("+") ? text.substring(1) : text, BigInteger.ONE.shiftLeft(bits));
    }

    /// The number, if `text` is one of an int.
    static OptionalLong signed(String text) {
        BigInteger end = BigInteger.ONE.shiftLeft(Integer.SIZE - 1);
        if (text.startsWith("-")) {
            OptionalLong magnitude = parse(text.substring(1), end.add(BigInteger.ONE));
            return magnitude.isPresent() ? OptionalLong.of(-magnitude.getAsLong()) : magnitude;
        }
        return parse(text.startsWith("+") ? text.substring(1) : text, end);
    }

    /// A number that fits, or the failure that says so.
    static long unsigned(String text, int bits, String problem) throws IpFailure {
        return unsigned(text, bits).orElseThrow(() -> IpFailure.wrong(problem, text));
    }

    /// An int, or the failure that says that it is none.
    static int signed(String text, String problem) throws IpFailure {
        return (int) signed(text).orElseThrow(() -> IpFailure.wrong(problem, text));
    }

    private static OptionalLong parse(String digits, BigInteger end) {
        int radix = 10;
        String rest = digits;
        if (digits.startsWith("0x") || digits.startsWith("0X")) {
            radix = 16;
            rest = digits.substring(2);
        } else if (digits.length() > 1 && digits.startsWith("0")) {
            radix = 8;
            rest = digits.substring(1);
        }
        if (rest.isEmpty() || rest.length() > 64 || !onlyDigits(rest, radix)) {
            return OptionalLong.empty();
        }
        BigInteger number = new BigInteger(rest, radix);
        return number.compareTo(end) < 0 ? OptionalLong.of(number.longValue()) : OptionalLong.empty();
    }

    private static boolean onlyDigits(String text, int radix) {
        return text.chars().allMatch(c -> c < 0x80 && Character.digit(c, radix) >= 0);
    }
}
