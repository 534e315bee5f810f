package adit.program;

import adit.iproute.IpHost;
import adit.lab.Lab;
import adit.lab.LabException;
import adit.lab.LabHost;
import adit.lab.LabSpec;
import adit.program.config.LabConfig;
import adit.program.config.Reading;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `adit lab`.
@Command(
        name = "lab",
        description = "Run a network of hosts in memory, without root, and act on it at a prompt, by a script, or with"
                + " `adit ip --on NAME` from elsewhere.",
        optionListHeading = "%nOptions:%n",
        footerHeading = "%nExamples:%n",
        footer = {
            "  adit lab --list                     the labs that come with Adit",
            "  adit lab routed                     a prompt; help tells what it takes",
            "  adit lab net.yaml --run test.txt    a script, one command on each line",
            "",
            "docs/labs.md walks through a lab and describes the file."
        })
final class LabCommand implements Callable<Integer> {
    private final Terminal terminal;

    @Parameters(
            arity = "0..1",
            paramLabel = "FILE|NAME",
            description = "A lab's file in YAML, or the name of a lab that comes with Adit.")
    private Optional<String> file;

    @Option(names = "--list", description = "Tell which labs come with Adit.")
    private boolean list;

    @Option(names = "--show", description = "Print the file of a lab that comes with Adit.")
    private boolean show;

    @Option(names = "--check", description = "Only read the file and report every mistake in it.")
    private boolean check;

    @Option(
            names = "--run",
            paramLabel = "SCRIPT",
            description = "Carry out the commands of a file, - for the standard input, until one fails.")
    private Optional<String> script;

    @Option(names = "--stay", description = "No prompt: run until the process is told to end.")
    private boolean stay;

    @Option(
            names = "--time",
            paramLabel = "real|virtual",
            description = "Whose time it runs on, whatever the file says. Virtual time passes while somebody waits for"
                    + " something, and then without waiting.")
    private Optional<LabSpec.Time> time;

    @Option(names = "--name", paramLabel = "NAME", description = "Another name for `adit ip --on`.")
    private Optional<String> name;

    @Option(
            names = "--json",
            description = "With --list and --check: as JSON. Else: one JSON object for each command, with its exit code"
                    + " and what it said.")
    private boolean json;

    LabCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() throws IOException {
        if (list) {
            if (file.isPresent()) {
                throw Failure.usage(
                        "one word too many: '" + file.get() + "'", "--list tells of all labs; --show prints one");
            }
            list();
            return ExitCode.OK;
        }
        if (file.isEmpty()) {
            throw Failure.usage("which lab?", "adit lab --list tells of those that come with Adit");
        }
        byte[] octets = octets(file.get());
        if (show) {
            terminal.out().print(new String(octets, java.nio.charset.StandardCharsets.UTF_8));
            return ExitCode.OK;
        }
        String called = file.get().equals("-") ? "stdin" : file.get();
        Reading<LabSpec> outcome = LabConfig.read(called, octets);
        if (check && json) {
            terminal.out()
                    .println(Json.pretty(
                            ProblemReport.json(called, outcome.config().isPresent(), outcome.problems())));
        } else {
            outcome.problems().forEach(terminal.err()::println);
        }
        if (outcome.config().isEmpty()) {
            long errors = outcome.errors();
            terminal.complain(called + " has " + errors + (errors == 1 ? " error" : " errors") + "; nothing was done");
            return ExitCode.USAGE;
        }
        LabSpec spec = named(outcome.config().get());
        return check ? check(called, spec) : run(spec);
    }

    private LabSpec named(LabSpec spec) {
        String called = name.orElse(spec.name());
        if (!LabSpec.isName(called)) {
            throw Failure.usage("\"" + called + "\" can't be the name of a lab", "letters, digits, '-', '_' and '.'");
        }
        LabSpec.Time on = time.orElse(spec.time());
        return new LabSpec(called, spec.description(), on, spec.seed(), spec.hosts(), spec.cables());
    }

    // ---- Reading

    private void list() throws IOException {
        List<Map<String, Object>> all = new ArrayList<>();
        for (String each : ShippedLabs.names()) {
            LabSpec spec = LabConfig.read(each, ShippedLabs.file(each).orElseThrow())
                    .config()
                    .orElseThrow();
            if (!json) {
                terminal.out().println("%-12s %s".formatted(each, spec.description()));
            }
            Map<String, Object> one = new LinkedHashMap<>();
            one.put("name", each);
            one.put("description", spec.description());
            one.put("hosts", spec.hosts().stream().map(h -> h.name()).toList());
            one.put("cables", spec.cables().stream().map(c -> c.name()).toList());
            all.add(one);
        }
        if (json) {
            terminal.out().println(Json.pretty(all));
        }
    }

