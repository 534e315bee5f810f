package adit.iproute;

import adit.netlink.MessageReader;
import adit.netlink.MessageWriter;
import adit.netlink.Netlink;
import adit.netlink.Rtnetlink;
import java.util.ArrayList;
import java.util.List;

/// `ip route`.
final class RouteCommand {
    private static final int RTA_SPORT = 28;
    private static final int RTA_DPORT = 29;
    private static final int RTM_F_NOTIFY = 0x100;
    private static final int MAX_ROUNDS = 100;

    private final Session session;

    RouteCommand(Session session) {
        this.session = session;
    }

    void run(Words words) throws IpFailure {
        if (!words.any()) {
            show(words);
            return;
        }
        String command = words.take();
        int create = Netlink.NLM_F_CREATE;
        if (Words.begins(command, "add")) {
            change(Rtnetlink.RTM_NEWROUTE, create | Netlink.NLM_F_EXCL, words);
        } else if (Words.begins(command, "change") || command.equals("chg")) {
            change(Rtnetlink.RTM_NEWROUTE, Netlink.NLM_F_REPLACE, words);
        } else if (Words.begins(command, "replace")) {
            change(Rtnetlink.RTM_NEWROUTE, create | Netlink.NLM_F_REPLACE, words);
        } else if (Words.begins(command, "prepend")) {
            change(Rtnetlink.RTM_NEWROUTE, create, words);
        } else if (Words.begins(command, "append")) {
            change(Rtnetlink.RTM_NEWROUTE, create | Netlink.NLM_F_APPEND, words);
        } else if (Words.begins(command, "test")) {
            change(Rtnetlink.RTM_NEWROUTE, Netlink.NLM_F_EXCL, words);
        } else if (Words.begins(command, "delete")) {
            change(Rtnetlink.RTM_DELROUTE, 0, words);
        } else if (Words.begins(command, "list", "show", "lst")) {
            show(words);
        } else if (Words.begins(command, "get")) {
            get(words);
        } else if (Words.begins(command, "flush")) {
            flush(words);
        } else if (Words.begins(command, "help")) {
            throw IpFailure.senseless(Help.ROUTE);
        } else {
            throw IpFailure.unknownCommand("route", command);
        }
    }

    private void change(int type, int flags, Words words) throws IpFailure {
        RouteRequest.Purpose purpose =
                type == Rtnetlink.RTM_DELROUTE ? RouteRequest.Purpose.DELETE : RouteRequest.Purpose.PRESENT;
        session.netlink().change(type, flags, RouteRequest.parse(session, purpose, words));
    }

    private List<RouteRow> matching(RouteFilter filter) throws Conversation.Refusal, IpFailure {
        List<RouteRow> rows = new ArrayList<>();
        MessageWriter.Body request = w -> {
            w.u8(filter.dumpFamily()).u8(0).u8(0).u8(0);
            w.u8(0).u8(filter.protocol()).u8(0).u8(0);
            w.i32(filter.cached() ? Rtnetlink.RTM_F_CLONED : 0);
            if (filter.table() != 0) {
                w.i32(Rtnetlink.RTA_TABLE, filter.table());
            }
            filter.out().ifPresent(index -> w.i32(Rtnetlink.RTA_OIF, index));
        };
        session.netlink().dump(Rtnetlink.RTM_GETROUTE, request, m -> rows.add(RouteRow.read(m)));
        rows.removeIf(row -> !filter.matches(row));
        return rows;
    }

    private void show(Words words) throws IpFailure {
        RouteFilter filter = RouteFilter.parse(session, words);
        Page page = session.page();
        page.begin();
        List<RouteRow> rows;
        try {
            rows = matching(filter);
        } catch (Conversation.Refusal e) {
            if (!e.getMessage().isEmpty()) {
                session.complain(e.getMessage());
            }
            throw new IpFailure(IpFailure.REFUSED, "Dump terminated");
        }
        RoutePage routes = new RoutePage(session, page, filter);
        for (RouteRow row : rows) {
            routes.show(row);
        }
        page.finish();
    }

    // ---- Which way a packet takes

    /// What is said of the packet.
    private static final class Question {
        int family;
        int destinationLength;
        int sourceLength;
        int tos;
        int flags;
        long mark;
        boolean connected;
        boolean sourceSaid;
        boolean destinationSaid;
        String in;
        String out;
        final List<MessageWriter.Body> attributes = new ArrayList<>();
    }

    private void get(Words words) throws IpFailure {
        Question q = new Question();
        q.family = session.family();
        while (words.any()) {
            questionWord(words.take(), words, q);
        }
        if (!q.destinationSaid) {
            throw new IpFailure(IpFailure.ABSENT, "need at least a destination address");
        }
        device(Rtnetlink.RTA_IIF, q.in, q);
        device(Rtnetlink.RTA_OIF, q.out, q);
        if (q.mark != 0) {
            q.attributes.add(w -> w.i32(Rtnetlink.RTA_MARK, (int) q.mark));
        }
        q.family = q.family == Names.AF_UNSPEC ? Names.AF_INET : q.family;
        q.flags |= q.family == Names.AF_INET ? Rtnetlink.RTM_F_LOOKUP_TABLE : 0;
        MessageWriter.Body request = w -> {
            w.u8(q.family).u8(q.destinationLength).u8(q.sourceLength).u8(q.tos);
            w.u8(0).u8(0).u8(0).u8(0).i32(q.flags);
            q.attributes.forEach(a -> a.writeTo(w));
        };
        print(ask(request));
        if (q.connected && !q.sourceSaid) {
            // iproute2 announces to ask again from the source that it was told, and asks the same again.
            print(ask(request));
        }
    }

    private void device(int attribute, String name, Question q) throws IpFailure {
        if (name != null) {
            int index = session.links().required(name);
            q.attributes.add(w -> w.i32(attribute, index));
        }
    }

