package adit.netns;

import adit.device.Errno;
import adit.ip.IpException;
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
/// What is wrong is answered with the error number that Linux answers and, to who wants it, with words in an extended
/// acknowledgement: with Linux's where a request asks for something, else with our own. Requests of one session are
/// carried out in their order; the control lock orders those of
/// several.
abstract class NetlinkServer {
    /// Where one datagram of a dump ends and the next begins.
    private static final int DATAGRAM = 16 << 10;

    /// One attribute alone may have 64 KiB.
    private static final int LARGEST_MESSAGE = 80 << 10;

    private final List<NetlinkSession> sessions = new CopyOnWriteArrayList<>();
    private int nextPort = 1;

    /// Whether a request with NLM_F_DUMP is one: the flag's bits mean other things in requests that make
    /// something.
    abstract boolean dumps(MessageReader m);

    /// Whether a message is too short to ask for anything.
    abstract boolean isNothing(MessageReader m);

    /// The number of the last multicast group.
    abstract int lastGroup();

    /// Carries out a request; [#reply] says what is said to it.
    abstract void carryOut(NetlinkSession session, MessageReader m) throws IpException;

    /// All that is asked for.
    abstract Dump dump(NetlinkSession session, MessageReader m) throws IpException;

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
                handle(session, m);
            }
        } catch (MalformedMessageException _) {
            // A length that lies ends the datagram, as in Linux; who sent it finds no answer.
            return;
        }
    }

    private void handle(NetlinkSession session, MessageReader m) {
        if (!m.has(Netlink.NLM_F_REQUEST) || m.type() < Netlink.NLMSG_MIN_TYPE || isNothing(m)) {
            acknowledge(session, m);
            return;
        }
        try {
            if (dumps(m) && (m.flags() & Netlink.NLM_F_DUMP) != 0) {
                answer(session, m, dump(session, m));
                return;
            }
            carryOut(session, m);
            acknowledge(session, m);
        } catch (IpException e) {
            error(session, m, Acknowledgement.of(e));
        } catch (MalformedMessageException e) {
            error(session, m, Acknowledgement.ofError(Errno.EINVAL, e.getMessage()));
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

    private static void answer(NetlinkSession session, MessageReader m, Dump dump) {
        MemorySegment s = MemorySegment.ofArray(new byte[LARGEST_MESSAGE]);
        MessageWriter w = new MessageWriter(s);
        for (Dump.Row row : dump.rows()) {
            if (w.length() > DATAGRAM) {
                session.answer(datagram(s, w));
                w.clear();
            }
            w.message(dump.type(), Netlink.NLM_F_MULTI | row.flags(), m.sequence(), session.port(), row.body());
        }
        dump.end().writeDone(w, session, m, dump.endFlags());
        session.answer(datagram(s, w));
    }

    private static void acknowledge(NetlinkSession session, MessageReader m) {
        if (m.has(Netlink.NLM_F_ACK)) {
            error(session, m, Acknowledgement.ofSuccess(""));
        }
    }

    private static void error(NetlinkSession session, MessageReader m, Acknowledgement end) {
        MemorySegment s = MemorySegment.ofArray(new byte[end.room(m)]);
        MessageWriter w = new MessageWriter(s);
        end.writeError(w, session, m);
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
