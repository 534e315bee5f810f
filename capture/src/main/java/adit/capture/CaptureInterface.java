package adit.capture;

import java.util.ArrayList;
import java.util.List;

/// An interface of a [CaptureFile]. Each thread that records packets of it does so on a lane of its own.
public final class CaptureInterface {
    private final CaptureFile file;
    private final int id;
    private final String name;
    private final LinkType linkType;
    private final List<CaptureLane> lanes = new ArrayList<>();
    private long written;

    CaptureInterface(CaptureFile file, int id, String name, LinkType linkType) {
        this.file = file;
        this.id = id;
        this.name = name;
        this.linkType = linkType;
    }

    /// A new lane, for one thread.
    public CaptureLane lane() {
        return file.addLane(this);
    }

    int id() {
        return id;
    }

    /// Its name in the file.
    public String name() {
        return name;
    }

    /// What its packets begin with.
    public LinkType linkType() {
        return linkType;
    }

    List<CaptureLane> lanes() {
        return lanes;
    }

    long written() {
        return written;
    }

    void countWritten() {
        written++;
    }

    /// How many of its packets are not in the file, because a lane was full.
    public long missed() {
        synchronized (file) {
            return lanes.stream().mapToLong(CaptureLane::missed).sum();
        }
    }
}
