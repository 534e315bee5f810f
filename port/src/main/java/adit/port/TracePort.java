package adit.port;

import adit.packet.PacketBatch;
import adit.packet.PacketBuffer;
import adit.wire.EtherType;
import adit.wire.LinkLayer;
import adit.wire.PacketPrinter;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/// A port that writes one line for each packet that passes: seconds, name, direction, what the packet is and,
/// where the port behind would not have it, why.
///
/// ```
/// 1.002003004 wire tx IPv4 10.1.0.1 > 10.1.0.2 ttl 64 len 28 / ICMP ... refused FULL
/// ```
///
/// For one thread. Allocates a string for each packet: for looking, not for measuring.
public final class TracePort implements Port {
    /// Turns a packet into one line of text, whatever its octets are, and never throws.
    @FunctionalInterface
    public interface Printer {
        /// Prints the layers of a packet, as [PacketPrinter] does it. [PacketBuffer#protocol] says what it
        /// begins with; where that is not known, the version field of an IP packet does.
        Printer LAYERS = p -> PacketPrinter.line(p.segment(), p.head(), p.length(), firstLayer(p.protocol()));

        /// The packet as text, without a line end.
        String print(PacketBuffer p);

        private static LinkLayer firstLayer(int etherType) {
            return switch (etherType) {
                case EtherType.MPLS -> LinkLayer.MPLS;
                case EtherType.TRANSPARENT_ETHERNET -> LinkLayer.ETHERNET;
                default -> LinkLayer.RAW_IP;
            };
        }
    }

    private final Port inner;
    private final Single line;
    private final String name;
    private final LongSupplier clock;
    private final Printer printer;
    private final Consumer<String> sink;

    /// Traces what passes to and from `inner` as `name`. `clock` tells a monotonic time in nanoseconds; lines
    /// go to `sink` without a line end.
    public TracePort(Port inner, String name, LongSupplier clock, Printer printer, Consumer<String> sink) {
        this.inner = inner;
        this.line = new Single(inner);
        this.name = name;
        this.clock = clock;
        this.printer = printer;
        this.sink = sink;
    }

    @Override
    public int receive(PacketBatch into) {
        int before = into.size();
        int count = inner.receive(into);
        for (int i = before; i < into.size(); i++) {
            sink.accept(text("rx", into.get(i)));
        }
        return count;
    }

    @Override
    public int send(PacketBatch batch) {
        int size = batch.size();
        int kept = 0;
        for (int i = 0; i < size; i++) {
            PacketBuffer p = batch.get(i);
            String text = text("tx", p); // before the port behind takes the packet away
            if (line.send(p)) {
                sink.accept(text);
            } else {
                sink.accept(text + " refused " + p.refusal());
                batch.set(kept++, p);
            }
        }
        batch.truncate(kept);
        return size - kept;
    }

    private String text(String direction, PacketBuffer p) {
        long nanos = clock.getAsLong();
        String fraction = Long.toString(1_000_000_000L + nanos % 1_000_000_000L).substring(1);
        return nanos / 1_000_000_000L + "." + fraction + " " + name + " " + direction + " " + printer.print(p);
    }

    @Override
    public int mtu() {
        return inner.mtu();
    }

    @Override
    public void close() {
        inner.close();
    }
}
