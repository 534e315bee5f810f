package adit.bsdtun;

import static org.assertj.core.api.Assertions.assertThat;

import adit.packet.PacketBuffer;
import adit.wire.EtherType;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Every order of six operations on two units by two files, and after each operation the driver is in the state that
/// the [Model] is in, and has answered what it answers.
@Timeout(300)
class InterleavingsTest {
    private static final int UNITS = 2;
    private static final int FILES = 2;
    private static final int LENGTH = 28;

    /// Where the orders begin, and what an opener does at once.
    enum Start {
        /// There is nothing. Openers set no address, so nothing is ever ready.
        NOTHING(5),
        /// There is nothing. Openers set an address.
        NOTHING_AND_ADDRESSES(6),
        /// Both units are there, ready, open, and have a packet, which takes six operations too; five more follow.
        ALL(5);

        private final int depth;

        Start(int depth) {
            this.depth = depth;
        }
    }

    /// One operation, on a unit, by a file, or both.
    record Step(Kind kind, int file, int unit) {
        enum Kind {
            CREATE,
            DESTROY,
            OPEN,
            /// The stack sends a packet, if there is an interface, and the file reads.
            READ,
            CLOSE
        }

        @Override
        public String toString() {
            return kind + (file < 0 ? "" : " " + (char) ('A' + file)) + (unit < 0 ? "" : " " + unit);
        }
    }

    /// What the driver should do, in the words of the manual and of its source, and in no way taken from ours:
    ///
    /// - A unit has an interface (live), or has lost it while open (zombie), or is nothing.
    /// - Making an interface of a live unit is EEXIST. A zombie becomes live and stays open and addressed; its
    ///   queue is empty.
    /// - Destroying one that is not there is ENXIO. A live unit that is open becomes a zombie, one that is not
    ///   becomes nothing; what waited is lost.
    /// - Opening makes the interface first if there is none; then it is EBUSY if the unit is open, else it is open.
    /// - Closing a zombie makes it nothing. Closing a live unit empties its queue; it stays live, and addressed.
    /// - Reading a zombie is ENXIO, one without an address EHOSTDOWN; else the oldest packet, or EAGAIN.
    /// - The stack's packet goes into the queue of a unit that is live, open and addressed, and nowhere else.
    static final class Model {
        private final boolean[] live = new boolean[UNITS];
        private final boolean[] open = new boolean[UNITS];
        private final boolean[] addressed = new boolean[UNITS];
        private final int[] queue = new int[UNITS];
        private final int[] unitOf = {-1, -1};
        private final boolean setsAddress;

        Model(boolean setsAddress) {
            this.setsAddress = setsAddress;
        }

        Model copy() {
            Model m = new Model(setsAddress);
            for (int u = 0; u < UNITS; u++) {
                m.live[u] = live[u];
                m.open[u] = open[u];
                m.addressed[u] = addressed[u];
                m.queue[u] = queue[u];
            }
            System.arraycopy(unitOf, 0, m.unitOf, 0, FILES);
            return m;
        }

        List<Step> possible() {
            List<Step> all = new ArrayList<>();
            for (int u = 0; u < UNITS; u++) {
                all.add(new Step(Step.Kind.CREATE, -1, u));
                all.add(new Step(Step.Kind.DESTROY, -1, u));
            }
            for (int f = 0; f < FILES; f++) {
                if (unitOf[f] < 0) {
                    for (int u = 0; u < UNITS; u++) {
                        all.add(new Step(Step.Kind.OPEN, f, u));
                    }
                } else {
                    all.add(new Step(Step.Kind.READ, f, -1));
                    all.add(new Step(Step.Kind.CLOSE, f, -1));
                }
            }
            return all;
        }

        String perform(Step step) {
            return switch (step.kind) {
                case CREATE -> create(step.unit);
                case DESTROY -> destroy(step.unit);
                case OPEN -> open(step.file, step.unit);
                case READ -> read(unitOf[step.file]);
                case CLOSE -> close(step.file);
            };
        }

        private String create(int u) {
            if (live[u]) {
                return "EEXIST";
            }
            live[u] = true;
            return "";
        }

