package adit.iproute;

import adit.netlink.MalformedMessageException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// The command `ip`.
public final class Ip {
    private static final int EXIT_FAILURE = 1;
    private static final int ENOENT = 2;

    private final IpHost host;
    private final InputStream in;
    private final PrintWriter out;
    private final PrintWriter err;

    /// A command that acts on `host`, which stays the caller's. `in` is read by `-batch -` alone.
    public Ip(IpHost host, InputStream in, PrintWriter out, PrintWriter err) {
        this.host = host;
        this.in = in;
        this.out = out;
        this.err = err;
    }

    /// Runs a command line, given without `ip` itself, and answers its exit code. Both outputs are flushed.
    public int run(String... arguments) {
        try {
            return run(new CommandLine(Arrays.asList(arguments)));
        } catch (IpFailure e) {
            return failed(e);
        } finally {
            out.flush();
            err.flush();
        }
    }

    private int run(CommandLine line) throws IpFailure {
        if (line.showsVersion()) {
            out.println("ip utility, adit, grammar of iproute2-6.1.0");
            return 0;
        }
        if (line.namespace().isEmpty()) {
            return run(line, host);
        }
        String name = line.namespace().get();
        try (IpHost other = host.namespace(name)) {
            return run(line, other);
        } catch (NoSuchFileException e) {
            throw IpFailure.senseless("Cannot open network namespace \"" + name + "\": " + ErrnoText.of(ENOENT));
        } catch (IOException e) {
            throw IpFailure.senseless("Cannot open network namespace \"" + name + "\": " + e.getMessage());
        }
    }

    private int run(CommandLine line, IpHost where) throws IpFailure {
        Session session = Session.of(line.options(), where, out, err);
        if (line.batch().isPresent()) {
            return batch(line.batch().get(), line, session);
        }
        List<String> command = line.rest();
        if (command.isEmpty()) {
            throw IpFailure.senseless(Help.IP);
        }
        return object(session, command);
    }

    private int object(Session session, List<String> arguments) {
        String object = arguments.getFirst();
        Words words = new Words(arguments.subList(1, arguments.size()));
        try {
            object(session, object, words);
            return 0;
        } catch (IpFailure e) {
            return failed(e);
        } catch (MalformedMessageException e) {
            err.println("An answer makes no sense: " + e.getMessage());
            return EXIT_FAILURE;
        }
    }

    private int failed(IpFailure e) {
        out.flush();
        if (!e.getMessage().isEmpty()) {
            err.println(e.getMessage());
        }
        return e.exitCode();
    }

    /// The first object that begins with the word counts, in the order of iproute2.
    private static void object(Session session, String object, Words words) throws IpFailure {
        if (Words.begins(object, "address")) {
            new AddressCommand(session).run(words);
        } else if (Words.begins(object, "route")) {
            new RouteCommand(session).run(words);
        } else if (Words.begins(object, "neighbor", "neighbour")) {
            new NeighbourCommand(session).run(words);
        } else if (Words.begins(object, "link")) {
            new LinkCommand(session).run(words);
        } else if (Words.begins(object, "fou")) {
            new FouCommand(session).run(words);
        } else if (Words.begins(object, "tunnel", "tunl")) {
            new TunnelCommand(session).run(words);
        } else if (Words.begins(object, "tuntap", "tap")) {
            new TunTapCommand(session).run(words);
        } else if (Words.begins(object, "monitor")) {
            new MonitorCommand(session).run(words);
        } else if (Words.begins(object, "help")) {
            throw IpFailure.senseless(Help.IP);
        } else {
            throw new IpFailure(EXIT_FAILURE, "Object \"" + object + "\" is unknown, try \"ip help\".");
        }
    }

    // ---- Batches

    private int batch(String file, CommandLine line, Session session) throws IpFailure {
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(
                file.equals("-") ? in : Files.newInputStream(Path.of(file)), StandardCharsets.UTF_8))) {
            return batch(file, lines, line, session);
        } catch (NoSuchFileException e) {
            throw new IpFailure(EXIT_FAILURE, "Cannot open file \"" + file + "\" for reading: " + ErrnoText.of(ENOENT));
        } catch (IOException e) {
            throw new IpFailure(EXIT_FAILURE, "Cannot open file \"" + file + "\" for reading: " + e.getMessage());
        }
    }

    private int batch(String file, BufferedReader lines, CommandLine line, Session session)
            throws IOException, IpFailure {
        BatchReader batch = new BatchReader(lines);
        int code = 0;
        while (batch.next()) {
            List<String> words = new ArrayList<>(batch.words());
            if (words.isEmpty()) {
                continue;
            }
            if (object(session, words) != 0) {
                err.println("Command failed " + file + ":" + batch.line());
                code = EXIT_FAILURE;
                if (line.stopsAtFailure()) {
                    return code;
                }
            }
        }
        return code;
    }
}
