package adit.interop.guest;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Set;

/// Writes an archive that the kernel unpacks into its first file system: cpio in the "newc" form (Linux,
/// Documentation/driver-api/early-userspace/buffer-format.rst). Archives may follow one another in one file.
final class CpioArchive {
    private static final int DIRECTORY = 0040755;
    private static final int PLAIN_FILE = 0100644;
    private static final int PROGRAM = 0100755;
    private static final int CHARACTER_DEVICE = 0020600;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final Set<String> directories = new HashSet<>();
    private int inode;

    /// Adds a file that may only be read.
    CpioArchive file(String path, byte[] content) {
        parents(path);
        return entry(path, PLAIN_FILE, content, 0, 0);
    }

    /// Adds a file that may be run.
    CpioArchive program(String path, byte[] content) {
        parents(path);
        return entry(path, PROGRAM, content, 0, 0);
    }

    /// Adds a character device.
    CpioArchive device(String path, int major, int minor) {
        parents(path);
        return entry(path, CHARACTER_DEVICE, new byte[0], major, minor);
    }

    /// Ends the archive and answers it.
    byte[] toByteArray() {
        entry("TRAILER!!!", 0, new byte[0], 0, 0);
        return out.toByteArray();
    }

    private void parents(String path) {
        for (int slash = path.indexOf('/'); slash > 0; slash = path.indexOf('/', slash + 1)) {
            String directory = path.substring(0, slash);
            if (directories.add(directory)) {
                entry(directory, DIRECTORY, new byte[0], 0, 0);
            }
        }
    }

    private CpioArchive entry(String path, int mode, byte[] content, int major, int minor) {
        byte[] name = (path + "\0").getBytes(StandardCharsets.UTF_8);
        int links = 1;
        // ino mode uid gid nlink mtime filesize devmajor devminor rdevmajor rdevminor namesize check
        int[] fields = {++inode, mode, 0, 0, links, 0, content.length, 0, 0, major, minor, name.length, 0};
        StringBuilder header = new StringBuilder("070701");
        for (int field : fields) {
            header.append("%08X".formatted(field));
        }
        out.writeBytes(header.toString().getBytes(StandardCharsets.US_ASCII));
        out.writeBytes(name);
        pad();
        out.writeBytes(content);
        pad();
        return this;
    }

    private void pad() {
        while (out.size() % 4 != 0) {
            out.write(0);
        }
    }
}
