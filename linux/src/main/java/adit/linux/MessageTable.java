package adit.linux;

import adit.linux.sys.Inet;
import adit.linux.sys.Iovec;
import adit.linux.sys.Message;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/// The messages of one sendmmsg(2) or recvmmsg(2), wired up once: each has an address, room for control messages,
/// and elements of the common list of vectors.
///
/// ```
/// message k -> name k | vectors k * each to (k + 1) * each | control k
/// ```
///
/// Messages and vectors are reached by slices of their own, and not by offsets that a loop counts up: what the second
/// compiler makes of a loop over offsets of 64 bits is ten times as long and takes it a third of a second.
///
/// For one thread.
final class MessageTable {
    private final int controlSize;
    private final MemorySegment messages;
    private final MemorySegment names;
    private final MemorySegment controls;
    private final MemorySegment vectors;
    private final MemorySegment[] messagesFrom;
    private final MemorySegment[] nameOf;
    private final MemorySegment[] vectorsFrom;

    /// `count` messages of `vectorsEach` vectors and `controlSize` octets of control messages, in `arena`.
    MessageTable(Arena arena, int count, int vectorsEach, int controlSize) {
        this.controlSize = controlSize;
        messages = arena.allocate((long) count * Message.MULTI_SIZE, 8);
        names = arena.allocate((long) count * Inet.ADDRESS_SIZE, 8);
        controls = arena.allocate((long) count * controlSize, 8);
        vectors = arena.allocate((long) count * vectorsEach * Iovec.SIZE, 8);
        messagesFrom = new MemorySegment[count];
        nameOf = new MemorySegment[count];
        vectorsFrom = new MemorySegment[count * vectorsEach];
        for (int i = 0; i < vectorsFrom.length; i++) {
            vectorsFrom[i] = vectors.asSlice((long) i * Iovec.SIZE);
        }
        for (int k = 0; k < count; k++) {
            messagesFrom[k] = messages.asSlice(at(k));
            nameOf[k] = names.asSlice((long) k * Inet.ADDRESS_SIZE, Inet.ADDRESS_SIZE);
            Message.name(messages, at(k), nameOf[k]);
            Message.control(messages, at(k), controls.asSlice(controlAt(k), controlSize));
            vectors(k, k * vectorsEach, vectorsEach);
        }
    }

    private static long at(int k) {
        return (long) k * Message.MULTI_SIZE;
    }

    /// The messages from `k` on, for the call.
    MemorySegment from(int k) {
        return messagesFrom[k];
    }

    /// The list of vectors that all messages share, laid out as [Iovec] says.
    MemorySegment vectors() {
        return vectors;
    }

    /// The list of vectors from `index` on.
    MemorySegment vectorsFrom(int index) {
        return vectorsFrom[index];
    }

    /// Lets message `k` consist of `count` vectors from `first` on.
    void vectors(int k, int first, int count) {
        Message.vectors(messagesFrom[k], 0, vectorsFrom[first], count);
    }

    /// The address of message `k`, laid out as [Inet] says.
    MemorySegment name(int k) {
        return nameOf[k];
    }

    /// The control messages of all messages; those of message `k` begin at [#controlAt].
    MemorySegment controls() {
        return controls;
    }

    long controlAt(int k) {
        return (long) k * controlSize;
    }

    /// Where the control messages of message `k` end.
    long controlEnd(int k) {
        return controlAt(k) + Message.controlLength(messagesFrom[k], 0);
    }

    /// Says how many octets of control messages message `k` has.
    void controlLength(int k, int octets) {
        Message.controlLength(messagesFrom[k], 0, octets);
    }

    /// Gives message `k` its whole room for an address and control messages, which a receiving call narrows to what
    /// came.
    void reset(int k) {
        Message.nameLength(messagesFrom[k], 0, Inet.ADDRESS_SIZE);
        Message.controlLength(messagesFrom[k], 0, controlSize);
    }

    /// The flags that a receiving call left at message `k`.
    int flags(int k) {
        return Message.flags(messagesFrom[k], 0);
    }

    /// How many octets the call moved by message `k`.
    int moved(int k) {
        return Message.moved(messagesFrom[k], 0);
    }
}
