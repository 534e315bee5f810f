package adit.iproute;

import adit.netlink.AttributeTable;
import adit.netlink.MessageWriter;
import adit.netlink.Rtnetlink;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.TreeMap;

/// The metrics of a route: on the command line, and as they show themselves.
final class RouteMetricsText implements MessageWriter.Body {
    private static final int RTAX_WINDOW = 3;
    private static final int RTAX_RTT = 4;
    private static final int RTAX_RTTVAR = 5;
    private static final int RTAX_SSTHRESH = 6;
    private static final int RTAX_CWND = 7;
    private static final int RTAX_REORDERING = 9;
    private static final int RTAX_INITCWND = 11;
    private static final int RTAX_FEATURES = 12;
    private static final int RTAX_RTO_MIN = 13;
    private static final int RTAX_INITRWND = 14;
    private static final int RTAX_QUICKACK = 15;
    private static final int RTAX_CC_ALGO = 16;
    private static final int RTAX_FASTOPEN_NO_COOKIE = 17;
    private static final String[] NAMES = {
        "",
        "",
        "mtu",
        "window",
        "rtt",
        "rttvar",
        "ssthresh",
        "cwnd",
        "advmss",
        "reordering",
        "hoplimit",
        "initcwnd",
        "features",
        "rto_min",
        "initrwnd",
        "quickack",
        "congctl",
        "fastopen_no_cookie"
    };
    private static final int FEATURE_ECN = 1;
    private static final int RTT_UNITS = 8;
    private static final int RTTVAR_UNITS = 4;
    private static final int LARGEST_HOP_LIMIT = 255;

    private final SortedMap<Integer, MessageWriter.Body> metrics = new TreeMap<>();
    private int lock;

    // ---- The command line

    boolean isEmpty() {
        return metrics.isEmpty();
    }

    /// Takes the words of a metric; false when `word` names none.
    boolean take(String word, Words words) throws IpFailure {
        Optional<Integer> metric = metric(word);
        if (metric.isEmpty()) {
            return false;
        }
        int type = metric.get();
        String text = words.value();
        switch (type) {
            case RTAX_FEATURES -> {
                if (!text.equals("ecn")) {
                    throw IpFailure.wrong("\"features\" value not valid\n", text);
                }
                put(type, FEATURE_ECN);
                return true;
            }
            case RTAX_RTO_MIN -> lock |= 1 << type;
            case RTAX_QUICKACK, RTAX_FASTOPEN_NO_COOKIE -> {}
            default -> {
                if (text.equals("lock")) {
                    lock |= 1 << type;
                    text = words.value();
                }
            }
        }
        value(type, text);
        return true;
    }

    private static Optional<Integer> metric(String word) {
        return switch (word) {
            case "mtu" -> Optional.of(Rtnetlink.RTAX_MTU);
            case "hoplimit" -> Optional.of(Rtnetlink.RTAX_HOPLIMIT);
            case "advmss" -> Optional.of(Rtnetlink.RTAX_ADVMSS);
            case "rtt" -> Optional.of(RTAX_RTT);
            case "rto_min" -> Optional.of(RTAX_RTO_MIN);
            default -> shortenedMetric(word);
        };
    }

    private static Optional<Integer> shortenedMetric(String word) {
        int[] inOrder = {
            RTAX_REORDERING,
            RTAX_WINDOW,
            RTAX_CWND,
            RTAX_INITCWND,
            RTAX_INITRWND,
            RTAX_FEATURES,
            RTAX_QUICKACK,
            RTAX_CC_ALGO,
            RTAX_RTTVAR,
            RTAX_SSTHRESH
        };
        for (int type : inOrder) {
            if (Words.begins(word, NAMES[type])) {
                return Optional.of(type);
            }
        }
        return word.length() > 1 && Words.begins(word, NAMES[RTAX_FASTOPEN_NO_COOKIE])
                ? Optional.of(RTAX_FASTOPEN_NO_COOKIE)
                : Optional.empty();
    }

