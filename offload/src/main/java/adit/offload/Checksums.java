package adit.offload;

import adit.packet.Offload;
import adit.packet.PacketBuffer;
import adit.wire.InternetChecksum;
import adit.wire.Octets;
import java.lang.foreign.MemorySegment;

/// Transport checksums that travel unfinished.
public final class Checksums {
    private Checksums() {}

    /// Finishes a partial checksum in place: sums from the start that [Offload] names to the end of the packet
    /// and writes the complement. Does nothing when the checksum is not partial. Answers false, and leaves the
    /// packet as it is, when the field would lie outside the packet.
    public static boolean finish(PacketBuffer p) {
        Offload o = p.offload();
        if (o.checksum != Offload.Checksum.PARTIAL) {
            return true;
        }
        if (!o.fits(p.length())) {
            return false;
        }
        MemorySegment s = p.segment();
        long start = (long) p.head() + o.checksumStart;
        // The field itself holds the sum of the pseudo-header, so summing over it adds just that.
        int sum = InternetChecksum.sum(s, start, p.length() - o.checksumStart);
        int checksum = InternetChecksum.complement(sum);
        // A UDP checksum of zero would say that there is none; to a TCP receiver both are the same number.
        Octets.put16(s, start + o.checksumOffset, checksum == 0 ? 0xffff : checksum);
        o.checksum = Offload.Checksum.VALID;
        return true;
    }
}
