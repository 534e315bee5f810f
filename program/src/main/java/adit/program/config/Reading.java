package adit.program.config;

import adit.program.config.Problem.Severity;
import java.util.List;
import java.util.Optional;

/// What reading a file came to.
///
/// @param config what it says; nothing when there was an error
/// @param problems errors and warnings, in the order of the file
public record Reading<T>(Optional<T> config, List<Problem> problems) {
    /// Copies the list.
    public Reading {
        problems = List.copyOf(problems);
    }

    static <T> Reading<T> of(Optional<T> config, Problems problems) {
        return new Reading<>(problems.errors() == 0 ? config : Optional.empty(), problems.sorted());
    }

    /// How many problems are errors.
    public long errors() {
        return problems.stream().filter(p -> p.severity() == Severity.ERROR).count();
    }
}
