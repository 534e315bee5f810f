package adit.lab;

import adit.device.Device;
import adit.device.Drop;
import adit.ip.IpDrop;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// Carries out command lines on a lab: what its prompt takes, and a script.
///
/// A line may begin with a host's name, else the present host is meant. Answers exit codes: 0 for done, 1 for
/// what failed, 255 for what makes no sense, and those of `ip`. One thread at a time.
public final class LabShell {
    /// The exit code of a line that makes no sense.
    public static final int SENSELESS = 255;

    private static final int FAILED = 1;
    private static final String HELP = """
            On a host, or on the present one when no host is named:
              [HOST] ip ...                    iproute2's grammar: HOST ip -d link
              [HOST] ping ADDRESS [-c COUNT] [-i TIME] [-s OCTETS] [-t HOPS]
              [HOST] udp ADDRESS PORT [TEXT]   send a datagram, print what comes back
              [HOST] trace SRC DST [udp PORT] [size OCTETS] [ttl HOPS] [tos TOS] [df]
              [HOST] trace HEX                 each step of a packet; SRC may be any
              [HOST] drops                     packets given up, by reason
              [HOST] sysctl [KEY=VALUE]        such as net.ipv4.ip_forward=1
              HOST                             makes it the present host

            On the lab:
              hosts | cables | programs        what there is, and how it fares
              cable NAME [loss 5%] [delay 10ms] [rate 1mbit] [queue PACKETS]
              cable NAME cut | mend
              capture CABLE FILE.pcapng        record what goes into a cable
              capture CABLE off
              wait TIME                        let time pass, such as 500ms or 5s
              time                             how long the lab has lived
              ! COMMAND                        done well when COMMAND fails
              help | quit""";

    private final Lab lab;
    private LabHost present;
    private boolean ended;

    /// A shell on `lab`, which stays the caller's. Its first host is the present one.
    public LabShell(Lab lab) {
        this.lab = lab;
        this.present = lab.hosts().iterator().next();
    }

    /// What to show in front of a line.
    public String prompt() {
        return present.name() + "> ";
    }

    /// The words that may come next on a line that begins with `words`, sorted. Nobody is held to them.
    public List<String> mayFollow(List<String> words) {
        return new Completion(lab).after(words, present);
    }

    /// Whether somebody has said `quit`.
    public boolean hasEnded() {
        return ended;
    }

    /// A line that can't be carried out.
    private static final class Senseless extends Exception {
        private static final long serialVersionUID = 1;

        Senseless(String message) {
            super(message, null, false, false);
        }
    }

    /// Carries out one line and answers its exit code. Both outputs are flushed.
    public int run(String line, PrintWriter out, PrintWriter err) {
        try {
            List<String> words = CommandWords.split(line);
            return words.isEmpty() ? 0 : run(words, out, err);
        } catch (Senseless | IllegalArgumentException e) {
            err.println(e.getMessage());
            return SENSELESS;
        } catch (IOException e) {
            err.println(e.getMessage());
            return FAILED;
        } finally {
            out.flush();
            err.flush();
        }
    }

    private int run(List<String> words, PrintWriter out, PrintWriter err) throws Senseless, IOException {
        String first = words.getFirst();
        List<String> rest = words.subList(1, words.size());
        if (first.equals("!")) {
            return run(rest.isEmpty() ? List.of("help") : rest, out, err) == 0 ? FAILED : 0;
        }
        Optional<LabHost> named = lab.host(first);
        if (named.isPresent()) {
            if (rest.isEmpty()) {
                present = named.get();
                return 0;
            }
            return on(named.get(), rest.getFirst(), rest.subList(1, rest.size()), out, err)
                    .orElseThrow(() -> new Senseless("on a host there is no " + rest.getFirst() + "; try help"));
        }
        Optional<Integer> code = on(present, first, rest, out, err);
        return code.isPresent() ? code.get() : onLab(first, rest, out);
    }

    // ---- On a host

    /// Nothing when there is no such command on a host.
    private Optional<Integer> on(LabHost host, String command, List<String> words, PrintWriter out, PrintWriter err)
            throws Senseless, IOException {
        return switch (command) {
            case "ip" -> Optional.of(ip(host, words, out, err));
            case "ping" -> Optional.of(ping(host, new Arguments(words), out));
            case "udp" -> Optional.of(udp(host, new Arguments(words), out));
            case "trace" -> Optional.of(trace(host, new Arguments(words), out));
            case "drops" -> Optional.of(drops(host, out));
            case "sysctl" -> Optional.of(sysctl(host, words, out));
            default -> Optional.empty();
        };
    }

    private int ip(LabHost host, List<String> words, PrintWriter out, PrintWriter err) throws Senseless {
        boolean monitors = words.stream()
                .filter(word -> !word.startsWith("-"))
                .findFirst()
                .filter(word -> word.length() > 1 && "monitor".startsWith(word))
                .isPresent();
        if (monitors) {
            throw new Senseless("here nothing would change meanwhile; in another terminal run: adit ip --on "
                    + lab.spec().name() + " -n " + host.name() + " monitor");
        }
        return host.ip(out, err, words.toArray(String[]::new));
    }

