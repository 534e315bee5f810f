package adit.wire;

import java.lang.foreign.MemorySegment;

/// Turns any octets into one line of text, as far as they make sense, and says in words where they stop making
/// sense. Never throws for what the octets hold.
///
/// Layers are joined by ` / ` from the outside in, faults stand in parentheses, the packet that an ICMP error
/// quotes in braces:
///
/// ```
/// IPv4 192.0.2.1 > 198.51.100.7 ttl 64 DF len 60 / UDP 40000 > 6080 len 40 no checksum / GUE IPIP
///     / IPv4 10.1.0.1 > 10.2.0.1 ttl 63 len 28 / ICMP echo request id 7 seq 1 (bad checksum 1234, should be f7f7)
///     payload 0
/// ```
///
/// For logs, tests and the command line: it allocates. The octets are only read.
public final class PacketPrinter {
    private PacketPrinter() {}

    /// The line for `length` octets at `at`, which start with `first`, under [PrinterOptions#PLAIN].
    public static String line(MemorySegment s, long at, int length, LinkLayer first) {
        return line(s, at, length, first, PrinterOptions.PLAIN);
    }

    /// The line for `length` octets at `at`, which start with `first`. Octets that the segment does not have
    /// count as cut off.
    public static String line(MemorySegment s, long at, int length, LinkLayer first, PrinterOptions options) {
        long start = Math.clamp(at, 0, s.byteSize());
        int held = Math.clamp(s.byteSize() - start, 0, Math.max(length, 0));
        PrintedLine line = new PrintedLine(s, options);
        PrintedRun run = new PrintedRun(start, held, held == length);
        switch (first) {
            case ETHERNET -> LinkPrinter.ethernet(line, run);
            case LOOPBACK -> LinkPrinter.loopback(line, run);
            case LINUX_SLL -> LinkPrinter.cooked1(line, run);
            case LINUX_SLL2 -> LinkPrinter.cooked2(line, run);
            case TUN_PI -> LinkPrinter.tunPi(line, run);
            case MPLS -> LinkPrinter.mpls(line, run);
            case RAW_IP -> IpPrinter.anyVersion(line, run);
            case IPV4 -> IpPrinter.ip4(line, run);
            case IPV6 -> IpPrinter.ip6(line, run);
        }
        return line.toString();
    }
}
