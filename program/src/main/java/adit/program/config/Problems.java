package adit.program.config;

import adit.program.config.Problem.Severity;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.snakeyaml.engine.v2.nodes.Node;

/// All problems of one file, in the order they are met.
final class Problems {
    private final String file;
    private final List<Problem> list = new ArrayList<>();
    private int errors;

    Problems(String file) {
        this.file = file;
    }

    void error(Position at, String message) {
        list.add(new Problem(Severity.ERROR, file, at, message));
        errors++;
    }

    void error(Node at, String message) {
        error(Position.of(at), message);
    }

    void warning(Node at, String message) {
        list.add(new Problem(Severity.WARNING, file, Position.of(at), message));
    }

    /// How many errors there are so far. Whoever compares it before and after knows whether a part was sound.
    int errors() {
        return errors;
    }

    /// All of them, in the order of the file.
    List<Problem> sorted() {
        return list.stream()
                .sorted(Comparator.comparing(Problem::position))
                .distinct()
                .toList();
    }
}
