package adit.program;

import adit.capture.CaptureReader;
import adit.capture.CapturedPacket;
import adit.capture.Direction;
import adit.capture.LinkType;
import adit.program.decode.HexText;
import adit.program.decode.LinkGuess;
import adit.wire.LinkLayer;
import adit.wire.PacketPrinter;
import adit.wire.PrinterOptions;
import adit.wire.PrinterOptions.Checksums;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.lang.foreign.MemorySegment;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `adit decode`.
@Command(
        name = "decode",
        description = {
            "Print packets, one a line.",
            "",
            "FILE is pcap or pcapng, also gzipped, or text with hexadecimal digits: what",
            "xxd, hexdump -C, od -tx1, tcpdump -x and Wireshark print, or plain digits with",
            "an empty line between packets."
        },
        optionListHeading = "%nOptions:%n",
        footerHeading = "%nExamples:%n",
        footer = {
            "  adit decode capture.pcapng",
            "  adit decode --fou 5555 --gue 6080 capture.pcap",
            "  tcpdump -i eth0 -w - | adit decode -",
            "  echo 45000014 00004000 40040000 c0000201 c6336407 | adit decode -"
        })
final class DecodeCommand implements Callable<Integer> {
    private static final int GZIP = 0x1f8b;
    private static final int IPIP = 4;
    private static final long BILLION = 1_000_000_000L;

    private final Terminal terminal;

    @Parameters(paramLabel = "FILE", description = "The packets; - reads the standard input.")
    private String file;

    @Option(
            names = "--link",
            paramLabel = "TYPE",
            description =
                    "What packets begin with: ${COMPLETION-CANDIDATES}. Otherwise the file says it, and for text it"
                            + " is guessed.")
    private LinkName link;

    @Option(
            names = "--fou",
            paramLabel = "PORT[:PROTO]",
            description =
                    "A UDP port that carries FOU, and the IP protocol in it, such as 41 or 137: 4 unless given. Repeatable.")
    private List<String> fou = new ArrayList<>();

    @Option(names = "--gue", paramLabel = "PORT", description = "A UDP port that carries GUE. Repeatable.")
    private List<Integer> gue = new ArrayList<>();

    @Option(names = "--no-checksums", description = "Do not verify checksums: offloads leave them unfinished.")
    private boolean noChecksums;

    @Option(names = "--json", description = "Print one JSON object a line for each packet.")
    private boolean json;

    private PrinterOptions options;
    private boolean faulty;
    private OptionalLong start = OptionalLong.empty();

    /// The words of `--link`.
    enum LinkName {
        /// Ethernet.
        ethernet(LinkLayer.ETHERNET),
        /// IPv4 or IPv6.
        ip(LinkLayer.RAW_IP),
        /// A label stack.
        mpls(LinkLayer.MPLS),
        /// Linux cooked.
        sll(LinkLayer.LINUX_SLL),
        /// Linux cooked, version 2.
        sll2(LinkLayer.LINUX_SLL2),
        /// BSD loopback.
        loopback(LinkLayer.LOOPBACK),
        /// What a TUN file puts in front of a packet.
        tun(LinkLayer.TUN_PI);

        private final LinkLayer layer;

        LinkName(LinkLayer layer) {
            this.layer = layer;
        }
    }

    DecodeCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() throws IOException {
        options = printerOptions();
        try (Input input = Input.open(file, terminal)) {
            decode(input.name(), new BufferedInputStream(input.stream(), 1 << 16));
        } catch (EOFException | ZipException e) {
            // What comes out of a whole file that is cut is told by its readers; this is of the compressed one.
            complain((file.equals("-") ? "stdin" : file) + ": the gzipped file is cut or damaged: " + e.getMessage());
        }
        return faulty ? ExitCode.RUNTIME : ExitCode.OK;
    }

    private PrinterOptions printerOptions() {
        try {
            PrinterOptions made = PrinterOptions.PLAIN.with(noChecksums ? Checksums.IGNORE : Checksums.VERIFY);
            for (String each : fou) {
                String[] parts = each.split(":", 2);
                made = made.withFou(number(parts[0]), parts.length == 1 ? IPIP : number(parts[1]));
            }
            for (int each : gue) {
                made = made.withGue(each);
            }
            return made;
        } catch (IllegalArgumentException e) {
            throw Failure.usage(e.getMessage(), "see adit decode --help");
        }
    }

    private static int number(String text) {
        try {
            return Integer.parseInt(text);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(
                    "--fou takes PORT[:PROTO] in numbers, not \"" + WrongUsage.shown(text) + "\"", e);
        }
    }

    private void decode(String name, InputStream in) throws IOException {
        InputStream plain = in;
        in.mark(2);
        if (((in.read() << 8) | in.read()) == GZIP) {
            in.reset();
            plain = new BufferedInputStream(new GZIPInputStream(in), 1 << 16);
        } else {
            in.reset();
        }
        Optional<CaptureReader> reader = CaptureReader.open(plain);
        if (reader.isPresent()) {
            decode(name, reader.get(), plain);
        } else {
            decodeText(name, plain);
        }
    }

