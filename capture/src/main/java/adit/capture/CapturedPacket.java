package adit.capture;

import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.OptionalLong;

/// A packet of a capture file.
///
/// @param number its number in the file, from 1
/// @param interfaceName the interface's name; empty where the file has none
/// @param linkType what its octets begin with
/// @param nanos when, in nanoseconds since 1970, if the file says
/// @param direction which way it passed the interface
/// @param octets what was captured of it, read-only
/// @param originalLength how many octets it had
/// @param comments what the file says about it
public record CapturedPacket(
        long number,
        String interfaceName,
        LinkType linkType,
        OptionalLong nanos,
        Direction direction,
        MemorySegment octets,
        long originalLength,
        List<String> comments) {
    /// Copies the list.
    public CapturedPacket {
        octets = octets.asReadOnly();
        comments = List.copyOf(comments);
    }
}
