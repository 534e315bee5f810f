package adit.netlink;

import java.util.Optional;
import java.util.OptionalInt;

/// How a request ended: the body of NLMSG_ERROR, and of NLMSG_DONE behind a dump.
///
/// ```
/// NLMSG_ERROR  | -errno | header of the request | the request, unless capped | extended acknowledgement
/// NLMSG_DONE   | -errno | extended acknowledgement
/// ```
///
/// @param errno 0 for success, else a positive error number
/// @param request what is quoted of the request
/// @param text what the kernel says in words
/// @param offset where in the request the attribute stands that the kernel does not like, in octets from its header
/// @param missingType the type of an attribute that the request lacks
public record ErrorMessage(
        int errno, Optional<Request> request, Optional<String> text, OptionalInt offset, OptionalInt missingType)
        implements NetlinkMessage {
    private static final int ERRNO_LENGTH = 4;

    /// The header of the request that an NLMSG_ERROR answers.
    ///
    /// @param length the request's length in octets
    /// @param type the request's type
    /// @param flags the request's flags
    /// @param sequence the request's sequence number
    /// @param port the address of the socket that asked
    public record Request(int length, int type, int flags, int sequence, int port) {
        /// The header of the message that `m` stands on.
        public static Request of(MessageReader m) {
            return new Request(m.length(), m.type(), m.flags(), m.sequence(), m.port());
        }
    }

    /// The capped answer to the request that `m` stands on: `errno` 0 acknowledges.
    public static ErrorMessage answer(MessageReader m, int errno, String text) {
        return new ErrorMessage(
                errno,
                Optional.of(Request.of(m)),
                text.isEmpty() ? Optional.empty() : Optional.of(text),
                OptionalInt.empty(),
                OptionalInt.empty());
    }

    /// Whether the request was carried out.
    public boolean isAcknowledgement() {
        return errno == 0;
    }

    /// The flags that a header in front of this body needs.
    public int flags() {
        int extended = text.isPresent() || offset.isPresent() || missingType.isPresent() ? Netlink.NLM_F_ACK_TLVS : 0;
        return request.isPresent() ? extended | Netlink.NLM_F_CAPPED : extended;
    }

    /// Reads the NLMSG_ERROR or NLMSG_DONE that `m` stands on.
    public static ErrorMessage read(MessageReader m) {
        if (m.type() == Netlink.NLMSG_DONE) {
            // Kernels before 2.6.37 sent no number along.
            int errno = m.length() < MessageReader.HEADER_LENGTH + ERRNO_LENGTH ? 0 : -m.i32(0);
            return m.has(Netlink.NLM_F_ACK_TLVS)
                    ? readExtension(errno, Optional.empty(), m.attributes(ERRNO_LENGTH))
                    : new ErrorMessage(
                            errno, Optional.empty(), Optional.empty(), OptionalInt.empty(), OptionalInt.empty());
        }
        Request request = new Request(m.i32(4), m.u16(8), m.u16(10), m.i32(12), m.i32(16));
        int errno = -m.i32(0);
        if (!m.has(Netlink.NLM_F_ACK_TLVS)) {
            return new ErrorMessage(
                    errno, Optional.of(request), Optional.empty(), OptionalInt.empty(), OptionalInt.empty());
        }
        long quoted = m.has(Netlink.NLM_F_CAPPED)
                ? MessageReader.HEADER_LENGTH
                : Netlink.align(Integer.toUnsignedLong(request.length()));
        if (quoted > m.length()) {
            throw new MalformedMessageException("an error quotes " + quoted + " octets and has " + m.length());
        }
        return readExtension(errno, Optional.of(request), m.attributes(ERRNO_LENGTH + (int) quoted));
    }

    private static ErrorMessage readExtension(int errno, Optional<Request> request, AttributeReader a) {
        Optional<String> text = Optional.empty();
        OptionalInt offset = OptionalInt.empty();
        OptionalInt missingType = OptionalInt.empty();
        while (a.next()) {
            switch (a.type()) {
                case Netlink.NLMSGERR_ATTR_MSG -> text = Optional.of(a.string());
                case Netlink.NLMSGERR_ATTR_OFFS -> offset = OptionalInt.of(a.i32());
                case Netlink.NLMSGERR_ATTR_MISS_TYPE -> missingType = OptionalInt.of(a.i32());
                default -> {}
            }
        }
        return new ErrorMessage(errno, request, text, offset, missingType);
    }

    /// Writes the body, capped: of the request its header alone. [#flags] belong into the header.
    @Override
    public void writeTo(MessageWriter w) {
        w.i32(-errno);
        request.ifPresent(r ->
                w.i32(r.length()).u16(r.type()).u16(r.flags()).i32(r.sequence()).i32(r.port()));
        text.ifPresent(v -> w.string(Netlink.NLMSGERR_ATTR_MSG, v));
        offset.ifPresent(v -> w.i32(Netlink.NLMSGERR_ATTR_OFFS, v));
        missingType.ifPresent(v -> w.i32(Netlink.NLMSGERR_ATTR_MISS_TYPE, v));
    }
}
