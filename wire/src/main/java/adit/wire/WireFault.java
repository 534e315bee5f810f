package adit.wire;

/// What is wrong with a run of octets that claims to be a header.
public enum WireFault {
    /// Nothing: every accessor of the codec that answered this is safe on these octets.
    NONE,
    /// The octets end before the header or the length it announces does.
    TRUNCATED,
    /// The version field is not the codec's.
    BAD_VERSION,
    /// A length field contradicts itself or another one, such as an IHL below 5.
    BAD_LENGTH,
    /// The checksum does not match.
    BAD_CHECKSUM,
    /// A field holds a value that the protocol forbids or this codec does not know.
    BAD_FIELD
}
