package adit.program;

import adit.program.config.Suggestion;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/// Answers a command line that makes no sense: what is wrong, perhaps what was meant, and where to read more.
final class WrongUsage implements IParameterExceptionHandler {
    private final Terminal terminal;

    WrongUsage(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public int handleParseException(ParameterException e, String[] args) {
        terminal.complain(words(e));
        if (e instanceof UnmatchedArgumentException unmatched) {
            List<String> suggestions = suggestions(unmatched);
            if (!suggestions.isEmpty()) {
                terminal.advise("did you mean " + String.join(" or ", suggestions) + "?");
            }
        }
        terminal.advise("see " + e.getCommandLine().getCommandSpec().qualifiedName() + " --help");
        return ExitCode.USAGE;
    }

    private static String words(ParameterException e) {
        return switch (e) {
            case UnmatchedArgumentException unmatched -> unmatched(unmatched);
            case MissingParameterException missing -> missing(missing);
            default -> e.getArgSpec() == null || e.getValue() == null ? e.getMessage() : badValue(e);
        };
    }

    private static String unmatched(UnmatchedArgumentException e) {
        String word = e.getUnmatched().stream()
                .filter(WrongUsage::isOption)
                .findFirst()
                .orElse(e.getUnmatched().getFirst());
        if (isOption(word)) {
            return "unknown option '" + shown(word) + "'";
        }
        return (e.getCommandLine().getParent() == null ? "unknown command '" : "one word too many: '")
                + shown(word)
                + "'";
    }

    private static boolean isOption(String word) {
        return word.startsWith("-") && word.length() > 1;
    }

    private static String missing(MissingParameterException e) {
        List<String> options = new ArrayList<>();
        for (ArgSpec missing : e.getMissing()) {
            options.add(
                    missing instanceof OptionSpec option
                            ? option.longestName() + " needs " + option.paramLabel()
                            : missing.paramLabel() + " is missing");
        }
        return options.isEmpty() ? e.getMessage() : String.join(", ", options);
    }

    private static String badValue(ParameterException e) {
        ArgSpec argument = e.getArgSpec();
        String name = argument instanceof OptionSpec option ? option.longestName() : argument.paramLabel();
        Object[] constants = argument.auxiliaryTypes()[0].getEnumConstants();
        if (constants != null) {
            List<String> known = Arrays.stream(constants)
                    .map(each -> each.toString().toLowerCase(Locale.ROOT))
                    .toList();
            return "unknown " + name + " \"" + shown(e.getValue()) + "\"" + Suggestion.among(e.getValue(), known);
        }
        return name + " is a number, not '" + shown(e.getValue()) + "'";
    }

    /// Those near options of the command, and near commands.
    private static List<String> suggestions(UnmatchedArgumentException e) {
        CommandLine command = e.getCommandLine();
        if (isOption(e.getUnmatched().getFirst()) && command.getParent() == null) {
            return List.of();
        }
        return e.getSuggestions();
    }

    /// A word as it can be printed: one line, not endless, and nothing that a terminal would obey.
    static String shown(String word) {
        int most = 60;
        String line = word.codePoints()
                .map(c -> Character.isISOControl(c) ? '?' : c)
                .limit(most + 1)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
        return line.length() <= most ? line : line.substring(0, line.offsetByCodePoints(0, most)) + "...";
    }
}
