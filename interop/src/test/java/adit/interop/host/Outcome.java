package adit.interop.host;

/// How a script or program ended.
///
/// @param code its exit code; 137 when it was killed because its time was up
/// @param output what it wrote to standard output and standard error, in order
public record Outcome(int code, String output) {
    /// Whether it ended well.
    public boolean ok() {
        return code == 0;
    }
}