    private void decode(String name, CaptureReader reader, InputStream in) throws IOException {
        for (Optional<CapturedPacket> next = reader.next(); next.isPresent(); next = reader.next()) {
            CapturedPacket p = next.get();
            if (start.isEmpty()) {
                start = p.nanos();
            }
            print(p);
            if (nobodyListens(p.number(), in)) {
                return;
            }
        }
        reader.fault().ifPresent(fault -> complain(name + ": " + fault));
    }

    private void decodeText(String name, InputStream in) throws IOException {
        HexText text = new HexText(in, fault -> complain(name + ":" + fault));
        long count = 0;
        for (Optional<HexText.Packet> next = text.next(); next.isPresent(); next = text.next()) {
            print(++count, next.get());
            if (nobodyListens(count, in)) {
                return;
            }
        }
        if (count == 0 && !faulty) {
            complain(name + ": no packet: neither pcap, pcapng nor hexadecimal digits");
        }
    }

    /// Shows the packets so far when no more are there yet, for who looks at a live capture. True when the
    /// reader of our output has gone.
    private boolean nobodyListens(long count, InputStream in) throws IOException {
        return (in.available() == 0 || count % 1024 == 0) && terminal.out().checkError();
    }

    private void print(CapturedPacket p) {
        String text = line(p);
        if (json) {
            Map<String, Object> map = new LinkedHashMap<>();
            map.put("number", p.number());
            p.nanos().ifPresent(n -> map.put("time", Instant.EPOCH.plusNanos(n).toString()));
            if (!p.interfaceName().isEmpty()) {
                map.put("interface", p.interfaceName());
            }
            if (p.direction() != Direction.UNKNOWN) {
                map.put("direction", p.direction().name().toLowerCase(Locale.ROOT));
            }
            map.put("link", p.linkType());
            map.put("length", p.originalLength());
            map.put("captured", p.octets().byteSize());
            map.put("packet", text);
            map.put("comments", p.comments());
            terminal.out().println(Json.line(map));
            return;
        }
        PrintWriter out = terminal.out();
        out.printf("%5d %14s ", p.number(), time(p.nanos()));
        if (!p.interfaceName().isEmpty()) {
            out.print(printable(p.interfaceName()) + " ");
        }
        out.print(
                switch (p.direction()) {
                    case INBOUND -> "in  ";
                    case OUTBOUND -> "out ";
                    case UNKNOWN -> "";
                });
        out.print(text);
        p.comments().forEach(c -> out.print("  # " + printable(c)));
        out.println();
    }

    private void print(long number, HexText.Packet p) {
        MemorySegment octets = p.octets();
        LinkLayer layer = link == null ? LinkGuess.of(octets) : link.layer;
        String text = PacketPrinter.line(octets, 0, (int) octets.byteSize(), layer, options);
        if (json) {
            Map<String, Object> map = new LinkedHashMap<>();
            map.put("number", number);
            map.put("line", p.line());
            map.put("length", octets.byteSize());
            map.put("packet", text);
            terminal.out().println(Json.line(map));
        } else {
            terminal.out().printf("%5d %s%n", number, text);
        }
    }

    private String line(CapturedPacket p) {
        Optional<LinkLayer> layer = link == null ? layer(p.linkType()) : Optional.of(link.layer);
        int length = (int) Math.min(p.originalLength(), Integer.MAX_VALUE);
        return layer.map(l -> PacketPrinter.line(p.octets(), 0, length, l, options))
                .orElseGet(() -> "link type " + p.linkType() + ", " + p.originalLength() + " octets");
    }

    private static Optional<LinkLayer> layer(LinkType type) {
        return switch (type.number()) {
            // What libpcap's DLT_RAW and DLT_LOOP are on some systems.
            case 12, 14 -> Optional.of(LinkLayer.RAW_IP);
            case 108 -> Optional.of(LinkLayer.LOOPBACK);
            default ->
                Stream.of(LinkLayer.values())
                        .filter(l -> l.number() == type.number())
                        .findAny();
        };
    }

    /// Seconds since the first packet.
    private String time(OptionalLong nanos) {
        if (nanos.isEmpty() || start.isEmpty()) {
            return "-";
        }
        long since = nanos.getAsLong() - start.getAsLong();
        return (since < 0 ? "-" : "") + "%d.%09d".formatted(Math.abs(since / BILLION), Math.abs(since % BILLION));
    }

    /// A comment comes from a file that anybody may have made, and goes to a terminal.
    private static String printable(String text) {
        return text.codePoints()
                .map(c -> Character.isISOControl(c) ? ' ' : c)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
    }

    private void complain(String what) {
        faulty = true;
        terminal.complain(what);
    }
}
