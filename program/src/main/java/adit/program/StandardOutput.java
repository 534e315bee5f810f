package adit.program;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/// The standard output of the process, which remembers why it could not be written. Writers on top of it swallow that,
/// and who asked for a report must not be told that all went well while the disk was full.
final class StandardOutput extends OutputStream {
    private static final Path OURS = Path.of("/proc/self/fd/1");

    private final OutputStream file;
    private volatile String fault = "";

    StandardOutput() {
        this(new FileOutputStream(FileDescriptor.out));
    }

    private StandardOutput(OutputStream file) {
        this.file = file;
    }

    @Override
    public void write(int octet) throws IOException {
        write(new byte[] {(byte) octet}, 0, 1);
    }

    @Override
    public void write(byte[] octets, int offset, int length) throws IOException {
        try {
            file.write(octets, offset, length);
        } catch (IOException e) {
            fault = e.getMessage();
            throw e;
        }
    }

    /// Why something of the output was lost. Nothing where its reader went away: `| head -1` has had what it wanted.
    Optional<String> fault() {
        return fault.isEmpty() || hasReader() ? Optional.empty() : Optional.of(fault);
    }

    /// What the system says of a reader that went away is in the user's language, so the kind of file is asked for.
    private static boolean hasReader() {
        try {
            String target = Files.readSymbolicLink(OURS).toString();
            return target.startsWith("pipe:") || target.startsWith("socket:");
        } catch (IOException e) {
            return false;
        }
    }
}
