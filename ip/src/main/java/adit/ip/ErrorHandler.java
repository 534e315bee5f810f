package adit.ip;

import java.lang.foreign.MemorySegment;

/// Hears of ICMP errors about IPv4 packets that it may have sent.
@FunctionalInterface
public interface ErrorHandler {
    /// Hears of an error. At `quote` in `s` stands what is quoted of the packet, IP header first, `available`
    /// octets: the header and at least eight behind it. `link` is the index of the interface by which the error
    /// came, or 0. Answers whether it has sent such packets: what the error says of the way is believed only
    /// then.
    boolean error(MemorySegment s, int quote, int available, int type, int code, int link);
}
