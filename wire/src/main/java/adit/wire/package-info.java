/// Codecs for what travels on the wire.
///
/// One protocol is one final class of static accessors over `(MemorySegment s, long at)`, with its RFC's
/// drawing in the class comment and its field offsets at the top. The order of use is always the same:
///
/// 1. octets from outside: `fault(s, at, available)` once; [WireFault#NONE] means that every accessor is safe;
/// 2. read by accessors named as the RFC names the field;
/// 3. octets that are being written are never checked, because the buffer still holds the last packet.
///
/// [Octets] alone knows byte order and sign extension. Nothing here allocates but the record twins
/// (`Ipv4Header`), which are for logs, tests and configuration.
package adit.wire;
