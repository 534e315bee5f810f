package adit.netns;

import adit.ip.IpException;
import adit.netlink.MessageReader;
import adit.netlink.MessageWriter;
import adit.netlink.Netlink;

/// How a request ended, as the session that asked wants it told: NLMSG_ERROR, or NLMSG_DONE behind a dump.
///
/// With NETLINK_EXT_ACK it says why in words, and which attribute is to blame. With NETLINK_CAP_ACK an error quotes the
/// request's header, else all of it; success never quotes more than the header.
record Acknowledgement(int errno, String text, AttributeException.Complaint complaint) {
    private static final int HEADER = 16;

    static Acknowledgement of(IpException e) {
        return new Acknowledgement(
                e.errno(),
                e.reason(),
                e instanceof AttributeException a ? a.complaint() : AttributeException.Complaint.NONE);
    }

    /// Of a request that was carried out; `text` is a warning or empty.
    static Acknowledgement ofSuccess(String text) {
        return new Acknowledgement(0, text, AttributeException.Complaint.NONE);
    }

    static Acknowledgement ofError(int errno, String text) {
        return new Acknowledgement(errno, text, AttributeException.Complaint.NONE);
    }

    /// Writes NLMSG_ERROR as the answer to `m`.
    void writeError(MessageWriter w, NetlinkSession session, MessageReader m) {
        boolean capped = errno == 0 || session.isOn(Netlink.NETLINK_CAP_ACK);
        int flags = (capped ? Netlink.NLM_F_CAPPED : 0) | extensionFlag(session);
        w.message(Netlink.NLMSG_ERROR, flags, m.sequence(), session.port(), body -> {
            body.i32(-errno);
            byte[] request = m.octets();
            int quoted = capped ? HEADER : request.length + 3 & ~3;
            for (int i = 0; i < quoted; i++) {
                body.u8(i < request.length ? request[i] : 0);
            }
            extension(body, session);
        });
    }

    /// Writes NLMSG_DONE behind a dump that answers `m`.
    void writeDone(MessageWriter w, NetlinkSession session, MessageReader m, int flags) {
        int all = Netlink.NLM_F_MULTI | flags | extensionFlag(session);
        w.message(Netlink.NLMSG_DONE, all, m.sequence(), session.port(), body -> {
            body.i32(-errno);
            extension(body, session);
        });
    }

    private int extensionFlag(NetlinkSession session) {
        return isExtended(session) ? Netlink.NLM_F_ACK_TLVS : 0;
    }

    private boolean isExtended(NetlinkSession session) {
        return session.isOn(Netlink.NETLINK_EXT_ACK)
                && (!text.isEmpty()
                        || complaint.offset().isPresent()
                        || complaint.missing().isPresent());
    }

    private void extension(MessageWriter w, NetlinkSession session) {
        if (!isExtended(session)) {
            return;
        }
        if (!text.isEmpty()) {
            w.string(Netlink.NLMSGERR_ATTR_MSG, text);
        }
        complaint.offset().ifPresent(at -> w.i32(Netlink.NLMSGERR_ATTR_OFFS, at));
        complaint.expected().ifPresent(rule -> w.nested(Netlink.NLMSGERR_ATTR_POLICY | Netlink.NLA_F_NESTED, rule));
        complaint.missing().ifPresent(type -> w.i32(Netlink.NLMSGERR_ATTR_MISS_TYPE, type));
    }

    /// How many octets it has at most.
    int room(MessageReader m) {
        return 256 + 3 * text.length() + m.length();
    }
}
