package adit.netlink;

/// Octets that claim to be a netlink message and are not: a length that lies, an attribute too short for what it
/// should hold. Whoever serves requests answers EINVAL.
public final class MalformedMessageException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /// A fault, said in words.
    public MalformedMessageException(String message) {
        super(message);
    }
}
