package adit.tunnel;

import adit.packet.Offload;
import adit.packet.PacketBuffer;
import adit.wire.Gue;
import adit.wire.WireFault;

/// Takes GUE headers off packets that came in.
public final class GueReceiver {
    /// Answered for a header that is malformed, unknown, or a control message's.
    public static final int BAD = -1;

    private GueReceiver() {}

    /// What becomes of a checksum that the peer has left open.
    public enum OpenChecksum {
        /// It is finished at once.
        FINISH,
        /// It stays open, and the packet's [Offload] says so, counting from the outer header that its
        /// addressing knows of: whoever sends the packet on finishes it, or leaves that to the next.
        KEEP
    }

    /// Takes the header off `p`, which is a UDP payload, finishes a checksum that the peer has left open, and
    /// answers the IP protocol number of what is left; or [#BAD], and leaves the packet as it was.
    public static int open(PacketBuffer p) {
        return open(p, OpenChecksum.FINISH);
    }

    /// The same, with open checksums treated as `wanted`.
    public static int open(PacketBuffer p, OpenChecksum wanted) {
        if (Gue.fault(p.segment(), p.head(), p.length()) != WireFault.NONE) {
            return BAD;
        }
        int protocol = Gue.payloadProtocol(p.segment(), p.head());
        boolean checksum = Gue.hasRemoteChecksum(p.segment(), p.head());
        int header = Gue.payloadOffset(p.segment(), p.head());
        int at = p.pull(header);
        if (p.addressing().outerHeaderLength != 0) {
            p.addressing().outerHeaderLength += header;
        }
        if (checksum) {
            // The fault check has seen that both are inside the payload, the start first.
            int start = Gue.remoteChecksumStart(p.segment(), at);
            int field = Gue.remoteChecksumOffset(p.segment(), at);
            if (wanted == OpenChecksum.FINISH) {
                PartialChecksum.finish(p, start, field);
            } else {
                keep(p.offload(), p.addressing().outerHeaderLength + start, field - start);
            }
        }
        return protocol;
    }

    private static void keep(Offload o, int start, int offset) {
        o.checksum = Offload.Checksum.PARTIAL;
        o.checksumStart = start;
        o.checksumOffset = offset;
    }
}
