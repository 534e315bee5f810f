package adit.conformance.language;

/// A line of a scenario.
///
/// @param source where it stands
/// @param text how it is written, with the variables filled in
/// @param operation what it means
public record Step(Source source, String text, Operation operation) {}
