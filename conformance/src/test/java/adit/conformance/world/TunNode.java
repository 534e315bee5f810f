package adit.conformance.world;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;

/// The file of the TUN driver, which every user may open: the driver itself decides who may do what. udev lets
/// everybody open /dev/net/tun; on a machine without it only root may, and callers without rights get a node of their
/// own.
final class TunNode {
    static final Path SYSTEMS = Path.of("/dev/net/tun");

    /// `misc` devices have the major number 10, the driver its minor 200 (Documentation/admin-guide/devices.txt).
    private static final String[] MAJOR_AND_MINOR = {"10", "200"};

    private TunNode() {}

    /// The one that is there if everybody may open it, else one that goes with the JVM.
    static Path forEverybody() {
        try {
            return Files.getPosixFilePermissions(SYSTEMS).contains(PosixFilePermission.OTHERS_WRITE) ? SYSTEMS : make();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Path make() throws IOException {
        Path folder = Files.createTempDirectory("tun");
        folder.toFile().deleteOnExit();
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        Path node = folder.resolve("tun");
        node.toFile().deleteOnExit();
        Process mknod = new ProcessBuilder(
                        "mknod", "-m", "666", node.toString(), "c", MAJOR_AND_MINOR[0], MAJOR_AND_MINOR[1])
                .inheritIO()
                .start();
        try {
            if (mknod.waitFor() != 0) {
                throw new IOException("mknod " + node + ": exit " + mknod.exitValue());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while mknod ran", e);
        }
        return node;
    }
}