        private String destroy(int u) {
            if (!live[u]) {
                return "ENXIO";
            }
            live[u] = false;
            queue[u] = 0;
            addressed[u] &= open[u];
            return "";
        }

        private String open(int f, int u) {
            live[u] = true;
            if (open[u]) {
                return "EBUSY";
            }
            open[u] = true;
            unitOf[f] = u;
            addressed[u] |= setsAddress;
            return "";
        }

        private String close(int f) {
            int u = unitOf[f];
            unitOf[f] = -1;
            open[u] = false;
            queue[u] = 0;
            addressed[u] &= live[u];
            return "";
        }

        private String read(int u) {
            if (!live[u]) {
                return "ENXIO";
            }
            if (!addressed[u]) {
                return "EHOSTDOWN";
            }
            // One came, one went.
            return LENGTH + " octets";
        }

        void send(int u) {
            if (live[u] && open[u] && addressed[u]) {
                queue[u]++;
            }
        }

        String state() {
            StringBuilder text = new StringBuilder();
            for (int u = 0; u < UNITS; u++) {
                text.append(live[u] ? "live" : open[u] ? "zombie" : "nothing");
                text.append(
                        live[u] || open[u] ? (open[u] ? ",open" : ",closed") + (addressed[u] ? ",addressed" : "") : "");
                text.append(live[u] ? "," + queue[u] + " " : " ");
            }
            return text.toString();
        }
    }

    /// The driver, driven by the same operations.
    private static final class Driven implements AutoCloseable {
        final Rig rig;
        final BsdTunFile[] files = new BsdTunFile[FILES];
        final boolean setsAddress;
        private final MemorySegment packet;
        private final MemorySegment into;

        Driven(BsdProfile profile, boolean setsAddress) {
            this.rig = new Rig(profile);
            this.setsAddress = setsAddress;
            this.packet = rig.octets(Rig.TO_PEER);
            this.into = rig.junk(100);
        }

        String perform(Step step) throws BsdTunException {
            return switch (step.kind) {
                case CREATE -> name(rig.driver.create(step.unit));
                case DESTROY -> name(rig.driver.destroy(step.unit));
                case OPEN -> open(step.file, step.unit);
                case READ -> {
                    int u = files[step.file].unit();
                    if (rig.device(u) != null) {
                        send(u);
                    }
                    int n = files[step.file].read(into);
                    yield n < 0 ? BsdErrno.name(-n) : n + " octets";
                }
                case CLOSE -> {
                    files[step.file].close();
                    files[step.file] = null;
                    yield "";
                }
            };
        }

        int send(int u) {
            PacketBuffer p = rig.table.buffers().lend(LENGTH);
            p.protocol(EtherType.IPV4);
            MemorySegment.copy(packet, 0, p.segment(), p.put(LENGTH), LENGTH);
            return rig.device(u).output(p);
        }

        private static String name(int answer) {
            return answer == 0 ? "" : BsdErrno.name(-answer);
        }

        private String open(int f, int u) throws BsdTunException {
            try {
                files[f] = rig.driver.open(u);
            } catch (BsdTunException e) {
                return e.errnoName();
            }
            new BsdTunControl(files[f]).blocking(false);
            if (setsAddress) {
                rig.ifconfig.address("tun" + u, "10.0." + u + ".1", "10.0." + u + ".2");
            }
            return "";
        }

        String state() {
            StringBuilder text = new StringBuilder();
            for (int u = 0; u < UNITS; u++) {
                BsdTunDevice device = rig.device(u);
                TunUnit unit = device == null ? zombie(u) : device.tunUnit();
                boolean inTable = rig.table.byName("tun" + u) != null;
                text.append(inTable ? "live" : rig.driver.isZombie(u) ? "zombie" : "nothing");
                if (unit != null) {
                    text.append(unit.has(TunFlags.INITED) == inTable ? "" : ",in two minds");
                    text.append(unit.has(TunFlags.OPEN) ? ",open" : ",closed");
                    text.append(unit.has(TunFlags.IASET) ? ",addressed" : "");
                }
                text.append(device == null ? " " : "," + queued(device) + " ");
            }
            return text.toString();
        }

