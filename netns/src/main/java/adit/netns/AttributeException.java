package adit.netns;

import adit.ip.IpException;
import adit.netlink.MessageWriter;
import java.util.Optional;
import java.util.OptionalInt;

/// A request that was refused for one of its attributes, with what an extended acknowledgement says of that.
final class AttributeException extends IpException {
    private static final long serialVersionUID = 1L;

    private final transient Complaint complaint;

    /// @param offset where in the message the attribute stands, header included
    /// @param expected what it should have held, as attributes of NLMSGERR_ATTR_POLICY
    record Complaint(OptionalInt offset, Optional<MessageWriter.Body> expected) {
        static final Complaint NONE = new Complaint(OptionalInt.empty(), Optional.empty());
    }

    AttributeException(
            String call, int errno, String reason, OptionalInt offset, Optional<MessageWriter.Body> expected) {
        super(call, errno, reason);
        this.complaint = new Complaint(offset, expected);
    }

    Complaint complaint() {
        return complaint;
    }
}
