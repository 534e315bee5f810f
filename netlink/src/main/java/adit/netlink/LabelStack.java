package adit.netlink;

import adit.wire.Octets;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/// MPLS labels as rtnetlink carries them: entries of RFC 3032 whose traffic class and time to live are zero.
///
/// @param labels from the outermost on, each 0 to 1048575
public record LabelStack(List<Integer> labels) {
    private static final int ENTRY_LENGTH = 4;
    private static final int LABEL_SHIFT = 12;
    private static final int BOTTOM = 1 << 8;
    private static final int MAX_LABEL = 0xf_ffff;

    /// Refuses an empty stack and labels beyond 20 bits.
    public LabelStack {
        labels = List.copyOf(labels);
        if (labels.isEmpty()) {
            throw new IllegalArgumentException("a label stack without labels");
        }
        for (int label : labels) {
            if (label < 0 || label > MAX_LABEL) {
                throw new IllegalArgumentException("MPLS label " + label + " (a label has 20 bits)");
            }
        }
    }

    /// A stack of these labels, outermost first.
    public static LabelStack of(Integer... labels) {
        return new LabelStack(List.of(labels));
    }

    static LabelStack read(byte[] octets) {
        if (octets.length == 0 || octets.length % ENTRY_LENGTH != 0) {
            throw new MalformedMessageException("a label stack of " + octets.length + " octets");
        }
        MemorySegment s = MemorySegment.ofArray(octets);
        List<Integer> labels = new ArrayList<>();
        for (int at = 0; at < octets.length; at += ENTRY_LENGTH) {
            labels.add(Octets.i32(s, at) >>> LABEL_SHIFT);
        }
        return new LabelStack(labels);
    }

    byte[] octets() {
        byte[] octets = new byte[labels.size() * ENTRY_LENGTH];
        MemorySegment s = MemorySegment.ofArray(octets);
        for (int i = 0; i < labels.size(); i++) {
            int bottom = i == labels.size() - 1 ? BOTTOM : 0;
            Octets.put32(s, (long) i * ENTRY_LENGTH, labels.get(i) << LABEL_SHIFT | bottom);
        }
        return octets;
    }
}