    private void value(int type, String text) throws IpFailure {
        String shown = type == Rtnetlink.RTAX_ADVMSS ? "mss" : NAMES[type];
        String problem = "\"" + shown + "\" value is invalid\n";
        switch (type) {
            case RTAX_CC_ALGO -> {
                byte[] octets = text.getBytes(StandardCharsets.UTF_8);
                metrics.put(type, w -> w.octets(type, octets));
            }
            case RTAX_RTT -> put(type, time(text, RTT_UNITS, problem));
            case RTAX_RTTVAR -> put(type, time(text, RTTVAR_UNITS, problem));
            case RTAX_RTO_MIN -> put(type, time(text, 1, problem));
            default -> {
                long number = Numbers.unsigned(text, Integer.SIZE, problem);
                if (type == Rtnetlink.RTAX_HOPLIMIT && number > LARGEST_HOP_LIMIT) {
                    throw IpFailure.wrong(problem, text);
                }
                if ((type == RTAX_QUICKACK || type == RTAX_FASTOPEN_NO_COOKIE) && number > 1) {
                    throw IpFailure.wrong("\"" + shown + "\" value should be 0 or 1\n", text);
                }
                put(type, number);
            }
        }
    }

    private void put(int type, long value) {
        metrics.put(type, w -> w.i32(type, (int) value));
    }

    /// A bare number is in the kernel's units; with a unit it is a time, in milliseconds or seconds.
    private static long time(String text, int units, String problem) throws IpFailure {
        int end = 0;
        while (end < text.length() && (Character.isDigit(text.charAt(end)) || text.charAt(end) == '.')) {
            end++;
        }
        double number;
        try {
            number = Double.parseDouble(text.substring(0, end));
        } catch (NumberFormatException e) {
            throw IpFailure.wrong(problem, text);
        }
        double milliseconds = switch (text.substring(end).toLowerCase(Locale.ROOT)) {
            case "" -> number / units;
            case "s", "sec", "secs" -> number * 1000;
            case "ms", "msec", "msecs" -> number;
            default -> throw IpFailure.wrong(problem, text);
        };
        return text.length() == end ? (long) Math.ceil(number) : (long) Math.ceil(milliseconds) * units;
    }

    @Override
    public void writeTo(MessageWriter w) {
        metrics.values().forEach(m -> m.writeTo(w));
        if (lock != 0) {
            w.i32(Rtnetlink.RTAX_LOCK, lock);
        }
    }

    // ---- The page

    static void show(AttributeTable t, Page page) {
        int locked = t.has(Rtnetlink.RTAX_LOCK) ? t.i32(Rtnetlink.RTAX_LOCK) : 0;
        page.openArray("metrics");
        page.openObject();
        for (int type = Rtnetlink.RTAX_MTU; type < NAMES.length; type++) {
            boolean isLocked = (locked & 1 << type) != 0;
            if (t.has(type) || isLocked) {
                show(type, t, page, isLocked ? "lock " : "");
            }
        }
        page.closeObject();
        page.closeArray();
    }

    private static void show(int type, AttributeTable t, Page page, String lock) {
        if (type == RTAX_CC_ALGO) {
            page.text(NAMES[type] + " " + lock);
            page.string("congestion", "%s ", t.string(type));
            return;
        }
        int value = t.has(type) ? t.i32(type) : 0;
        if (type == Rtnetlink.RTAX_HOPLIMIT && value == -1) {
            return;
        }
        page.text(NAMES[type] + " " + lock);
        switch (type) {
            case RTAX_FEATURES -> features(value, page);
            case RTAX_RTT -> time(type, Integer.toUnsignedLong(value) / RTT_UNITS, page);
            case RTAX_RTTVAR -> time(type, Integer.toUnsignedLong(value) / RTTVAR_UNITS, page);
            case RTAX_RTO_MIN -> time(type, Integer.toUnsignedLong(value), page);
            default -> page.number(NAMES[type], "%s ", Integer.toUnsignedLong(value));
        }
    }

    private static void features(int value, Page page) {
        if ((value & FEATURE_ECN) != 0) {
            page.jsonNull("ecn");
            page.text("ecn ");
        }
        if ((value & ~FEATURE_ECN) != 0) {
            page.hex("features", "%s ", Integer.toUnsignedLong(value));
        }
    }

    private static void time(int type, long milliseconds, Page page) {
        page.jsonNumber(NAMES[type], milliseconds);
        page.text(milliseconds >= 1000 ? seconds(milliseconds) + "s " : milliseconds + "ms ");
    }

    /// Seconds with six digits and no zeros behind, as C's %g has them.
    private static String seconds(long milliseconds) {
        OptionalLong whole = milliseconds % 1000 == 0 ? OptionalLong.of(milliseconds / 1000) : OptionalLong.empty();
        return whole.isPresent() ? Long.toString(whole.getAsLong()) : Double.toString(milliseconds / 1e3);
    }
}
