package adit.conformance.language;

/// Where a line of a scenario stands, for messages.
///
/// @param file the file's name
/// @param line counted from 1
public record Source(String file, int line) {
    @Override
    public String toString() {
        return file + ":" + line;
    }
}