    /// A file that is there comes before a lab of the same name.
    private byte[] octets(String from) throws IOException {
        Optional<byte[]> shipped = ShippedLabs.file(from);
        if (shipped.isPresent() && !Files.isRegularFile(Path.of(from))) {
            return shipped.get();
        }
        boolean path = from.indexOf('/') >= 0 || from.indexOf('.') >= 0 || from.equals("-");
        if (!path && !Files.exists(Path.of(from))) {
            throw Failure.usage(
                    "there is neither a file nor a lab " + from, "labs: " + String.join(", ", ShippedLabs.names()));
        }
        try (Input input = Input.open(from, terminal)) {
            return input.stream().readNBytes(LabConfig.MAX_SIZE + 1);
        }
    }

    private int check(String called, LabSpec spec) {
        try (Lab lab = Lab.open(spec)) {
            if (!json) {
                terminal.out()
                        .println(called + ": " + lab.hosts().size() + " hosts, "
                                + lab.cables().size() + " cables, no mistakes");
            }
            return ExitCode.OK;
        } catch (LabException e) {
            return refused(called, e);
        }
    }

    private int refused(String called, LabException e) {
        e.problems().forEach(terminal.err()::println);
        int count = e.problems().size();
        terminal.complain(
                called + ": " + count + (count == 1 ? " command was" : " commands were") + " refused; nothing is left");
        return ExitCode.USAGE;
    }

    // ---- Running

    private int run(LabSpec spec) throws IOException {
        try (Lab lab = Lab.open(spec);
                HostSockets sockets = serve(lab)) {
            Thread end = Thread.ofPlatform().unstarted(() -> end(lab, sockets));
            Runtime.getRuntime().addShutdownHook(end);
            try {
                return run(lab, sockets.name());
            } finally {
                forget(end);
            }
        } catch (LabException e) {
            return refused(file.orElseThrow(), e);
        }
    }

    /// By its own name, or, where that is taken, with the process's number behind it.
    private static HostSockets serve(Lab lab) throws IOException {
        String own = lab.spec().name();
        if (HostSockets.isRunning(own)) {
            own += "-" + ProcessHandle.current().pid();
        }
        return HostSockets.open(own, host -> host(lab, host));
    }

    private static IpHost host(Lab lab, String wanted) throws IOException {
        List<String> names = lab.hosts().stream().map(LabHost::name).toList();
        String called = wanted.isEmpty() && names.size() == 1 ? names.getFirst() : wanted;
        if (called.isEmpty()) {
            throw new IOException("the lab has several hosts; say which: -n " + String.join(", -n ", names));
        }
        return lab.host(called)
                .orElseThrow(
                        () -> new IOException("the lab has no host " + called + ", but " + String.join(", ", names)));
    }

    /// The process is told to end: the socket's file goes, captures are completed.
    private static void end(Lab lab, HostSockets sockets) {
        try (lab) {
            sockets.close();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static void forget(Thread hook) {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // It runs already, and does the same again.
            return;
        }
    }

    private int run(Lab lab, String called) throws IOException {
        if (stay) {
            terminal.out()
                    .println("adit: lab " + called + " runs; Ctrl-C ends it, `adit ip --on " + called
                            + " -n HOST` acts on it");
            terminal.flush();
            return stayUp();
        }
        boolean typed = script.isEmpty() && Terminal.isTypedAt();
        if (typed) {
            terminal.out()
                    .println("lab " + called + ": "
                            + String.join(
                                    ", ",
                                    lab.hosts().stream().map(LabHost::name).toList()) + ". help tells what to type.");
        }
        LabSession session = json
                ? LabSession.json(lab, terminal)
                : typed ? LabSession.typed(lab, terminal) : LabSession.script(lab, terminal);
        if (script.isPresent()) {
            try (Input input = Input.open(script.get(), terminal)) {
                return session.run(input.name(), input.stream());
            }
        }
        return typed ? atPrompt(session) : session.run("stdin", terminal.in());
    }

    private int atPrompt(LabSession session) throws IOException {
        terminal.flush();
        Optional<LineEditor> editor = LineEditor.open(session::mayFollow);
        if (editor.isEmpty()) {
            return session.run("stdin", terminal.in());
        }
        try (LineEditor opened = editor.get()) {
            return session.run(opened);
        }
    }

    private static int stayUp() {
        CountDownLatch end = new CountDownLatch(1);
        Signals.on("INT", end::countDown);
        Signals.on("TERM", end::countDown);
        Signals.on("HUP", end::countDown);
        try {
            end.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return ExitCode.OK;
    }
}
