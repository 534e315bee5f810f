package adit.wire;

import java.lang.foreign.MemorySegment;

/// An MPLS label stack entry as a value, for logs, tests and configuration, not for the packet path. An
/// instance can always be emitted. Whether it is the bottom of its stack is for the stack to know.
///
/// @param label the label, 0 to 1048575
/// @param trafficClass the traffic class, 0 to 7
/// @param timeToLive the time to live in hops, 0 to 255
public record MplsEntry(int label, int trafficClass, int timeToLive) {
    /// Refuses numbers that their fields can't hold.
    public MplsEntry {
        Fields.require("label", label, Mpls.MAX_LABEL);
        Fields.require("traffic class", trafficClass, 0b111);
        Fields.require("time to live", timeToLive, Fields.U8);
    }

    /// The entry at `at`.
    public static MplsEntry read(MemorySegment s, long at) {
        return new MplsEntry(Mpls.label(s, at), Mpls.trafficClass(s, at), Mpls.timeToLive(s, at));
    }

    /// Writes a whole stack of `entries`, the outermost first, and answers its length in octets.
    public static int emitStack(MemorySegment s, long at, MplsEntry... entries) {
        for (int i = 0; i < entries.length; i++) {
            boolean bottom = i == entries.length - 1;
            long entry = at + (long) i * Mpls.ENTRY_LENGTH;
            Mpls.emit(s, entry, entries[i].label, entries[i].trafficClass, bottom, entries[i].timeToLive);
        }
        return entries.length * Mpls.ENTRY_LENGTH;
    }
}