    private int ping(LabHost host, Arguments arguments, PrintWriter out) throws Senseless, IOException {
        String to = "";
        int count = 3;
        long interval = 1_000_000_000L;
        int payload = 56;
        int hops = 0;
        while (arguments.any()) {
            String option = arguments.next("");
            switch (option) {
                case "-c" -> count = arguments.number("-c", 1, 100_000);
                case "-i" -> interval = Quantity.nanos(arguments.next("-i TIME"));
                case "-s" -> payload = arguments.number("-s", 0, 65_507);
                case "-t" -> hops = arguments.number("-t", 1, 255);
                default -> {
                    if (option.startsWith("-") || !to.isEmpty()) {
                        throw new Senseless("ping has no option " + option + "; known are -c, -i, -s, -t");
                    }
                    to = option;
                }
            }
        }
        if (to.isEmpty()) {
            throw new Senseless("something is missing: ping ADDRESS");
        }
        Pinger.Options options = new Pinger.Options(adit.wire.IpAddress.parse(to), count, interval, payload, hops);
        return new Pinger(lab, host, options, line -> print(out, line)).run() ? 0 : FAILED;
    }

    private int udp(LabHost host, Arguments arguments, PrintWriter out) throws Senseless, IOException {
        String to = arguments.next("udp ADDRESS PORT [TEXT]");
        int port = arguments.number("PORT", 1, 0xffff);
        String text = String.join(" ", arguments.rest());
        return new UdpExchange(lab, host).run(to, port, text, line -> print(out, line)) ? 0 : FAILED;
    }

    private int trace(LabHost given, Arguments arguments, PrintWriter out) throws Senseless, IOException {
        String usage = "trace [HOST] SRC DST, or trace [HOST] HEX";
        String first = arguments.next(usage);
        Optional<LabHost> named = lab.host(first);
        LabHost host = named.orElse(given);
        String source = named.isPresent() ? arguments.next(usage) : first;
        TraceProbe probe = isAddress(source)
                ? probe(source, arguments)
                : TraceProbe.of(source + String.join("", arguments.rest()));
        return Tracer.trace(lab, host, probe, line -> print(out, line)) ? 0 : FAILED;
    }

    private static boolean isAddress(String word) {
        return word.equals("any") || word.indexOf('.') >= 0 || word.indexOf(':') >= 0;
    }

    private static TraceProbe probe(String source, Arguments arguments) throws Senseless {
        adit.wire.IpAddress to = adit.wire.IpAddress.parse(arguments.next("trace SRC DST"));
        boolean ip4 = to instanceof adit.wire.Ip4Address;
        adit.wire.IpAddress from = source.equals("any")
                ? ip4 ? adit.wire.Ip4Address.ANY : adit.wire.Ip6Address.ANY
                : adit.wire.IpAddress.parse(source);
        TraceProbe.Form form = TraceProbe.Form.PING;
        while (arguments.any()) {
            String word = arguments.next("");
            form = switch (word) {
                case "udp" -> form.withUdpPort(arguments.number("udp", 1, 0xffff));
                case "size" -> form.withPayload(arguments.number("size", 0, 65_507));
                case "ttl" -> form.withTimeToLive(arguments.number("ttl", 0, 255));
                case "tos" -> form.withTos(arguments.number("tos", 0, 255));
                case "df" -> form.dontFragment();
                default ->
                    throw new Senseless("trace knows udp, size, ttl, tos and df behind the addresses, not " + word);
            };
        }
        return TraceProbe.of(from, to, form);
    }

    private int drops(LabHost host, PrintWriter out) {
        List<String> lines = lab.call(() -> {
            List<String> all = new ArrayList<>();
            host.namespace()
                    .counters()
                    .drops()
                    .forEach((IpDrop why, Long count) ->
                            DropWords.of(why).ifPresent(words -> all.add("%8s  %s".formatted(count, words))));
            for (Device device : host.namespace().devices().devices()) {
                device.ownDrops()
                        .forEach((why, count) ->
                                all.add("%8s  %s: %s".formatted(count, device.name(), DropWords.of(why))));
                device.statistics()
                        .drops()
                        .forEach((Drop why, Long count) ->
                                all.add("%8s  %s: %s".formatted(count, device.name(), DropWords.of(why))));
            }
            return all;
        });
        lines.forEach(line -> print(out, line));
        return 0;
    }

    private static int sysctl(LabHost host, List<String> words, PrintWriter out) throws Senseless {
        if (words.isEmpty()) {
            Sysctls.names().forEach(name -> print(out, name));
            return 0;
        }
        String[] parts = String.join("", words).split("=", 2);
        if (parts.length != 2 || !parts[1].matches("[0-9]{1,9}")) {
            throw new Senseless("sysctl KEY=VALUE, such as net.ipv4.ip_forward=1");
        }
        host.sysctl(parts[0], Integer.parseInt(parts[1]));
        return 0;
    }

