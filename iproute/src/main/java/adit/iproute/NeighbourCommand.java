package adit.iproute;

import adit.netlink.MessageReader;
import adit.netlink.MessageWriter;
import adit.netlink.Neigh;
import adit.netlink.Netlink;
import adit.netlink.Rtnetlink;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/// `ip neighbour`.
final class NeighbourCommand {
    private static final int MAX_ROUNDS = 10;

    private final Session session;

    NeighbourCommand(Session session) {
        this.session = session;
    }

    void run(Words words) throws IpFailure {
        if (!words.any()) {
            show(words);
            return;
        }
        String command = words.take();
        if (Words.begins(command, "add")) {
            change(Rtnetlink.RTM_NEWNEIGH, Netlink.NLM_F_CREATE | Netlink.NLM_F_EXCL, words);
        } else if (Words.begins(command, "change") || command.equals("chg")) {
            change(Rtnetlink.RTM_NEWNEIGH, Netlink.NLM_F_REPLACE, words);
        } else if (Words.begins(command, "replace")) {
            change(Rtnetlink.RTM_NEWNEIGH, Netlink.NLM_F_CREATE | Netlink.NLM_F_REPLACE, words);
        } else if (Words.begins(command, "delete")) {
            change(Rtnetlink.RTM_DELNEIGH, 0, words);
        } else if (Words.begins(command, "get")) {
            get(words);
        } else if (Words.begins(command, "show", "lst", "list")) {
            show(words);
        } else if (Words.begins(command, "flush")) {
            flush(words);
        } else if (Words.begins(command, "help")) {
            throw IpFailure.senseless(Help.NEIGHBOUR);
        } else {
            throw IpFailure.unknownCommand("neigh", command);
        }
    }

    // ---- Changes

    /// What is said of a neighbour.
    private static final class Request {
        Optional<InetPrefix> destination = Optional.empty();
        String device;
        String linkAddress;
        int state = Neigh.NUD_PERMANENT;
        int flags;
        int extendedFlags;
        OptionalInt protocol = OptionalInt.empty();
    }

    private void change(int type, int flags, Words words) throws IpFailure {
        Request r = new Request();
        while (words.any()) {
            changeWord(words.take(), words, r);
        }
        boolean complete = r.device != null || (r.flags & Neigh.NTF_PROXY) != 0;
        if (!complete || r.destination.isEmpty() || r.destination.get().family() == Names.AF_UNSPEC) {
            throw IpFailure.senseless("Device and destination are required arguments.");
        }
        byte[] linkAddress =
                r.linkAddress == null || r.linkAddress.equals("null") ? null : LinkAddress.parse(r.linkAddress);
        int index = r.device == null ? 0 : session.links().required(r.device);
        InetPrefix destination = r.destination.get();
        session.netlink().change(type, flags, w -> {
            fixedPart(w, destination.family(), index, r.state, r.flags);
            r.protocol.ifPresent(p -> w.u8(NeighbourPage.NDA_PROTOCOL, p));
            w.octets(Neigh.NDA_DST, destination.octets());
            if (r.extendedFlags != 0) {
                w.i32(NeighbourPage.NDA_FLAGS_EXT, r.extendedFlags);
            }
            if (linkAddress != null) {
                w.octets(Neigh.NDA_LLADDR, linkAddress);
            }
        });
    }

    /// The message's fixed part (struct ndmsg).
    static void fixedPart(MessageWriter w, int family, int index, int state, int flags) {
        w.u8(family).u8(0).u16(0).i32(index).u16(state).u8(flags).u8(0);
    }

    private void changeWord(String word, Words words, Request r) throws IpFailure {
        if (Words.begins(word, "lladdr")) {
            String address = words.value();
            if (r.linkAddress != null) {
                throw IpFailure.duplicate("lladdr", address);
            }
            r.linkAddress = address;
        } else if (word.equals("nud")) {
            String state = words.value();
            r.state = NeighbourStates.parse(state).orElseThrow(() -> IpFailure.wrong("nud state is bad", state));
        } else if (Words.begins(word, "proxy")) {
            proxy(words.value(), r);
        } else if (word.equals("router")) {
            r.flags |= NeighbourPage.NTF_ROUTER;
        } else if (word.equals("use")) {
            r.flags |= NeighbourPage.NTF_USE;
        } else if (word.equals("managed")) {
            r.extendedFlags |= NeighbourPage.NTF_EXT_MANAGED;
            r.state = 0;
        } else if (Words.begins(word, "extern_learn")) {
            r.flags |= NeighbourPage.NTF_EXT_LEARNED;
        } else if (word.equals("dev")) {
            r.device = words.value();
        } else if (Words.begins(word, "protocol")) {
            String protocol = words.value();
            r.protocol = Names.protocols().number(protocol, NeighbourPage.LARGEST_PROTOCOL);
            if (r.protocol.isEmpty()) {
                throw IpFailure.wrong("\"protocol\" value is invalid\n", protocol);
            }
        } else {
            String text = word.equals("to") || Words.begins(word, "help") ? words.value() : word;
            if (r.destination.isPresent()) {
                throw IpFailure.duplicateOrGarbage("to", text);
            }
            r.destination = Optional.of(InetPrefix.address(text, session.family()));
        }
    }

