package adit.ip;

/// How long packets on the path to one destination may be, as "too big" messages have taught.
///
/// @param octets the path MTU
/// @param locked whether less was said and not believed: then packets may be cut on the way
/// @param nanosLeft after how long it is forgotten
public record LearnedMtu(int octets, boolean locked, long nanosLeft) {}
