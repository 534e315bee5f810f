package adit.conformance.language;

/// A scenario that can't be understood, with the place.
public final class ScriptException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /// At `source`, `message`.
    public ScriptException(Source source, String message) {
        super(source + ": " + message);
    }
}
