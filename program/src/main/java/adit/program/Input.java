package adit.program;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.AccessDeniedException;
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
        try {
            Path path = Path.of(file);
            if (Files.isDirectory(path)) {
                throw Failure.usage(file + " is a directory", "");
            }
            return new Input(file, Files.newInputStream(path));
        } catch (NoSuchFileException e) {
            throw Failure.usage("there is no file " + file, "");
        } catch (AccessDeniedException e) {
            throw Failure.usage("no permission to read " + file, "");
        } catch (InvalidPathException e) {
            throw Failure.usage("\"" + file + "\" can't be a file's name", "");
        } catch (IOException e) {
            throw Failure.usage("can't open " + file + ": " + e.getMessage(), "");
        }
    }

    @Override
    public void close() throws IOException {
        stream.close();
    }
}
