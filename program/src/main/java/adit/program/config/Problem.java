package adit.program.config;

/// Something about a file that its author should know.
///
/// @param severity whether the file can be used in spite of it
/// @param file the file's name, as the user gave it
/// @param position where it stands
/// @param message what is wrong, and what was perhaps meant
public record Problem(Severity severity, String file, Position position, String message) {
    /// How bad it is.
    public enum Severity {
        /// The file can't be used.
        ERROR,
        /// The file can be used, and may not do what was meant.
        WARNING
    }

    /// `file:line:column: message`, as compilers print it.
    @Override
    public String toString() {
        String prefix = severity == Severity.WARNING ? "warning: " : "";
        return file + ":" + position.line() + ":" + position.column() + ": " + prefix + message;
    }
}
