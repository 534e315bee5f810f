package adit.tunnel;

import adit.packet.PacketBuffer;
import adit.wire.Gue;
import adit.wire.WireFault;

/// Takes GUE headers off packets that came in.
public final class GueReceiver {
    /// Answered for a header that is malformed, unknown, or a control message's.
    public static final int BAD = -1;

    private GueReceiver() {}

    /// Takes the header off `p`, which is a UDP payload, finishes a checksum that the peer has left open, and
    /// answers the IP protocol number of what is left; or [#BAD], and leaves the packet as it was.
    public static int open(PacketBuffer p) {
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
            // The fault check has seen that both are inside the payload.
            PartialChecksum.finish(
                    p, Gue.remoteChecksumStart(p.segment(), at), Gue.remoteChecksumOffset(p.segment(), at));
        }
        return protocol;
    }
}
