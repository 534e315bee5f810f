package adit.tun;

import adit.device.Errno;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;

/// The memory of this process by way of `/proc/self/mem`, where an address that is not mapped is an error to
/// read and no end of the process.
///
/// That file passes over the rights of a page, so `/proc/self/maps` is asked for them first. Both are opened
/// anew for each call, and not as channels, which an interrupt would close.
final class ProcessMemory implements UserMemory {
    static final ProcessMemory INSTANCE = new ProcessMemory();

    private static final Path MAPS = Path.of("/proc/self/maps");
    private static final String MEMORY = "/proc/self/mem";
    private static final int HEXADECIMAL = 16;

    private ProcessMemory() {}

    @Override
    public int read(long address, MemorySegment into) {
        byte[] octets = new byte[(int) into.byteSize()];
        if (!has(address, octets.length, Right.READ)) {
            return -Errno.EFAULT;
        }
        try (RandomAccessFile memory = new RandomAccessFile(MEMORY, "r")) {
            memory.seek(address);
            memory.readFully(octets);
        } catch (IOException _) {
            return -Errno.EFAULT;
        }
        MemorySegment.copy(octets, 0, into, ValueLayout.JAVA_BYTE, 0, octets.length);
        return 0;
    }

    @Override
    public int write(long address, MemorySegment from) {
        byte[] octets = from.toArray(ValueLayout.JAVA_BYTE);
        if (!has(address, octets.length, Right.WRITE)) {
            return -Errno.EFAULT;
        }
        try (RandomAccessFile memory = new RandomAccessFile(MEMORY, "rw")) {
            memory.seek(address);
            memory.write(octets);
        } catch (IOException _) {
            return -Errno.EFAULT;
        }
        return 0;
    }

    /// What a program may do with a page, at its place among the letters `rwxp`.
    private enum Right {
        READ('r'),
        WRITE('w');

        private final char letter;

        Right(char letter) {
            this.letter = letter;
        }
    }

    /// Whether all these octets lie in pages with this right, of one mapping or of several that follow each
    /// other.
    private static boolean has(long address, int octets, Right right) {
        long at = address;
        long end = address + octets;
        if (address <= 0 || end < address) {
            return false;
        }
        try {
            for (String line : Files.readAllLines(MAPS)) {
                int dash = line.indexOf('-');
                int space = line.indexOf(' ', dash);
                long from = Long.parseUnsignedLong(line, 0, dash, HEXADECIMAL);
                long to = Long.parseUnsignedLong(line, dash + 1, space, HEXADECIMAL);
                boolean here = at >= from && at < to;
                if (here && line.charAt(space + 1 + right.ordinal()) != right.letter) {
                    return false;
                }
                at = here ? to : at;
                if (at >= end) {
                    return true;
                }
            }
            return false;
        } catch (IOException _) {
            return false;
        }
    }
}
