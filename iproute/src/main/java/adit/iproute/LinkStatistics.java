package adit.iproute;

import adit.netlink.AttributeTable;
import adit.netlink.IfLink;
import java.util.Locale;

/// Shows a link's counters, in columns as wide as their widest number.
final class LinkStatistics {
    // struct rtnl_link_stats64: 64-bit counters one behind the other, the last ones missing in older kernels.
    private static final int RX_PACKETS = 0;
    private static final int TX_PACKETS = 1;
    private static final int RX_BYTES = 2;
    private static final int TX_BYTES = 3;
    private static final int RX_ERRORS = 4;
    private static final int TX_ERRORS = 5;
    private static final int RX_DROPPED = 6;
    private static final int TX_DROPPED = 7;
    private static final int MULTICAST = 8;
    private static final int COLLISIONS = 9;
    private static final int RX_LENGTH_ERRORS = 10;
    private static final int RX_OVER_ERRORS = 11;
    private static final int RX_CRC_ERRORS = 12;
    private static final int RX_FRAME_ERRORS = 13;
    private static final int RX_FIFO_ERRORS = 14;
    private static final int RX_MISSED_ERRORS = 15;
    private static final int TX_ABORTED_ERRORS = 16;
    private static final int TX_CARRIER_ERRORS = 17;
    private static final int TX_FIFO_ERRORS = 18;
    private static final int TX_HEARTBEAT_ERRORS = 19;
    private static final int TX_WINDOW_ERRORS = 20;
    private static final int RX_COMPRESSED = 21;
    private static final int TX_COMPRESSED = 22;
    private static final int RX_NOHANDLER = 23;
    private static final int RX_OTHERHOST_DROPPED = 24;

    private final Page page;
    private final IpOptions options;
    private final AttributeTable link;
    private final int[] columns = {
        "*X errors:".length(),
        "packets".length(),
        "errors".length(),
        "dropped".length(),
        "heartbt".length(),
        "overrun".length(),
        "compressed".length(),
        "otherhost".length()
    };

    private LinkStatistics(Page page, IpOptions options, AttributeTable link) {
        this.page = page;
        this.options = options;
        this.link = link;
    }

    static void show(Page page, IpOptions options, AttributeTable link) {
        if (!link.has(IfLink.IFLA_STATS64)) {
            return;
        }
        LinkStatistics s = new LinkStatistics(page, options, link);
        if (page.isJson()) {
            s.json();
        } else {
            s.text();
        }
    }

    /// A counter of a link, 0 when the kernel does not know it.
    static long counter(AttributeTable link, int index) {
        int at = index * Long.BYTES;
        return link.length(IfLink.IFLA_STATS64) < at + Long.BYTES ? 0 : link.i64(IfLink.IFLA_STATS64, at);
    }

    private long counter(int index) {
        return counter(link, index);
    }

    private boolean hasCarrierChanges() {
        return link.has(IfLink.IFLA_CARRIER_CHANGES);
    }

    private long carrierChanges() {
        return hasCarrierChanges() ? link.u32(IfLink.IFLA_CARRIER_CHANGES) : 0;
    }

    private boolean inFull() {
        return options.statistics() > 1;
    }

    private void json() {
        page.openObject("stats64");
        page.openObject("rx");
        put("bytes", RX_BYTES);
        put("packets", RX_PACKETS);
        put("errors", RX_ERRORS);
        put("dropped", RX_DROPPED);
        put("over_errors", RX_OVER_ERRORS);
        put("multicast", MULTICAST);
        putUnlessZero("compressed", RX_COMPRESSED);
        if (inFull()) {
            put("length_errors", RX_LENGTH_ERRORS);
            put("crc_errors", RX_CRC_ERRORS);
            put("frame_errors", RX_FRAME_ERRORS);
            put("fifo_errors", RX_FIFO_ERRORS);
            put("missed_errors", RX_MISSED_ERRORS);
            putUnlessZero("nohandler", RX_NOHANDLER);
            putUnlessZero("otherhost", RX_OTHERHOST_DROPPED);
        }
        page.closeObject();
        page.openObject("tx");
        put("bytes", TX_BYTES);
        put("packets", TX_PACKETS);
        put("errors", TX_ERRORS);
        put("dropped", TX_DROPPED);
        put("carrier_errors", TX_CARRIER_ERRORS);
        put("collisions", COLLISIONS);
        putUnlessZero("compressed", TX_COMPRESSED);
        if (inFull()) {
            put("aborted_errors", TX_ABORTED_ERRORS);
            put("fifo_errors", TX_FIFO_ERRORS);
            put("window_errors", TX_WINDOW_ERRORS);
            put("heartbeat_errors", TX_HEARTBEAT_ERRORS);
            if (hasCarrierChanges()) {
                page.jsonNumber("carrier_changes", carrierChanges());
            }
        }
        page.closeObject();
        page.closeObject();
    }

    private void put(String key, int index) {
        page.jsonUnsigned(key, counter(index));
    }

    private void putUnlessZero(String key, int index) {
        if (counter(index) != 0) {
            put(key, index);
        }
    }

