package adit.conformance.language;

/// One step, understood and ready to be performed.
@FunctionalInterface
public interface Operation {
    /// Performs it and answers what it came to, in the transcript's words.
    String perform(Stage stage) throws Exception;
}
