package adit.bench.report;

import java.util.Locale;

/// What is measured of a program in each round.
public enum Metric {
    /// One TCP stream, 10^9 bits of payload a second as the receiver saw them.
    STREAM("one stream", "Gbit/s", 2),
    /// Four TCP streams at a time, the same.
    FOUR_STREAMS("four streams", "Gbit/s", 2),
    /// Segments that TCP sent again during the single stream.
    RETRANSMITS("retransmits", "", 0),
    /// Processor time of the program's processes, both ends together, per 10^9 octets of the single stream.
    RELAY_CPU("CPU, program", "s/GB", 2),
    /// Processor time of the whole machine per 10^9 octets of the single stream: with iperf3 and the kernel's work.
    MACHINE_CPU("CPU, machine", "s/GB", 2),
    /// UDP datagrams of 64 octets that arrived, in thousands a second, while they were sent as fast as possible.
    DATAGRAMS("small datagrams", "1000/s", 0),
    /// The median round trip of a UDP datagram over an idle tunnel.
    ROUND_TRIP("round trip", "µs", 0),
    /// The 99th percentile of the same.
    ROUND_TRIP_P99("round trip p99", "µs", 0),
    /// Resident memory of the larger end after the transfers, in 2^20 octets.
    MEMORY("memory", "MiB", 0),
    /// From the start of the program at one end, the other being up, to the first packet there and back.
    START("start", "ms", 0),
    /// What the JVM's threads that move packets allocated once the single stream was over, for each packet that the
    /// device carried, a super-packet being one.
    ALLOCATED("allocated", "B/packet", 2),
    /// Packets that TCP, UDP or IP of the two hosts refused as damaged, and compared octets that differed.
    DAMAGED("damaged", "", 0);

    private final String title;
    private final String unit;
    private final int decimals;

    Metric(String title, String unit, int decimals) {
        this.title = title;
        this.unit = unit;
        this.decimals = decimals;
    }

    /// The column's heading.
    public String title() {
        return title;
    }

    /// The unit, empty for counts.
    public String unit() {
        return unit;
    }

    /// A value in this metric's precision, a dash where there is none.
    public String text(double value) {
        return Double.isNaN(value) ? "–" : String.format(Locale.ROOT, "%." + decimals + "f", value);
    }

    /// The name under which results keep it.
    public String key() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
