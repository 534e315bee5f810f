package adit.lab;

import java.util.List;

/// A lab that could not be built.
public final class LabException extends Exception {
    private static final long serialVersionUID = 1;

    private final transient List<Problem> problems;

    /// What is wrong.
    ///
    /// @param where where that was written, such as `lab.yaml:7:5`; empty when nowhere
    /// @param message what is wrong
    public record Problem(String where, String message) {
        /// `where: message`.
        @Override
        public String toString() {
            return where.isEmpty() ? message : where + ": " + message;
        }
    }

    LabException(List<Problem> problems) {
        super(problems.getFirst().toString());
        this.problems = List.copyOf(problems);
    }

    /// All that is wrong, at least one thing.
    public List<Problem> problems() {
        return problems;
    }
}