        private static int queued(BsdTunDevice device) {
            return device.queued();
        }

        private TunUnit zombie(int u) {
            for (BsdTunFile file : files) {
                if (file != null && file.unit() == u) {
                    return file.tunUnit();
                }
            }
            return null;
        }

        /// Back to nothing.
        void clear() {
            for (int f = 0; f < FILES; f++) {
                if (files[f] != null) {
                    files[f].close();
                    files[f] = null;
                }
            }
            for (int u = 0; u < UNITS; u++) {
                rig.driver.destroy(u);
            }
            if (rig.table.buffers().lent() != 0 || rig.driver.isZombie(0) || rig.driver.isZombie(1)) {
                throw new AssertionError("something is left");
            }
        }

        @Override
        public void close() {
            rig.close();
        }
    }

    private final Set<String> reached = new HashSet<>();
    private int orders;

    private static Model begin(Start start) {
        Model model = new Model(start != Start.NOTHING);
        if (start == Start.ALL) {
            for (int i = 0; i < UNITS; i++) {
                model.open(i, i);
                model.send(i);
            }
        }
        return model;
    }

    private static void begin(Start start, Driven driven) throws BsdTunException {
        if (start == Start.ALL) {
            for (int i = 0; i < UNITS; i++) {
                assertThat(driven.open(i, i)).isEmpty();
                assertThat(driven.send(i)).isZero();
            }
        }
    }

    /// Units and files are alike: where nothing tells them apart, the first one used is taken to be the first.
    private static boolean isRenaming(Start start, List<Step> steps, Step next) {
        boolean unitUsed = start == Start.ALL && !steps.isEmpty();
        boolean fileUsed = unitUsed;
        for (Step s : steps) {
            unitUsed |= s.unit >= 0;
            fileUsed |= s.file >= 0;
        }
        return (next.unit == 1 && !unitUsed) || (next.file == 1 && !fileUsed);
    }

    private void explore(Start start, Driven driven, Model model, List<Step> steps) throws BsdTunException {
        if (steps.size() == start.depth) {
            orders++;
            follow(start, driven, steps);
            return;
        }
        for (Step next : model.possible()) {
            if (!isRenaming(start, steps, next)) {
                Model after = model.copy();
                after.perform(next);
                steps.addLast(next);
                explore(start, driven, after, steps);
                steps.removeLast();
            }
        }
    }

    private void follow(Start start, Driven driven, List<Step> steps) throws BsdTunException {
        Model model = begin(start);
        begin(start, driven);
        for (int i = 0; i < steps.size(); i++) {
            Step step = steps.get(i);
            String expected = model.perform(step);
            String answer = driven.perform(step);
            String state = driven.state();
            if (!answer.equals(expected) || !state.equals(model.state())) {
                assertThat(answer + " | " + state)
                        .as("%s, after %s", steps.subList(0, i), step)
                        .isEqualTo(expected + " | " + model.state());
            }
            reached.add(state);
        }
        driven.clear();
    }

    /// All states that the model has, in however many steps.
    private static Set<String> statesOfTheModel(Start start) {
        Set<String> found = new HashSet<>();
        List<Model> frontier = new ArrayList<>(List.of(begin(start)));
        found.add(begin(start).state());
        while (!frontier.isEmpty()) {
            Model model = frontier.removeLast();
            for (Step step : model.possible()) {
                Model after = model.copy();
                after.perform(step);
                if (found.add(after.state())) {
                    frontier.add(after);
                }
            }
        }
        return found;
    }

    @ParameterizedTest
    @EnumSource(Start.class)
    void noOrderOfSixOperationsReachesAStateThatTheModelLacks(Start start) throws Exception {
        try (Driven driven = new Driven(BsdProfile.NETBSD_3, start != Start.NOTHING)) {
            explore(start, driven, begin(start), new ArrayList<>());
        }
        assertThat(statesOfTheModel(start)).containsAll(reached);
        assertThat(reached).hasSizeGreaterThanOrEqualTo(10);
        assertThat(orders).isGreaterThan(5_000);
    }
}