    private void questionWord(String word, Words words, Question q) throws IpFailure {
        if (word.equals("tos") || Words.begins(word, "dsfield")) {
            String text = words.value();
            q.tos = Names.serviceNumber(text).orElseThrow(() -> IpFailure.wrong("TOS value is invalid\n", text));
        } else if (Words.begins(word, "from")) {
            from(words.value(), q);
        } else if (Words.begins(word, "iif")) {
            q.in = words.value();
        } else if (Words.begins(word, "mark")) {
            q.mark = Numbers.unsigned(words.value(), Integer.SIZE, "invalid mark value");
        } else if (Words.begins(word, "oif") || word.equals("dev")) {
            q.out = words.value();
        } else if (Words.begins(word, "notify")) {
            q.flags |= RTM_F_NOTIFY;
        } else if (Words.begins(word, "connected")) {
            q.connected = true;
        } else if (Words.begins(word, "uid")) {
            long uid = Numbers.unsigned(words.value(), Integer.SIZE, "invalid UID\n");
            q.attributes.add(w -> w.i32(Rtnetlink.RTA_UID, (int) uid));
        } else if (Words.begins(word, "fibmatch")) {
            q.flags |= Rtnetlink.RTM_F_FIB_MATCH;
        } else if (Words.begins(word, "sport")) {
            int port = (int) Numbers.unsigned(words.value(), Short.SIZE, "invalid sport\n");
            q.attributes.add(w -> w.be16(RTA_SPORT, port));
        } else if (Words.begins(word, "dport")) {
            int port = (int) Numbers.unsigned(words.value(), Short.SIZE, "invalid dport\n");
            q.attributes.add(w -> w.be16(RTA_DPORT, port));
        } else {
            to(word.equals("to") ? words.value() : word, q);
        }
    }

    private static void from(String text, Question q) throws IpFailure {
        if (Words.begins(text, "help")) {
            throw IpFailure.senseless(Help.ROUTE);
        }
        q.sourceSaid = true;
        InetPrefix p = InetPrefix.prefix(text, q.family);
        q.family = q.family == Names.AF_UNSPEC ? p.family() : q.family;
        if (p.octets().length > 0) {
            q.attributes.add(w -> w.octets(Rtnetlink.RTA_SRC, p.octets()));
        }
        q.sourceLength = p.length();
    }

    private void to(String text, Question q) throws IpFailure {
        if (Words.begins(text, "help")) {
            throw IpFailure.senseless(Help.ROUTE);
        }
        InetPrefix p = InetPrefix.prefix(text, q.family);
        q.family = q.family == Names.AF_UNSPEC ? p.family() : q.family;
        if (p.octets().length > 0) {
            q.attributes.add(w -> w.octets(Rtnetlink.RTA_DST, p.octets()));
        }
        int bits = InetPrefix.bits(q.family);
        boolean isIp = q.family == Names.AF_INET || q.family == Names.AF_INET6;
        if (isIp && p.length() != bits) {
            session.complain(
                    "Warning: /" + p.length() + " as prefix is invalid, only /" + bits + " (or none) is supported.");
        }
        q.destinationLength = isIp ? bits : p.length();
        q.destinationSaid = true;
    }

    private RouteRow ask(MessageWriter.Body request) throws IpFailure {
        try {
            MessageReader m = session.netlink().get(Rtnetlink.RTM_GETROUTE, request);
            return RouteRow.read(m);
        } catch (Conversation.Refusal e) {
            throw e.failure();
        }
    }

    private void print(RouteRow row) throws IpFailure {
        Page page = session.page();
        page.begin();
        new RoutePage(session, page, RouteFilter.all()).show(row);
        page.finish();
    }

    // ---- Flushing

    private void flush(Words words) throws IpFailure {
        if (!words.any()) {
            throw new IpFailure(IpFailure.ABSENT, "\"ip route flush\" requires arguments.");
        }
        RouteFilter filter = RouteFilter.parse(session, words);
        FlushReport report = new FlushReport(session, "entries");
        for (int round = 0; round < MAX_ROUNDS; round++) {
            List<RouteRow> doomed;
            try {
                doomed = matching(filter);
            } catch (Conversation.Refusal e) {
                session.complain(e.getMessage());
                throw new IpFailure(IpFailure.REFUSED, "Flush terminated");
            }
            doomed.removeIf(RouteCommand::isGuard);
            if (doomed.isEmpty()) {
                report.finished();
                return;
            }
            delete(doomed, report, filter);
            report.deleted(doomed.size());
        }
        throw new IpFailure(IpFailure.ABSENT, "*** Flush not completed, entries remain ***");
    }

    /// The route that IPv6 has for what no other route takes; it can't be deleted.
    private static boolean isGuard(RouteRow r) {
        return r.family() == Names.AF_INET6
                && r.destinationLength() == 0
                && r.type() == Rtnetlink.RTN_UNREACHABLE
                && r.attributes().has(Rtnetlink.RTA_PRIORITY)
                && r.attributes().i32(Rtnetlink.RTA_PRIORITY) == -1;
    }

    private void delete(List<RouteRow> doomed, FlushReport report, RouteFilter filter) throws IpFailure {
        for (RouteRow row : doomed) {
            if (report.showsEach()) {
                new RoutePage(session, report.page(), filter).show(row);
            }
            try {
                session.netlink().ask(Netlink.NETLINK_ROUTE, Rtnetlink.RTM_DELROUTE, 0, Replay.of(row.message()));
            } catch (Conversation.Refusal e) {
                session.complain("Failed to send flush request: " + ErrnoText.of(e.errno()));
                throw new IpFailure(IpFailure.REFUSED, "");
            }
        }
    }
}
