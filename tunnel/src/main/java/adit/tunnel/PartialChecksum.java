package adit.tunnel;

import adit.packet.Offload;
import adit.packet.PacketBuffer;
import adit.wire.InternetChecksum;
import adit.wire.Octets;

/// Finishes transport checksums whose field holds the sum of the pseudo-header only.
final class PartialChecksum {
    private PartialChecksum() {}

    /// Sums `p` from `start` to its end and writes the complement at `field`, both in octets from the packet's
    /// start. Answers false, and changes nothing, when they are not inside the packet.
    static boolean finish(PacketBuffer p, int start, int field) {
        if (start > p.length() || field + 2 > p.length()) {
            return false;
        }
        int sum = InternetChecksum.sum(p.segment(), p.head() + start, p.length() - start);
        int checksum = InternetChecksum.complement(sum);
        // For UDP zero means that there is none; all ones is the same number, for TCP too.
        Octets.put16(p.segment(), p.head() + field, checksum == 0 ? 0xffff : checksum);
        return true;
    }

    /// The same as the packet's own [Offload] describes it, which then no longer does.
    static boolean finish(PacketBuffer p) {
        Offload offload = p.offload();
        if (!finish(p, offload.checksumStart, offload.checksumStart + offload.checksumOffset)) {
            return false;
        }
        offload.checksum = Offload.Checksum.UNKNOWN;
        return true;
    }
}
