package adit.program;

import adit.capture.CaptureFile;
import adit.capture.CapturePort;
import adit.capture.LinkType;
import adit.port.Port;
import adit.tunnel.Mode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.LongSupplier;

/// The capture file of a demonstration, or none.
final class DemoCapture implements AutoCloseable {
    private final Optional<CaptureFile> file;

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
    Port around(String name, Port port, LongSupplier clock) {
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

    @Override
    public void close() throws IOException {
        if (file.isPresent()) {
            file.get().close();
        }
    }
}
