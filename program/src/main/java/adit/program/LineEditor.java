package adit.program;

import adit.lab.CommandWords;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.jline.keymap.KeyMap;
import org.jline.reader.Binding;
import org.jline.reader.Candidate;
import org.jline.reader.EndOfFileException;
import org.jline.reader.LineReader;
import org.jline.reader.LineReaderBuilder;
import org.jline.reader.Reference;
import org.jline.reader.UserInterruptException;
import org.jline.reader.impl.DefaultParser;
import org.jline.terminal.Size;
import org.jline.terminal.TerminalBuilder;

/// Lines that somebody types at the terminal of this process: with arrows, a history, and words completed by Tab.
///
/// By JLine, in the way of its that calls `stty` and no native code.
final class LineEditor implements AutoCloseable {
    private static final String PROVIDER = "exec";
    private static final Size USUAL = Size.of(80, 24);

    private final org.jline.terminal.Terminal terminal;
    private final LineReader reader;

    private LineEditor(org.jline.terminal.Terminal terminal, LineReader reader) {
        this.terminal = terminal;
        this.reader = reader;
    }

    /// An editor whose Tab offers what `mayFollow` says of the words in front; empty when the terminal can't do more
    /// than lines.
    static Optional<LineEditor> open(UnaryOperator<List<String>> mayFollow) {
        if (System.getenv().getOrDefault("TERM", "").isEmpty()
                || System.getenv("TERM").equals("dumb")) {
            return Optional.empty();
        }
        org.jline.terminal.Terminal terminal;
        try {
            terminal = TerminalBuilder.builder()
                    .system(true)
                    .provider(PROVIDER)
                    .dumb(false)
                    .build();
        } catch (IOException | IllegalStateException _) {
            return Optional.empty();
        }
        if (terminal.getSize().getColumns() <= 0) {
            // A serial line, or a program that plays a terminal, may not say how large it is.
            terminal.setSize(USUAL);
        }
        LineReader reader = LineReaderBuilder.builder()
                .terminal(terminal)
                .parser(new DefaultParser().escapeChars(null))
                .completer((_, line, candidates) -> mayFollow
                        .apply(words(line.line().substring(0, line.cursor() - line.wordCursor())))
                        .forEach(word -> candidates.add(candidate(word))))
                // An exclamation mark is a command here.
                .option(LineReader.Option.DISABLE_EVENT_EXPANSION, true)
                .build();
        bindArrows(reader.getKeyMaps().get(LineReader.MAIN));
        return Optional.of(new LineEditor(terminal, reader));
    }

    /// As terminals send them that do not know of an application mode; the others JLine knows.
    private static void bindArrows(KeyMap<Binding> keys) {
        keys.bind(new Reference(LineReader.UP_LINE_OR_SEARCH), "\033[A");
        keys.bind(new Reference(LineReader.DOWN_LINE_OR_SEARCH), "\033[B");
        keys.bind(new Reference(LineReader.FORWARD_CHAR), "\033[C");
        keys.bind(new Reference(LineReader.BACKWARD_CHAR), "\033[D");
    }

    private static List<String> words(String line) {
        try {
            return CommandWords.split(line);
        } catch (IllegalArgumentException _) {
            // Somebody is typing within quotes.
            return List.of();
        }
    }

    /// A setting is followed by its value at once, other words by a blank.
    private static Candidate candidate(String word) {
        return new Candidate(word, word, null, null, null, null, !word.endsWith("="));
    }

    /// The next line; null at the end of the input. An interrupt (Ctrl-C) gives up what was typed.
    String read(String prompt) {
        while (true) {
            try {
                return reader.readLine(prompt);
            } catch (EndOfFileException _) {
                return null;
            } catch (UserInterruptException e) {
                // The prompt comes again, as in a shell.
            }
        }
    }

    @Override
    public void close() throws IOException {
        terminal.close();
    }
}
