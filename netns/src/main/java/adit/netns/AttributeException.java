package adit.netns;

import adit.device.Errno;
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
    /// @param missing the type of an attribute that is not there
    record Complaint(OptionalInt offset, Optional<MessageWriter.Body> expected, OptionalInt missing) {
        static final Complaint NONE = new Complaint(OptionalInt.empty(), Optional.empty(), OptionalInt.empty());
    }

    AttributeException(
            String call, int errno, String reason, OptionalInt offset, Optional<MessageWriter.Body> expected) {
        this(call, errno, reason, new Complaint(offset, expected, OptionalInt.empty()));
    }

    private AttributeException(String call, int errno, String reason, Complaint complaint) {
        super(call, errno, reason);
        this.complaint = complaint;
    }

    /// EINVAL for an attribute that a request lacks, of which Linux says the type and no word.
    static AttributeException missing(String call, int type) {
        return new AttributeException(
                call, Errno.EINVAL, "", new Complaint(OptionalInt.empty(), Optional.empty(), OptionalInt.of(type)));
    }

    Complaint complaint() {
        return complaint;
    }
}
