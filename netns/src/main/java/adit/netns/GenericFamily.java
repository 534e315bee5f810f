package adit.netns;

import adit.ip.IpException;
import adit.netlink.MessageReader;
import adit.netlink.MessageWriter;
import java.util.List;

/// A family of generic netlink that a namespace serves. The body of a message begins with the command and the
/// family's version, an octet each, and two octets of zero.
public interface GenericFamily {
    /// By what name the controller knows it, such as `fou`.
    String name();

    /// Its version.
    int version();

    /// Carries out a request and answers the bodies of what is said to it, before the acknowledgement.
    List<MessageWriter.Body> carryOut(MessageReader request) throws IpException;

    /// All that a request with NLM_F_DUMP asks for.
    List<MessageWriter.Body> dump(MessageReader request) throws IpException;
}