    // ---- On the lab

    private int onLab(String command, List<String> words, PrintWriter out) throws Senseless, IOException {
        switch (command) {
            case "help" -> print(out, HELP);
            case "quit", "exit" -> ended = true;
            case "hosts" -> lab.hosts().forEach(host -> print(out, hostLine(host)));
            case "cables" -> lab.cables().forEach(cable -> print(out, cableLine(cable)));
            case "programs" ->
                lab.hosts().forEach(host -> host.programs().forEach(p -> print(out, host.name() + ": " + p)));
            case "cable" -> cable(new Arguments(words), out);
            case "capture" -> capture(new Arguments(words), out);
            case "wait" -> {
                String time = new Arguments(words).next("wait TIME, such as wait 5s");
                lab.run(lab.now() + Quantity.nanos(time), () -> false);
            }
            case "time" -> print(out, Quantity.duration(lab.now()));
            default -> throw new Senseless(unknown(command));
        }
        return 0;
    }

    private String unknown(String command) {
        return command + " is neither a command nor a host; hosts are "
                + String.join(", ", lab.hosts().stream().map(LabHost::name).toList()) + "; try help";
    }

    private String hostLine(LabHost host) {
        List<String> devices = lab.call(() ->
                host.namespace().devices().devices().stream().map(Device::name).toList());
        return (host == present ? "* " : "  ") + host.name() + "  " + String.join(" ", devices);
    }

    private static String cableLine(LabCable cable) {
        LabCable.Count count = cable.count();
        return Stream.of(
                        cable.toString(),
                        "mtu " + cable.spec().mtu(),
                        cable.line().toString(),
                        cable.isCut() ? "cut" : "",
                        "carried " + count.carried(),
                        count.lost() == 0 ? "" : "lost " + count.lost(),
                        count.full() == 0 ? "" : "dropped " + count.full())
                .filter(part -> !part.isEmpty())
                .collect(java.util.stream.Collectors.joining("  "));
    }

    private LabCable cable(String name) throws Senseless {
        return lab.cable(name)
                .orElseThrow(() -> new Senseless("there is no cable " + name + "; cables are "
                        + String.join(
                                ", ", lab.cables().stream().map(LabCable::name).toList())));
    }

    private void cable(Arguments arguments, PrintWriter out) throws Senseless {
        LabCable cable = cable(arguments.next("cable NAME"));
        LineSpec line = cable.line();
        if (!arguments.any()) {
            print(out, cableLine(cable));
        }
        while (arguments.any()) {
            String word = arguments.next("");
            switch (word) {
                case "loss" -> line = line.withLoss(Quantity.probability(arguments.next("loss SHARE")));
                case "delay" -> line = line.withDelay(Quantity.nanos(arguments.next("delay TIME")));
                case "rate" -> line = line.withRate(Quantity.bitsPerSecond(arguments.next("rate RATE")));
                case "queue" -> line = line.withQueue(arguments.number("queue", 1, LineSpec.MAX_QUEUE));
                case "cut" -> cable.cut(true);
                case "mend" -> cable.cut(false);
                default ->
                    throw new Senseless(
                            "a cable has loss, delay, rate and queue, and can be cut and mended; not " + word);
            }
        }
        cable.line(line);
    }

    private void capture(Arguments arguments, PrintWriter out) throws Senseless, IOException {
        LabCable cable = cable(arguments.next("capture CABLE FILE.pcapng, or capture CABLE off"));
        String file = arguments.next("capture CABLE FILE.pcapng, or capture CABLE off");
        if (file.equals("off")) {
            Optional<Path> ended = cable.endCapture();
            print(out, ended.map(path -> "captured to " + path).orElse("nothing was captured"));
            return;
        }
        try {
            cable.capture(Path.of(file));
        } catch (InvalidPathException e) {
            throw new Senseless("\"" + file + "\" can't be a file's name");
        }
    }

    private static void print(PrintWriter out, String line) {
        out.println(line);
        out.flush();
    }

    /// The words behind a command.
    private static final class Arguments {
        private final List<String> words;
        private int next;

        Arguments(List<String> words) {
            this.words = words;
        }

        boolean any() {
            return next < words.size();
        }

        String next(String usage) throws Senseless {
            if (!any()) {
                throw new Senseless("something is missing: " + usage);
            }
            return words.get(next++);
        }

        int number(String what, int least, int most) throws Senseless {
            String text = next(what + " NUMBER");
            if (text.matches("[0-9]{1,9}")) {
                int number = Integer.parseInt(text);
                if (number >= least && number <= most) {
                    return number;
                }
            }
            throw new Senseless(what + " is a number from " + least + " to " + most + ", not " + text);
        }

        List<String> rest() {
            List<String> rest = words.subList(next, words.size());
            next = words.size();
            return rest;
        }
    }
}
