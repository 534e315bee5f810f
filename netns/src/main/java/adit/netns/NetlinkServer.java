package adit.netns;

import adit.device.Errno;
import adit.ip.IpException;
import adit.netlink.ErrorMessage;
import adit.netlink.MalformedMessageException;
import adit.netlink.MessageReader;
import adit.netlink.MessageWriter;
import adit.netlink.Netlink;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/// A netlink protocol as a namespace serves it: reads requests, has them carried out, and writes answers,
/// acknowledgements and notifications.
///
/// What is wrong is answered with the error number that Linux answers, and with words of our own in an extended
/// acknowledgement. Requests of one session are carried out in their order; the control lock orders those of
/// several.
abstract class NetlinkServer {
    /// Where one datagram of a dump ends and the next begins.
    private static final int DATAGRAM = 16 << 10;

    private static final int LARGEST_MESSAGE = 64 << 10;
    /// An error message but for its text.
    private static final int ERROR_HEADERS = 96;

    private static final int MOST_OCTETS_A_CHARACTER = 3;

    private final List<NetlinkSession> sessions = new CopyOnWriteArrayList<>();
    private int nextPort = 1;

    /// Whether a request with NLM_F_DUMP is one: the flag's bits mean other things in requests that make
    /// something.
    abstract boolean dumps(MessageReader m);

    /// Carries out a request; [#reply] says what is said to it.
    abstract void carryOut(NetlinkSession session, MessageReader m) throws IpException;

    /// All that is asked for, by [#dump(NetlinkSession, MessageReader, int, List)].
    abstract void dump(NetlinkSession session, MessageReader m) throws IpException;

    synchronized NetlinkSession open() {
        NetlinkSession session = new NetlinkSession(this, nextPort++);
        sessions.add(session);
        return session;
    }

    void forget(NetlinkSession session) {
        sessions.remove(session);
    }

    // ---- Requests

    void handle(NetlinkSession session, MemorySegment datagram) {
        MessageReader m = new MessageReader(datagram, 0, datagram.byteSize());
        try {
            while (m.next()) {
                if (m.has(Netlink.NLM_F_REQUEST)) {
                    handle(session, m);
                }
            }
        } catch (MalformedMessageException _) {
            // A length that lies ends the datagram, as in Linux; who sent it finds no answer.
            return;
        }
    }

    private void handle(NetlinkSession session, MessageReader m) {
        if (m.type() < Netlink.NLMSG_MIN_TYPE) {
            acknowledge(session, m);
            return;
        }
        try {
            if (dumps(m) && (m.flags() & Netlink.NLM_F_DUMP) != 0) {
                dump(session, m);
                return;
            }
            carryOut(session, m);
            acknowledge(session, m);
        } catch (IpException e) {
            error(session, m, e.errno(), e.reason());
        } catch (MalformedMessageException e) {
            error(session, m, Errno.EINVAL, e.getMessage());
        }
    }

    // ---- Answers

    private static byte[] datagram(MemorySegment s, MessageWriter w) {
        return s.asSlice(0, w.length()).toArray(ValueLayout.JAVA_BYTE);
    }

    static void reply(NetlinkSession session, MessageReader m, int type, MessageWriter.Body body) {
        MemorySegment s = MemorySegment.ofArray(new byte[LARGEST_MESSAGE]);
        MessageWriter w = new MessageWriter(s).message(type, 0, m.sequence(), session.port(), body);
        session.answer(datagram(s, w));
    }

    static void dump(NetlinkSession session, MessageReader m, int type, List<MessageWriter.Body> bodies) {
        MemorySegment s = MemorySegment.ofArray(new byte[LARGEST_MESSAGE]);
        MessageWriter w = new MessageWriter(s);
        for (MessageWriter.Body body : bodies) {
            if (w.length() > DATAGRAM) {
                session.answer(datagram(s, w));
                w.clear();
            }
            w.message(type, Netlink.NLM_F_MULTI, m.sequence(), session.port(), body);
        }
        w.message(Netlink.NLMSG_DONE, Netlink.NLM_F_MULTI, m.sequence(), session.port(), b -> b.i32(0));
        session.answer(datagram(s, w));
    }

    private static void acknowledge(NetlinkSession session, MessageReader m) {
        if (m.has(Netlink.NLM_F_ACK)) {
            error(session, m, 0, "");
        }
    }

    private static void error(NetlinkSession session, MessageReader m, int errno, String text) {
        ErrorMessage message = ErrorMessage.answer(m, errno, text);
        int most = ERROR_HEADERS + MOST_OCTETS_A_CHARACTER * text.length();
        MemorySegment s = MemorySegment.ofArray(new byte[most]);
        MessageWriter w = new MessageWriter(s)
                .message(Netlink.NLMSG_ERROR, message.flags(), m.sequence(), session.port(), message);
        session.answer(datagram(s, w));
    }

    // ---- Notifications

    void tell(int group, int type, MessageWriter.Body body) {
        boolean heard = false;
        for (NetlinkSession session : sessions) {
            heard |= session.hears(group);
        }
        if (!heard) {
            return;
        }
        MemorySegment s = MemorySegment.ofArray(new byte[LARGEST_MESSAGE]);
        byte[] datagram = datagram(s, new MessageWriter(s).message(type, 0, 0, 0, body));
        for (NetlinkSession session : sessions) {
            session.tell(group, datagram);
        }
    }
}