    private void text() {
        widen(RX_BYTES, RX_PACKETS, RX_ERRORS, RX_DROPPED, RX_MISSED_ERRORS, MULTICAST, RX_COMPRESSED);
        if (inFull()) {
            widenFrom(
                    1,
                    RX_LENGTH_ERRORS,
                    RX_CRC_ERRORS,
                    RX_FRAME_ERRORS,
                    RX_FIFO_ERRORS,
                    RX_OVER_ERRORS,
                    RX_NOHANDLER,
                    RX_OTHERHOST_DROPPED);
        }
        widen(TX_BYTES, TX_PACKETS, TX_ERRORS, TX_DROPPED, TX_CARRIER_ERRORS, COLLISIONS, TX_COMPRESSED);
        if (inFull()) {
            widenFrom(2, TX_ABORTED_ERRORS, TX_FIFO_ERRORS, TX_WINDOW_ERRORS, TX_HEARTBEAT_ERRORS);
            widen(6, carrierChanges());
        }
        received();
        page.line();
        sent();
    }

    private void received() {
        boolean compressed = counter(RX_COMPRESSED) != 0;
        page.text("    RX: " + pad(columns[0] - 4, "bytes") + heading(1, "packets") + heading(2, "errors")
                + heading(3, "dropped") + heading(4, "missed") + heading(5, "mcast")
                + heading(6, compressed ? "compressed" : ""));
        page.line();
        page.text("    ");
        numbers(0, RX_BYTES, RX_PACKETS, RX_ERRORS, RX_DROPPED, RX_MISSED_ERRORS, MULTICAST);
        if (compressed) {
            numbers(6, RX_COMPRESSED);
        }
        if (!inFull()) {
            return;
        }
        boolean noHandler = counter(RX_NOHANDLER) != 0;
        boolean otherHost = counter(RX_OTHERHOST_DROPPED) != 0;
        page.line();
        page.text("    RX errors:" + pad(columns[0] - 10, "") + heading(1, "length") + heading(2, "crc")
                + heading(3, "frame") + heading(4, "fifo") + heading(5, "overrun")
                + (noHandler ? pad(columns[6] + 1, " nohandler") : "")
                + (otherHost ? pad(columns[7] + 1, " otherhost") : ""));
        page.line();
        page.text(" ".repeat(columns[0] + 5));
        numbers(1, RX_LENGTH_ERRORS, RX_CRC_ERRORS, RX_FRAME_ERRORS, RX_FIFO_ERRORS, RX_OVER_ERRORS);
        if (noHandler) {
            numbers(6, RX_NOHANDLER);
        }
        if (otherHost) {
            numbers(7, RX_OTHERHOST_DROPPED);
        }
    }

    private void sent() {
        boolean compressed = counter(TX_COMPRESSED) != 0;
        page.text("    TX: " + pad(columns[0] - 4, "bytes") + heading(1, "packets") + heading(2, "errors")
                + heading(3, "dropped") + heading(4, "carrier") + heading(5, "collsns")
                + heading(6, compressed ? "compressed" : ""));
        page.line();
        page.text("    ");
        numbers(0, TX_BYTES, TX_PACKETS, TX_ERRORS, TX_DROPPED, TX_CARRIER_ERRORS, COLLISIONS);
        if (compressed) {
            numbers(6, TX_COMPRESSED);
        }
        if (!inFull()) {
            return;
        }
        page.line();
        page.text("    TX errors:" + pad(columns[0] - 10, "") + heading(1, "aborted") + heading(2, "fifo")
                + heading(3, "window") + heading(4, "heartbt")
                + heading(5, hasCarrierChanges() ? "transns" : ""));
        page.line();
        page.text(" ".repeat(columns[0] + 5));
        numbers(1, TX_ABORTED_ERRORS, TX_FIFO_ERRORS, TX_WINDOW_ERRORS, TX_HEARTBEAT_ERRORS);
        if (hasCarrierChanges()) {
            page.text(pad(columns[5], number(carrierChanges())) + " ");
        }
    }

    /// A heading above a column, behind a blank.
    private String heading(int column, String text) {
        return " " + pad(columns[column], text);
    }

    private static String pad(int width, String text) {
        return text.length() >= width ? text : " ".repeat(width - text.length()) + text;
    }

    private void numbers(int column, int... indexes) {
        int at = column;
        for (int index : indexes) {
            page.text(pad(columns[at++], number(counter(index))) + " ");
        }
    }

    private void widen(int... indexes) {
        widenFrom(0, indexes);
    }

    private void widenFrom(int column, int... indexes) {
        int at = column;
        for (int index : indexes) {
            widen(at++, counter(index));
        }
    }

    private void widen(int column, long value) {
        if (options.form().units() == IpOptions.Units.EXACT) {
            columns[column] =
                    Math.max(columns[column], Long.toUnsignedString(value).length());
        }
    }

    /// A counter as it is, or rounded to three digits and a prefix.
    private String number(long count) {
        IpOptions.Units units = options.form().units();
        long base = units == IpOptions.Units.BINARY ? 1024 : 1000;
        if (units == IpOptions.Units.EXACT || Long.compareUnsigned(count, base) < 0) {
            return Long.toUnsignedString(count);
        }
        String prefixes = "kMGTPE";
        int prefix = 0;
        long power = base;
        while (Long.divideUnsigned(count, base) >= power && prefix < prefixes.length() - 1) {
            power *= base;
            prefix++;
        }
        int precision = 2;
        for (long limit = 10; precision > 0 && Long.divideUnsigned(count, power) >= limit; limit *= 10) {
            precision--;
        }
        return String.format(Locale.ROOT, "%." + precision + "f", (double) count / power)
                + prefixes.charAt(prefix)
                + (units == IpOptions.Units.BINARY ? "i" : "");
    }
}
