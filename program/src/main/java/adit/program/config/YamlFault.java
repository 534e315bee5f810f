package adit.program.config;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;

/// What is wrong with a file that is no YAML, in the words of who writes such a file: the library's are about its
/// tokens.
/// The place is that of the mistake where the library tells where it noticed it.
///
/// @param position where
/// @param words what, and what to do
record YamlFault(Position position, String words) {
    private static final Pattern UNEXPECTED_CHARACTER = Pattern.compile("found character '(.)' that cannot start .*");
    private static final Pattern EXPECTED_IN_BRACKETS = Pattern.compile("expected ',' or '(.)', but got (.*)");
    private static final Pattern NO_ESCAPE = Pattern.compile("found unknown escape character (.).*");

    /// `text` is the whole file.
    static YamlFault of(MarkedYamlEngineException e, String text) {
        Optional<Mark> mark = e.getProblemMark().or(e::getContextMark);
        Position noticed = mark.map(Position::of).orElse(Position.START);
        Position began = e.getContextMark().map(Position::of).orElse(noticed);
        if (mark.filter(m -> standsAt(m, '\t')).isPresent()) {
            return new YamlFault(noticed, "a tab; YAML is indented with spaces");
        }
        // The library quotes a character that it did not expect, a line's end too.
        String problem = (e.getProblem() == null ? e.getContext() : e.getProblem())
                .strip()
                .replaceAll("\\R", " ")
                .replaceAll(" {2,}", " ");
        Matcher character = UNEXPECTED_CHARACTER.matcher(problem);
        if (character.matches()) {
            return new YamlFault(noticed, "a text that begins with '" + character.group(1) + "' needs quotes");
        }
        Matcher brackets = EXPECTED_IN_BRACKETS.matcher(problem);
        if (brackets.matches()) {
            return open(began, brackets.group(1).charAt(0), noticed, brackets.group(2));
        }
        Matcher escape = NO_ESCAPE.matcher(problem);
        if (escape.matches()) {
            return new YamlFault(
                    noticed,
                    "\\" + escape.group(1) + " means nothing between double quotes; write \\\\ for a backslash, or use"
                            + " single quotes");
        }
        if (problem.startsWith("could not find expected ':'")) {
            return new YamlFault(
                    began, "neither a key nor a value; a colon and a blank part them, as in \"mtu: 1400\"");
        }
        if (problem.startsWith("mapping values are not allowed")) {
            return new YamlFault(noticed, colon(line(text, noticed.line())));
        }
        if (problem.startsWith("expected <block end>")) {
            String what = String.valueOf(e.getContext()).contains("collection") ? "list" : "mapping";
            return new YamlFault(
                    noticed,
                    "belongs to nothing above; is it indented like its neighbours in the " + what
                            + " that begins in line " + began.line() + "?");
        }
        if (problem.startsWith("expected the node content")) {
            return new YamlFault(
                    noticed,
                    problem.contains("stream end")
                            ? "the file ends within a list or mapping; a bracket is not closed"
                            : "a value is expected, not " + problem.replaceFirst(".*but found ", ""));
        }
        if (problem.startsWith("found unexpected end of stream")) {
            return new YamlFault(began, "a quote that is not closed");
        }
        if (problem.startsWith("found undefined alias")) {
            String name = problem.substring("found undefined alias".length()).strip();
            return new YamlFault(noticed, "*" + name + " stands for what &" + name + " marks further up; nothing does");
        }
        return new YamlFault(noticed, problem);
    }

    private static YamlFault open(Position began, char closing, Position noticed, String found) {
        char opening = closing == ']' ? '[' : '{';
        return new YamlFault(
                began,
                "'" + opening + "' is not closed by '" + closing + "': in line " + noticed.line() + " stands "
                        + (found.contains("stream end") ? "the file's end" : "'" + found + "'") + " instead");
    }

    /// A colon is where no key can be: because there is one already in the line, or because of what is above.
    private static String colon(String line) {
        return line.indexOf(": ") != line.lastIndexOf(": ")
                ? "a second colon in a line; put a text with a colon in it in quotes"
                : "no key can stand here; has the line above a colon and a blank, and is this one indented like it?";
    }

    private static String line(String text, int number) {
        return text.lines().skip(number - 1L).findFirst().orElse("");
    }

    private static boolean standsAt(Mark mark, char c) {
        int[] buffer = mark.getBuffer();
        return mark.getPointer() < buffer.length && buffer[mark.getPointer()] == c;
    }
}
