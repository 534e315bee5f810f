package adit.interop.rules;

/// What a run of `ip` came to.
///
/// @param code the exit code
/// @param out what stood on standard output
/// @param err what stood on standard error
record Ran(int code, String out, String err) {}
