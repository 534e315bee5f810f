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
    private static final int NDA_IFINDEX = 8;
    private static final int NDA_MASTER = 9;
    private static final int ALL_STATES = ~0;
    private static final int WITHOUT_STATE = 0x100;
    private static final int MAX_ROUNDS = 10;
    private static final int LARGEST_PROTOCOL = 255;

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
        boolean complete = r.device != null || (r.flags & NeighbourPage.NTF_PROXY) != 0;
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

    private static void fixedPart(MessageWriter w, int family, int index, int state, int flags) {
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
            r.protocol = Names.protocols().number(protocol, LARGEST_PROTOCOL);
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
        r.flags |= NeighbourPage.NTF_PROXY;
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
        boolean complete = r.device != null || (r.flags & NeighbourPage.NTF_PROXY) != 0;
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

    /// Which neighbours are meant.
    private static final class Filter {
        int family;
        String device;
        int index;
        int master;
        boolean unused;
        boolean stateGiven;
        int states;
        int flags;
        int protocol;
        Optional<InetPrefix> to = Optional.empty();

        boolean matches(NeighbourRow row) {
            AttributeTableView t = new AttributeTableView(row);
            boolean wanted = (states & row.state()) != 0
                    || (row.flags() & (NeighbourPage.NTF_PROXY | NeighbourPage.NTF_EXT_LEARNED)) != 0
                    || (row.state() == 0 && (states & WITHOUT_STATE) != 0);
            return wanted
                    && (family == Names.AF_UNSPEC || family == row.family())
                    && (index == 0 || index == row.index())
                    && (protocol == 0 || protocol == t.protocol())
                    && !(unused && t.references() != 0)
                    && (to.isEmpty() || t.isWithin(to.get()));
        }
    }

    /// What a filter asks of a neighbour's attributes.
    private record AttributeTableView(NeighbourRow row) {
        private static final int REFERENCES = 12;

        int protocol() {
            return row.attributes().has(NeighbourPage.NDA_PROTOCOL)
                    ? row.attributes().u8(NeighbourPage.NDA_PROTOCOL)
                    : 0;
        }

        int references() {
            return row.attributes().has(Neigh.NDA_CACHEINFO)
                    ? row.attributes().i32(Neigh.NDA_CACHEINFO, REFERENCES)
                    : 0;
        }

        boolean isWithin(InetPrefix prefix) {
            return prefix.length() <= 0
                    || !row.attributes().has(Neigh.NDA_DST)
                    || prefix.covers(row.attributes().octets(Neigh.NDA_DST));
        }
    }

    private Filter filter(Words words, int states, boolean flushing) throws IpFailure {
        Filter f = new Filter();
        f.family = session.family();
        f.states = states;
        while (words.any()) {
            filterWord(words.take(), words, f, flushing);
        }
        if (f.device != null) {
            f.index = session.links().required(f.device);
        }
        return f;
    }

    private void filterWord(String word, Words words, Filter f, boolean flushing) throws IpFailure {
        if (word.equals("dev")) {
            String device = words.value();
            if (f.device != null) {
                throw IpFailure.duplicate("dev", device);
            }
            f.device = device;
        } else if (word.equals("master")) {
            String master = words.value();
            f.master = session.links().index(master);
            if (f.master == 0) {
                throw IpFailure.wrong("Device does not exist\n", master);
            }
        } else if (word.equals("nomaster")) {
            f.master = -1;
        } else if (word.equals("unused")) {
            f.unused = true;
        } else if (word.equals("nud")) {
            state(words.value(), f, flushing);
        } else if (word.equals("proxy")) {
            f.flags = NeighbourPage.NTF_PROXY;
        } else if (Words.begins(word, "protocol")) {
            String protocol = words.value();
            f.protocol = protocol.equals("all")
                    ? 0
                    : Names.protocols()
                            .number(protocol, LARGEST_PROTOCOL)
                            .orElseThrow(() -> IpFailure.wrong("invalid \"protocol\"\n", protocol));
        } else {
            String text = word.equals("to") ? words.value() : word;
            if (Words.begins(text, "help")) {
                throw IpFailure.senseless(Help.NEIGHBOUR);
            }
            InetPrefix prefix = InetPrefix.prefix(text, f.family);
            f.to = Optional.of(prefix);
            f.family = f.family == Names.AF_UNSPEC ? prefix.family() : f.family;
        }
    }

    private static void state(String word, Filter f, boolean flushing) throws IpFailure {
        if (!f.stateGiven) {
            f.stateGiven = true;
            f.states = 0;
        }
        int state = word.equals("all")
                ? flushing ? ~Neigh.NUD_NOARP : ALL_STATES
                : NeighbourStates.parse(word).orElseThrow(() -> IpFailure.wrong("nud state is bad", word));
        f.states |= state == 0 ? WITHOUT_STATE : state;
    }

    private List<NeighbourRow> matching(Filter f) throws Conversation.Refusal, IpFailure {
        List<NeighbourRow> rows = new ArrayList<>();
        session.netlink()
                .dump(
                        Rtnetlink.RTM_GETNEIGH,
                        w -> {
                            fixedPart(w, f.family, 0, 0, f.flags);
                            if (f.index != 0) {
                                w.i32(NDA_IFINDEX, f.index);
                            }
                            if (f.master != 0) {
                                w.i32(NDA_MASTER, f.master);
                            }
                        },
                        m -> rows.add(NeighbourRow.read(m)));
        rows.removeIf(row -> !f.matches(row));
        return rows;
    }

    private void show(Words words) throws IpFailure {
        Filter f = filter(words, 0xff & ~Neigh.NUD_NOARP, false);
        List<NeighbourRow> rows;
        try {
            rows = matching(f);
        } catch (Conversation.Refusal e) {
            session.complain(e.getMessage());
            throw new IpFailure(IpFailure.ABSENT, "Dump terminated");
        }
        Page page = session.page();
        page.begin();
        NeighbourPage neighbours = new NeighbourPage(session, page);
        for (NeighbourRow row : rows) {
            neighbours.show(row, f.index == 0 ? NeighbourPage.Device.SHOWN : NeighbourPage.Device.KNOWN);
        }
        page.finish();
    }

    private void flush(Words words) throws IpFailure {
        if (!words.any()) {
            throw new IpFailure(IpFailure.ABSENT, "Flush requires arguments.");
        }
        Filter f = filter(words, ~(Neigh.NUD_PERMANENT | Neigh.NUD_NOARP), true);
        Page page = Page.text(session.out(), session.options());
        boolean talks = session.options().statistics() > 0;
        for (int round = 0; round < MAX_ROUNDS; round++) {
            List<NeighbourRow> doomed;
            try {
                doomed = matching(f);
            } catch (Conversation.Refusal e) {
                session.complain(e.getMessage());
                throw new IpFailure(IpFailure.ABSENT, "Flush terminated");
            }
            if (doomed.isEmpty()) {
                if (talks) {
                    page.text(
                            round == 0
                                    ? "Nothing to flush.\n"
                                    : "*** Flush is complete after " + round + " round" + (round > 1 ? "s" : "")
                                            + " ***\n");
                }
                return;
            }
            delete(doomed, page);
            if (talks) {
                page.text("\n*** Round " + (round + 1) + ", deleting " + doomed.size() + " entries ***\n");
            }
            // What can't be deleted has failed at once and would be found for ever.
            f.states &= ~Neigh.NUD_FAILED;
        }
        page.text("*** Flush not complete bailing out after " + MAX_ROUNDS + " rounds\n");
        throw IpFailure.senseless("");
    }

    private void delete(List<NeighbourRow> doomed, Page page) throws IpFailure {
        for (NeighbourRow row : doomed) {
            if (session.options().statistics() > 1) {
                new NeighbourPage(session, page).show(row, NeighbourPage.Device.SHOWN);
            }
            try {
                session.netlink().ask(Netlink.NETLINK_ROUTE, Rtnetlink.RTM_DELNEIGH, 0, Replay.of(row.message()));
            } catch (Conversation.Refusal e) {
                throw e.failure(IpFailure.ABSENT);
            }
        }
    }
}
