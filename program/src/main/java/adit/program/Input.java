package adit.program;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/// A file named on the command line, or the standard input where the name is `-`.
///
/// @param name what to call it in messages
/// @param stream its octets; closed by whoever opened the input
record Input(String name, InputStream stream) implements AutoCloseable {
    /// Opens `file`, with a [Failure] that says why when that can't be done.
    static Input open(String file, Terminal terminal) {
        if (file.equals("-")) {
            return new Input("stdin", terminal.in());
        }
        String shown = WrongUsage.shown(file);
        try {
            if (file.isEmpty()) {
                throw Failure.usage("the file's name is empty", "");
            }
            Path path = Path.of(file);
            if (Files.isDirectory(path)) {
                throw Failure.usage(shown + " is a directory", "");
            }
            return new Input(file, Files.newInputStream(path));
        } catch (NoSuchFileException e) {
            throw Failure.usage("there is no file " + shown, "");
        } catch (AccessDeniedException e) {
            throw Failure.usage("no permission to read " + shown, "");
        } catch (InvalidPathException e) {
            throw Failure.usage("\"" + shown + "\" can't be a file's name", "");
        } catch (IOException e) {
            throw Failure.usage("can't open " + shown + ": " + reason(e), "");
        }
    }

    /// Why, without the name, which may be very long.
    private static String reason(IOException e) {
        return e instanceof FileSystemException f && f.getReason() != null ? f.getReason() : e.getMessage();
    }

    @Override
    public void close() throws IOException {
        stream.close();
    }
}
