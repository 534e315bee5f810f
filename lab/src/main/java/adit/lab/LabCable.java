package adit.lab;

import adit.capture.CaptureFile;
import adit.capture.CaptureInterface;
import adit.capture.CaptureLane;
import adit.capture.Direction;
import adit.capture.LinkType;
import adit.device.Device;
import adit.device.LinkAddresses;
import adit.packet.PacketBuffer;
import adit.port.Deadline;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;

/// A cable of a lab: two devices, and a line each way that loses, delays and slows down.
///
/// What goes into it is recorded where it goes in: a capture shows packets that are lost on the way too.
/// Everything here is under the lab's lock; methods for others take it.
public final class LabCable implements Deadline {
    private final Lab lab;
    private final CableSpec spec;
    private final LongSupplier captureClock;
    private final CableEnd one;
    private final CableEnd other;
    private final Line there;
    private final Line back;
    private LineSpec line;
    private boolean cut;
    private Optional<Capture> capture = Optional.empty();

    /// A file, with a lane for what each end sends.
    private record Capture(Path path, CaptureFile file, CaptureLane one, CaptureLane other) {}

    /// What went in at both ends.
    ///
    /// @param carried packets that arrive, or will
    /// @param lost packets that vanished on the way
    /// @param full packets that found the queue full
    public record Count(long carried, long lost, long full) {}

    LabCable(Lab lab, CableSpec spec, LongSupplier clock, LongSupplier captureClock, RandomGenerator dice) {
        this.lab = lab;
        this.spec = spec;
        this.line = spec.line();
        this.captureClock = captureClock;
        this.one = new CableEnd(this, LinkAddresses.random(dice), spec.mtu());
        this.other = new CableEnd(this, LinkAddresses.random(dice), spec.mtu());
        this.there = new Line(line, dice, clock, other::receive);
        this.back = new Line(line, dice, clock, one::receive);
    }

    /// Its name.
    public String name() {
        return spec.name();
    }

    /// What it was made as.
    public CableSpec spec() {
        return spec;
    }

    Device one() {
        return one;
    }

    Device other() {
        return other;
    }

    // ---- For people

    /// How it is now.
    public LineSpec line() {
        return lab.call(() -> line);
    }

    /// Makes both directions so from now on. Packets under way arrive as they would have.
    public void line(LineSpec wanted) {
        lab.call(() -> {
            line = wanted;
            there.spec(wanted);
            back.spec(wanted);
            return null;
        });
    }

    /// Whether it is cut.
    public boolean isCut() {
        return lab.call(() -> cut);
    }

    /// Cuts it, so that both devices lose their carrier and what is under way is gone; or mends it.
    public void cut(boolean wanted) {
        lab.call(() -> {
            cut = wanted;
            if (cut) {
                clear();
            }
            carriers();
            return null;
        });
    }

    /// What it has carried.
    public Count count() {
        return lab.call(() ->
                new Count(there.carried() + back.carried(), there.lost() + back.lost(), there.full() + back.full()));
    }

    /// Records what goes into it from now on, to a file in pcapng; a capture that is going on ends.
    public void capture(Path path) throws IOException {
        lab.call(() -> {
            endCapture();
            CaptureFile file = CaptureFile.create(path);
            try {
                CaptureInterface left = file.add(spec.one().toString(), LinkType.ETHERNET, name());
                CaptureInterface right = file.add(spec.other().toString(), LinkType.ETHERNET, name());
                capture = Optional.of(new Capture(path, file, left.lane(), right.lane()));
            } catch (IOException e) {
                file.close();
                throw e;
            }
            return null;
        });
    }

    /// Ends the capture, and answers its file; nothing when there was none.
    public Optional<Path> endCapture() throws IOException {
        return lab.call(() -> {
            Optional<Capture> ended = capture;
            capture = Optional.empty();
            if (ended.isPresent()) {
                ended.get().file().close();
            }
            return ended.map(Capture::path);
        });
    }

    // ---- For the lab, under its lock

    /// Gives the devices the carrier that follows from how they and the cable are.
    void carriers() {
        boolean whole = !cut && one.isUp() && other.isUp();
        one.carrier(whole);
        other.carrier(whole);
    }

    /// Takes a frame that `from` sends, or answers false, when it stays the sender's.
    boolean send(CableEnd from, PacketBuffer p) {
        boolean outward = from.equals(one);
        if (capture.isPresent()) {
            Capture c = capture.get();
            (outward ? c.one() : c.other()).record(p, Direction.OUTBOUND, captureClock.getAsLong());
            c.file().drain();
        }
        lab.wake();
        Line.Fate fate = (outward ? there : back).send(p);
        if (fate != Line.Fate.CARRIED) {
            lab.tracer().ifPresent(t -> t.cable(this, fate));
        }
        return fate != Line.Fate.FULL;
    }

    boolean isEmpty() {
        return deadline() == NEVER;
    }

    int turn(long now) {
        return there.turn(now) + back.turn(now);
    }

    @Override
    public long deadline() {
        return Math.min(there.deadline(), back.deadline());
    }

    void clear() {
        there.clear();
        back.clear();
    }

    /// Its name and its ends.
    @Override
    public String toString() {
        return name() + ": " + spec.one() + " -- " + spec.other();
    }
}
