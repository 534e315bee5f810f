package adit.program;

import adit.capture.CaptureFile;
import adit.capture.CaptureInterface;
import adit.capture.CaptureLane;
import adit.capture.CapturePort;
import adit.capture.Direction;
import adit.capture.LinkType;
import adit.port.Port;
import adit.program.memory.Tap;
import adit.tunnel.Drop;
import adit.tunnel.DropObserver;
import adit.tunnel.Mode;
import adit.wire.EtherType;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;

/// The capture file of a demonstration, or none.
final class DemoCapture implements Tap, AutoCloseable {
    private static final byte[][] COMMENTS = Arrays.stream(Drop.values())
            .map(reason -> "dropped: " + reason.name().toLowerCase(Locale.ROOT))
            .map(text -> text.getBytes(StandardCharsets.UTF_8))
            .toArray(byte[][]::new); // at most 64 octets each

    private final Optional<CaptureFile> file;
    private final Map<String, CaptureInterface> drops = new HashMap<>();

    private DemoCapture(Optional<CaptureFile> file) {
        this.file = file;
    }

    /// A file at `path`, in place of one that is there; none when `path` is null.
    static DemoCapture open(Path path) throws IOException {
        if (path == null) {
            return new DemoCapture(Optional.empty());
        }
        CaptureFile file = CaptureFile.create(path);
        file.drainInBackground();
        return new DemoCapture(Optional.of(file));
    }

    /// A port of the kernel's, recorded as the interface `name`.
    Port around(String name, Port port, Mode mode) {
        LinkType type = mode == Mode.IPIP ? LinkType.RAW : LinkType.LINUX_SLL;
        return around(name, port, type, CaptureFile.WALL_CLOCK);
    }

    /// A port in memory, on a time of its own that starts at 1970.
    @Override
    public Port around(String name, Port port, LongSupplier clock) {
        LinkType type = name.endsWith("tun0") ? LinkType.LINUX_SLL : LinkType.RAW;
        return around(name, port, type, clock);
    }

    private Port around(String name, Port port, LinkType type, LongSupplier clock) {
        if (file.isEmpty()) {
            return port;
        }
        boolean overlay = name.contains("tun");
        try {
            return new CapturePort(
                    port,
                    file.get().add(name, type, overlay ? "overlay" : "underlay"),
                    overlay ? CapturePort.Side.OVERLAY : CapturePort.Side.UNDERLAY,
                    clock);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Records what a tunnel engine at `host` drops as the interface `host/drops`, the reason being the comment, under
    /// the name that it has in reports.
    @Override
    public DropObserver drops(String host, LongSupplier clock) {
        if (file.isEmpty()) {
            return DropObserver.NONE;
        }
        CaptureLane lane = drops.computeIfAbsent(host, this::addDrops).lane();
        return (p, reason) -> {
            // What stood in front of an unknown packet is shown too, where it is still there.
            int outer = p.protocol() == 0 ? p.addressing().outerHeaderLength : 0;
            if (outer > 0) {
                p.push(outer);
                p.protocol(EtherType.IPV4);
            }
            Direction direction = reason.side() == Drop.Side.OUTBOUND ? Direction.OUTBOUND : Direction.INBOUND;
            lane.record(p, direction, clock.getAsLong(), COMMENTS[reason.ordinal()]);
            if (outer > 0) {
                p.pull(outer);
                p.protocol(0);
            }
        };
    }

    private CaptureInterface addDrops(String host) {
        try {
            return file.orElseThrow().add(host + "/drops", LinkType.LINUX_SLL, "dropped by the tunnel");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() throws IOException {
        if (file.isPresent()) {
            file.get().close();
        }
    }
}