    private void proxy(String text, Request r) throws IpFailure {
        if (Words.begins(text, "help")) {
            throw IpFailure.senseless(Help.NEIGHBOUR);
        }
        if (r.destination.isPresent()) {
            throw IpFailure.duplicate("address", text);
        }
        r.destination = Optional.of(InetPrefix.address(text, session.family()));
        r.flags |= Neigh.NTF_PROXY;
    }

    // ---- Answers

    private void get(Words words) throws IpFailure {
        Request r = new Request();
        while (words.any()) {
            String word = words.take();
            if (word.equals("dev")) {
                r.device = words.value();
            } else if (Words.begins(word, "proxy")) {
                proxy(words.value(), r);
            } else {
                String text = word.equals("to") ? words.value() : word;
                if (Words.begins(text, "help")) {
                    throw IpFailure.senseless(Help.NEIGHBOUR);
                }
                if (r.destination.isPresent()) {
                    throw IpFailure.duplicateOrGarbage("to", text);
                }
                r.destination = Optional.of(InetPrefix.address(text, session.family()));
            }
        }
        boolean complete = r.device != null || (r.flags & Neigh.NTF_PROXY) != 0;
        if (!complete || r.destination.isEmpty() || r.destination.get().family() == Names.AF_UNSPEC) {
            throw new IpFailure(IpFailure.ABSENT, "Device and address are required arguments.");
        }
        int index = r.device == null ? 0 : session.links().required(r.device);
        InetPrefix destination = r.destination.get();
        MessageReader answer;
        try {
            answer = session.netlink().get(Rtnetlink.RTM_GETNEIGH, w -> {
                fixedPart(w, destination.family(), index, 0, r.flags);
                w.octets(Neigh.NDA_DST, destination.octets());
            });
        } catch (Conversation.Refusal e) {
            throw e.failure();
        }
        Page page = Page.text(session.out(), session.options());
        new NeighbourPage(session, page).show(NeighbourRow.read(answer), NeighbourPage.Device.SHOWN);
    }

    private List<NeighbourRow> matching(NeighbourFilter filter) throws Conversation.Refusal, IpFailure {
        List<NeighbourRow> rows = new ArrayList<>();
        session.netlink().dump(Rtnetlink.RTM_GETNEIGH, filter, m -> rows.add(NeighbourRow.read(m)));
        rows.removeIf(row -> !filter.matches(row));
        return rows;
    }

    private void show(Words words) throws IpFailure {
        NeighbourFilter filter = NeighbourFilter.toShow(session, words);
        List<NeighbourRow> rows;
        try {
            rows = matching(filter);
        } catch (Conversation.Refusal e) {
            session.complain(e.getMessage());
            throw new IpFailure(IpFailure.ABSENT, "Dump terminated");
        }
        Page page = session.page();
        page.begin();
        NeighbourPage neighbours = new NeighbourPage(session, page);
        for (NeighbourRow row : rows) {
            neighbours.show(row, filter.shownDevice());
        }
        page.finish();
    }

    private void flush(Words words) throws IpFailure {
        if (!words.any()) {
            throw new IpFailure(IpFailure.ABSENT, "Flush requires arguments.");
        }
        NeighbourFilter filter = NeighbourFilter.toFlush(session, words);
        FlushReport report = new FlushReport(session, "entries");
        for (int round = 0; round < MAX_ROUNDS; round++) {
            List<NeighbourRow> doomed;
            try {
                doomed = matching(filter);
            } catch (Conversation.Refusal e) {
                session.complain(e.getMessage());
                throw new IpFailure(IpFailure.ABSENT, "Flush terminated");
            }
            if (doomed.isEmpty()) {
                report.finished();
                return;
            }
            delete(doomed, filter, report);
            report.deleted(doomed.size());
            // What can't be deleted has failed at once and would be found for ever.
            filter.passOver(Neigh.NUD_FAILED);
        }
        report.page().text("*** Flush not complete bailing out after " + MAX_ROUNDS + " rounds\n");
        throw IpFailure.senseless("");
    }

    private void delete(List<NeighbourRow> doomed, NeighbourFilter filter, FlushReport report) throws IpFailure {
        for (NeighbourRow row : doomed) {
            if (report.showsEach()) {
                new NeighbourPage(session, report.page()).show(row, filter.shownDevice());
            }
            try {
                session.netlink().ask(Netlink.NETLINK_ROUTE, Rtnetlink.RTM_DELNEIGH, 0, Replay.of(row.message()));
            } catch (Conversation.Refusal e) {
                throw e.failure(IpFailure.ABSENT);
            }
        }
    }
}
