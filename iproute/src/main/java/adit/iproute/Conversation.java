package adit.iproute;

import adit.netlink.ErrorMessage;
import adit.netlink.MessageReader;
import adit.netlink.MessageWriter;
import adit.netlink.Netlink;
import adit.netlink.NetlinkTransport;
import java.io.IOException;
import java.io.PrintWriter;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/// Asks in netlink and says in iproute2's words what was refused.
final class Conversation {
    private static final int REQUEST_SIZE = 64 << 10;
    private static final int ENOENT = 2;
    private static final int EMSGSIZE = 90;
    private static final int EOPNOTSUPP = 95;
    /// How often a table that changes while it is read is asked for again.
    private static final int MAX_ATTEMPTS = 10;

    private final NetlinkTransport transport;
    private final PrintWriter err;
    private int sequence;

    Conversation(NetlinkTransport transport, PrintWriter err) {
        this.transport = transport;
        this.err = err;
    }

    NetlinkTransport transport() {
        return transport;
    }

    /// A refusal: its errno, and what to say of it.
    static final class Refusal extends Exception {
        private static final long serialVersionUID = 1;

        private final int errno;

        private Refusal(int errno, String text) {
            super(text, null, false, false);
            this.errno = errno;
        }

        int errno() {
            return errno;
        }

        /// The refusal as the end of the command.
        IpFailure failure() {
            return failure(IpFailure.REFUSED);
        }

        IpFailure failure(int exitCode) {
            return new IpFailure(exitCode, getMessage());
        }
    }

    /// Asks for a change of links, addresses, routes or neighbours.
    void change(int type, int flags, MessageWriter.Body body) throws IpFailure {
        try {
            ask(Netlink.NETLINK_ROUTE, type, flags | Netlink.NLM_F_ACK, body);
        } catch (Refusal e) {
            throw e.failure();
        }
    }

    /// Asks for a change and answers what it was answered with: the change itself, when that is echoed.
    List<byte[]> ask(int protocol, int type, int flags, MessageWriter.Body body) throws Refusal, IpFailure {
        List<byte[]> answers = new ArrayList<>();
        Optional<ErrorMessage> end =
                exchange(protocol, type, flags | Netlink.NLM_F_ACK, body, m -> answers.add(m.octets()));
        if (end.isPresent()) {
            check(end.get());
        }
        return answers;
    }

    /// Asks for one thing. Answers nothing when there is none, whatever the reason.
    Optional<MessageReader> look(int type, MessageWriter.Body body) throws IpFailure {
        try {
            return Optional.of(get(type, body));
        } catch (Refusal e) {
            return Optional.empty();
        }
    }

    /// Asks for one thing, and answers a reader that stands on it.
    MessageReader get(int type, MessageWriter.Body body) throws Refusal, IpFailure {
        List<byte[]> answers = ask(Netlink.NETLINK_ROUTE, type, 0, body);
        if (answers.isEmpty()) {
            throw new IpFailure(IpFailure.REFUSED, "RTNETLINK answers: nothing");
        }
        return reader(answers.getFirst());
    }

    /// A reader that stands on a single message.
    static MessageReader reader(byte[] message) {
        MessageReader m = new MessageReader(MemorySegment.ofArray(message), 0, message.length);
        m.next();
        return m;
    }

    /// Asks for a table and shows each row. Rows that changed while they were read are read again.
    void dump(int type, MessageWriter.Body body, Consumer<MessageReader> row) throws Refusal, IpFailure {
        for (byte[] message : dump(Netlink.NETLINK_ROUTE, type, body)) {
            row.accept(reader(message));
        }
    }

    /// Asks for a table.
    List<byte[]> dump(int protocol, int type, MessageWriter.Body body) throws Refusal, IpFailure {
        List<byte[]> rows = new ArrayList<>();
        for (int attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
            rows.clear();
            boolean[] interrupted = new boolean[1];
            Optional<ErrorMessage> end = exchange(protocol, type, Netlink.NLM_F_DUMP, body, m -> {
                interrupted[0] |= m.has(Netlink.NLM_F_DUMP_INTR);
                rows.add(m.octets());
            });
            if (end.isPresent()) {
                checkDump(end.get());
            }
            if (!interrupted[0]) {
                break;
            }
        }
        return rows;
    }

    /// Answers what the answer ended with.
    private Optional<ErrorMessage> exchange(
            int protocol, int type, int flags, MessageWriter.Body body, Consumer<MessageReader> answer)
            throws IpFailure {
        MemorySegment s = MemorySegment.ofArray(new byte[REQUEST_SIZE]);
        MessageWriter w = new MessageWriter(s).message(type, flags | Netlink.NLM_F_REQUEST, ++sequence, 0, body);
        byte[] request = s.asSlice(0, w.length()).toArray(ValueLayout.JAVA_BYTE);
        List<byte[]> datagrams;
        try {
            datagrams = transport.ask(protocol, request);
        } catch (IOException e) {
            throw new IpFailure(IpFailure.ABSENT, "Cannot talk to rtnetlink: " + e.getMessage());
        }
        Optional<ErrorMessage> end = Optional.empty();
        for (byte[] datagram : datagrams) {
            MessageReader m = new MessageReader(MemorySegment.ofArray(datagram), 0, datagram.length);
            while (m.next()) {
                if (m.type() == Netlink.NLMSG_ERROR || m.type() == Netlink.NLMSG_DONE) {
                    end = Optional.of(ErrorMessage.read(m));
                } else {
                    answer.accept(m);
                }
            }
        }
        return end;
    }

    private void check(ErrorMessage end) throws Refusal {
        Optional<String> text = words(end);
        if (end.isAcknowledgement()) {
            text.ifPresent(t -> err.println("Warning: " + t));
            return;
        }
        throw new Refusal(
                end.errno(),
                text.map(t -> "Error: " + t).orElseGet(() -> "RTNETLINK answers: " + ErrnoText.of(end.errno())));
    }

    private void checkDump(ErrorMessage end) throws Refusal {
        boolean expected = end.errno() == ENOENT || end.errno() == EOPNOTSUPP;
        if (end.errno() == EMSGSIZE && words(end).isEmpty()) {
            throw new Refusal(EMSGSIZE, "Error: Buffer too small for object.");
        }
        if (expected && words(end).isEmpty()) {
            throw new Refusal(end.errno(), "");
        }
        check(end);
    }

    private static Optional<String> words(ErrorMessage end) {
        return end.text().filter(t -> !t.isEmpty()).map(t -> t.endsWith(".") ? t : t + ".");
    }
}
