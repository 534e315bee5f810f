package adit.iproute;

import java.util.List;
import java.util.Optional;

/// Reads the options in front of the object. Each may be cut short and begin with one dash or two; the first
/// that fits counts, in the order of iproute2.
final class CommandLine {
    private static final int DEFAULT_FLUSH_ROUNDS = 10;

    private final Words words;
    private int family = Names.AF_UNSPEC;
    private int statistics;
    private int details;
    private int flushRounds = DEFAULT_FLUSH_ROUNDS;
    private boolean json;
    private boolean pretty;
    private boolean oneLine;
    private boolean brief;
    private boolean human;
    private boolean iec;
    private boolean echo;
    private boolean force;
    private boolean version;
    private IpOptions.Stamp stamp = IpOptions.Stamp.NONE;
    private IpOptions.NumberNames names = IpOptions.NumberNames.NAMED;
    private Optional<String> batch = Optional.empty();
    private Optional<String> namespace = Optional.empty();

    CommandLine(List<String> arguments) throws IpFailure {
        words = new Words(arguments);
        while (words.any() && words.peek().startsWith("-")) {
            String option = words.take();
            if (option.equals("--")) {
                break;
            }
            option(option.startsWith("--") ? option.substring(1) : option);
        }
    }

    boolean showsVersion() {
        return version;
    }

    boolean stopsAtFailure() {
        return !force;
    }

    /// A file of commands, `-` for the standard input.
    Optional<String> batch() {
        return batch;
    }

    Optional<String> namespace() {
        return namespace;
    }

    /// The object and all behind it.
    List<String> rest() {
        return words.rest();
    }

    IpOptions options() {
        IpOptions.Language language =
                !json ? IpOptions.Language.TEXT : pretty ? IpOptions.Language.PRETTY_JSON : IpOptions.Language.JSON;
        IpOptions.Units units =
                !human ? IpOptions.Units.EXACT : iec ? IpOptions.Units.BINARY : IpOptions.Units.THOUSANDS;
        return new IpOptions(
                family,
                statistics,
                details,
                new IpOptions.Form(
                        language,
                        oneLine ? IpOptions.Layout.ONE_LINE : IpOptions.Layout.LINES,
                        brief ? IpOptions.Brevity.BRIEF : IpOptions.Brevity.FULL,
                        units),
                flushRounds,
                echo ? IpOptions.Echo.SHOWN : IpOptions.Echo.SILENT,
                stamp,
                names);
    }

    private void option(String option) throws IpFailure {
        switch (option) {
            case "-4" -> family = Names.AF_INET;
            case "-6" -> family = Names.AF_INET6;
            case "-0" -> family = Names.AF_PACKET;
            case "-M" -> family = Names.AF_MPLS;
            case "-B" -> family = Names.AF_BRIDGE;
            case "-echo" -> echo = true;
            default -> longOption(option);
        }
    }

    private void longOption(String option) throws IpFailure {
        if (Words.begins(option, "-loops")) {
            flushRounds = (int) Numbers.signed(argument()).orElse(0);
        } else if (Words.begins(option, "-family")) {
            family(argument());
        } else if (Words.begins(option, "-human", "-human-readable")) {
            human = true;
        } else if (Words.begins(option, "-iec")) {
            iec = true;
        } else if (Words.begins(option, "-stats", "-statistics")) {
            statistics++;
        } else if (Words.begins(option, "-details")) {
            details++;
        } else if (Words.begins(option, "-resolve")) {
            // Names of hosts are never asked for: an address is shown as it is.
            return;
        } else if (Words.begins(option, "-oneline")) {
            oneLine = true;
        } else if (Words.begins(option, "-timestamp")) {
            stamp = stamp == IpOptions.Stamp.NONE ? IpOptions.Stamp.LONG : stamp;
        } else if (Words.begins(option, "-tshort")) {
            stamp = IpOptions.Stamp.SHORT;
        } else if (Words.begins(option, "-Version")) {
            version = true;
        } else if (Words.begins(option, "-force")) {
            force = true;
        } else if (Words.begins(option, "-batch")) {
            batch = Optional.of(argument());
        } else {
            laterOption(option);
        }
    }

    private void laterOption(String option) throws IpFailure {
        if (Words.begins(option, "-brief")) {
            brief = true;
        } else if (Words.begins(option, "-json")) {
            json = true;
        } else if (Words.begins(option, "-pretty")) {
            pretty = true;
        } else if (Words.begins(option, "-rcvbuf")) {
            String size = argument();
            if (Numbers.unsigned(size, Integer.SIZE).isEmpty()) {
                throw IpFailure.senseless("Invalid rcvbuf size '" + size + "'");
            }
        } else if (isColour(option)) {
            // Answers are never in colour.
            return;
        } else if (Words.begins(option, "-help")) {
            throw IpFailure.senseless(Help.IP);
        } else if (Words.begins(option, "-netns")) {
            namespace = Optional.of(words.value());
        } else if (Words.begins(option, "-Numeric")) {
            names = IpOptions.NumberNames.NUMERIC;
        } else if (!Words.begins(option, "-all")) {
            throw IpFailure.senseless("Option \"" + option + "\" is unknown, try \"ip -help\".");
        }
    }

    private String argument() throws IpFailure {
        if (!words.any()) {
            throw IpFailure.senseless(Help.IP);
        }
        return words.take();
    }

    private void family(String name) throws IpFailure {
        if (name.equals("help")) {
            throw IpFailure.senseless(Help.IP);
        }
        family = Names.families().byName(name).orElseThrow(() -> IpFailure.wrong("invalid protocol family", name));
    }

    private static boolean isColour(String option) {
        int equals = option.indexOf('=');
        String name = equals < 0 ? option : option.substring(0, equals);
        return Words.begins(name, "-color")
                && (equals < 0 || Words.is(option.substring(equals + 1), "", "always", "auto", "never"));
    }
}
