package adit.ip;

/// What a neighbour says of itself, by whether it answers a question, and whether it may change an address that is
/// known (RFC 4861 section 7.2.5; an answer of ARP is taken for the same).
enum Advertisement {
    /// It answers a question.
    SOLICITED,
    /// It answers a question, and what is known is not to be changed by it: so Linux does where it was asked
    /// directly, and whoever answers for others.
    CONFIRMING,
    /// Nobody asked.
    UNSOLICITED,
    /// Nobody asked, and what is known is not to be changed by it.
    HINT;

    boolean answers() {
        return this == SOLICITED || this == CONFIRMING;
    }

    boolean overrides() {
        return this == SOLICITED || this == UNSOLICITED;
    }
}
