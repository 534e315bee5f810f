package adit.iproute;

import adit.netlink.MessageWriter;
import adit.netlink.Neigh;
import java.util.Optional;

/// Which neighbours `ip neighbour show` and `flush` mean. What the kernel may filter is in the request that this
/// writes; [#matches] says whether a row of the answer is meant.
final class NeighbourFilter implements MessageWriter.Body {
    private static final int NDA_IFINDEX = 8;
    private static final int NDA_MASTER = 9;
    private static final int ALL_STATES = ~0;
    private static final int WITHOUT_STATE = 0x100;

    private final Session session;
    /// What `nud all` means.
    private final int allStates;

    private int states;
    private boolean stateGiven;
    private int family;
    private String device;
    private int index;
    private int master;
    private boolean unused;
    private int flags;
    private int protocol;
    private Optional<InetPrefix> to = Optional.empty();

    private NeighbourFilter(Session session, int states, int allStates) {
        this.session = session;
        this.states = states;
        this.allStates = allStates;
        this.family = session.family();
    }

    /// Reads the words behind `show`.
    static NeighbourFilter toShow(Session session, Words words) throws IpFailure {
        return new NeighbourFilter(session, 0xff & ~Neigh.NUD_NOARP, ALL_STATES).read(words);
    }

    /// Reads the words behind `flush`.
    static NeighbourFilter toFlush(Session session, Words words) throws IpFailure {
        return new NeighbourFilter(session, ~(Neigh.NUD_PERMANENT | Neigh.NUD_NOARP), ~Neigh.NUD_NOARP).read(words);
    }

    private NeighbourFilter read(Words words) throws IpFailure {
        while (words.any()) {
            word(words.take(), words);
        }
        if (device != null) {
            index = session.links().required(device);
        }
        return this;
    }

    private void word(String word, Words words) throws IpFailure {
        if (word.equals("dev")) {
            String name = words.value();
            if (device != null) {
                throw IpFailure.duplicate("dev", name);
            }
            device = name;
        } else if (word.equals("master")) {
            String name = words.value();
            master = session.links().index(name);
            if (master == 0) {
                throw IpFailure.wrong("Device does not exist\n", name);
            }
        } else if (word.equals("nomaster")) {
            master = -1;
        } else if (word.equals("unused")) {
            unused = true;
        } else if (word.equals("nud")) {
            state(words.value());
        } else if (word.equals("proxy")) {
            flags = Neigh.NTF_PROXY;
        } else if (Words.begins(word, "protocol")) {
            protocol(words.value());
        } else {
            to(word.equals("to") ? words.value() : word);
        }
    }

    private void state(String word) throws IpFailure {
        if (!stateGiven) {
            stateGiven = true;
            states = 0;
        }
        int state = word.equals("all")
                ? allStates
                : NeighbourStates.parse(word).orElseThrow(() -> IpFailure.wrong("nud state is bad", word));
        states |= state == 0 ? WITHOUT_STATE : state;
    }

    private void protocol(String word) throws IpFailure {
        protocol = word.equals("all")
                ? 0
                : Names.protocols()
                        .number(word, NeighbourPage.LARGEST_PROTOCOL)
                        .orElseThrow(() -> IpFailure.wrong("invalid \"protocol\"\n", word));
    }

    private void to(String word) throws IpFailure {
        if (Words.begins(word, "help")) {
            throw IpFailure.senseless(Help.NEIGHBOUR);
        }
        InetPrefix prefix = InetPrefix.prefix(word, family);
        to = Optional.of(prefix);
        family = family == Names.AF_UNSPEC ? prefix.family() : family;
    }

    /// Whether a row says its link: not where only neighbours on one are meant.
    NeighbourPage.Device shownDevice() {
        return index == 0 ? NeighbourPage.Device.SHOWN : NeighbourPage.Device.KNOWN;
    }

    /// Means neighbours in `state` no longer.
    void passOver(int state) {
        states &= ~state;
    }

    @Override
    public void writeTo(MessageWriter w) {
        NeighbourCommand.fixedPart(w, family, 0, 0, flags);
        if (index != 0) {
            w.i32(NDA_IFINDEX, index);
        }
        if (master != 0) {
            w.i32(NDA_MASTER, master);
        }
    }

    boolean matches(NeighbourRow row) {
        boolean wanted = (states & row.state()) != 0
                || (row.flags() & (Neigh.NTF_PROXY | NeighbourPage.NTF_EXT_LEARNED)) != 0
                || (row.state() == 0 && (states & WITHOUT_STATE) != 0);
        return wanted
                && (family == Names.AF_UNSPEC || family == row.family())
                && (index == 0 || index == row.index())
                && (protocol == 0 || protocol == protocol(row))
                && !(unused && references(row) != 0)
                && (to.isEmpty() || isWithin(row, to.get()));
    }

    private static int protocol(NeighbourRow row) {
        return row.attributes().has(NeighbourPage.NDA_PROTOCOL)
                ? row.attributes().u8(NeighbourPage.NDA_PROTOCOL)
                : 0;
    }

    private static int references(NeighbourRow row) {
        return row.attributes().has(Neigh.NDA_CACHEINFO)
                ? row.attributes().i32(Neigh.NDA_CACHEINFO, NeighbourPage.REFERENCES)
                : 0;
    }

    private static boolean isWithin(NeighbourRow row, InetPrefix prefix) {
        return prefix.length() <= 0
                || !row.attributes().has(Neigh.NDA_DST)
                || prefix.covers(row.attributes().octets(Neigh.NDA_DST));
    }
}
