package adit.bpf;

import java.lang.foreign.MemorySegment;

/// A program that runs. No state: many threads may run it at once. Allocates nothing.
public interface Filter {
    /// Runs the program on `length` octets at `at`, and answers what it answers: as an unsigned number, how many
    /// octets of the packet to keep. `packet` is what `ancillary` is asked about.
    ///
    /// A load from beyond the packet and a division by an X of 0 end the program with the answer 0.
    <P> int run(MemorySegment s, long at, int length, P packet, Ancillary<? super P> ancillary);

    /// Runs the program on octets that nothing else is known about.
    default int run(MemorySegment s, long at, int length) {
        return run(s, at, length, s, Ancillary.NONE);
    }

    /// How many of `length` octets a packet keeps when the program answered `answer`; 0 says to drop it.
    static int kept(int answer, int length) {
        return Integer.compareUnsigned(answer, length) < 0 ? answer : length;
    }
}
