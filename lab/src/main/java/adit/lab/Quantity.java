package adit.lab;

import java.math.BigDecimal;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Times, rates and probabilities as people write them and as tc(8) does: `10ms`, `1.5mbit`, `5%`.
public final class Quantity {
    private static final Pattern NUMBER_AND_UNIT = Pattern.compile("([0-9]{1,12}(?:\\.[0-9]{1,9})?)([a-zA-Z%]*)");
    private static final Map<String, Long> TIMES = units("ns", 1L, "us", 1_000L, "ms", 1_000_000L, "s", 1_000_000_000L);
    private static final Map<String, Long> RATES =
            units("bit", 1L, "kbit", 1_000L, "mbit", 1_000_000L, "gbit", 1_000_000_000L);

    private Quantity() {}

    private static Map<String, Long> units(Object... pairs) {
        Map<String, Long> units = new LinkedHashMap<>();
        for (int i = 0; i < pairs.length; i += 2) {
            units.put((String) pairs[i], (Long) pairs[i + 1]);
        }
        return units;
    }

    /// Nanoseconds of a text such as `10ms` or `1.5s`.
    ///
    /// @throws IllegalArgumentException with what is wrong
    public static long nanos(String text) {
        return scaled(text, "a time such as 10ms, 200us or 1.5s", TIMES);
    }

    /// Bits per second of a text such as `1mbit` or `64kbit`.
    ///
    /// @throws IllegalArgumentException with what is wrong
    public static long bitsPerSecond(String text) {
        long bits = scaled(text, "a rate such as 64kbit, 10mbit or 1gbit", RATES);
        if (bits == 0) {
            throw new IllegalArgumentException("a rate is at least 1bit; leave it away for no limit");
        }
        return bits;
    }

    /// A probability from 0 to 1 of a text such as `5%` or `0.1%`.
    ///
    /// @throws IllegalArgumentException with what is wrong
    public static double probability(String text) {
        Matcher m = NUMBER_AND_UNIT.matcher(text);
        if (!m.matches() || !m.group(2).equals("%") || Double.parseDouble(m.group(1)) > 100) {
            throw new IllegalArgumentException("expected a share such as 5% or 0.1%, not \"" + text + "\"");
        }
        return Double.parseDouble(m.group(1)) / 100;
    }

    private static long scaled(String text, String expected, Map<String, Long> units) {
        Matcher m = NUMBER_AND_UNIT.matcher(text);
        Long unit = m.matches() ? units.get(m.group(2)) : null;
        if (unit == null) {
            throw new IllegalArgumentException("expected " + expected + ", not \"" + text + "\"");
        }
        BigDecimal scaled = new BigDecimal(m.group(1)).multiply(BigDecimal.valueOf(unit));
        if (scaled.compareTo(BigDecimal.valueOf(Long.MAX_VALUE)) > 0) {
            throw new IllegalArgumentException(text + " is too much");
        }
        return scaled.longValue();
    }

    /// A time in the largest unit that needs no more than three decimals, such as `10ms`.
    public static String duration(long nanos) {
        return text(nanos, TIMES);
    }

    /// A rate in the largest unit that needs no more than three decimals, such as `10mbit`.
    public static String rate(long bitsPerSecond) {
        return text(bitsPerSecond, RATES);
    }

    /// A probability in percent, such as `5%`.
    public static String percent(double probability) {
        return plain(BigDecimal.valueOf(probability).movePointRight(2)) + "%";
    }

    private static String text(long amount, Map<String, Long> units) {
        String best = "0" + units.keySet().iterator().next();
        for (Map.Entry<String, Long> unit : units.entrySet()) {
            BigDecimal scaled = BigDecimal.valueOf(amount).divide(BigDecimal.valueOf(unit.getValue()));
            boolean fits = scaled.compareTo(BigDecimal.ONE) >= 0
                    && scaled.stripTrailingZeros().scale() <= 3;
            if (fits) {
                best = plain(scaled) + unit.getKey();
            }
        }
        return best;
    }

    private static String plain(BigDecimal number) {
        return number.stripTrailingZeros().toPlainString();
    }
}
