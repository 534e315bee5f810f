package adit.ip;

import adit.wire.Ip4Address;

/// The gateway to one destination that another one has named, by a redirect.
///
/// @param gateway the nearer one
/// @param nanosLeft after how long it is forgotten
public record LearnedGateway(Ip4Address gateway, long nanosLeft) {}
