package adit.iproute;

import adit.netlink.MessageWriter;
import adit.netlink.OctetString;
import java.util.Arrays;

/// The body of a message that was heard, to be said again.
final class Replay {
    private static final int HEADER_LENGTH = 16;

    private Replay() {}

    static MessageWriter.Body of(OctetString message) {
        byte[] body = Arrays.copyOfRange(message.octets(), HEADER_LENGTH, message.length());
        return w -> w.octets(body);
    }
}
