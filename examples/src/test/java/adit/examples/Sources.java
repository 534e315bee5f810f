package adit.examples;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/// The files of the source tree that the tests run in.
final class Sources {
    private Sources() {}

    /// The text of a file, named from the root of the tree.
    static String read(String file) throws IOException {
        Path root = Stream.iterate(Path.of("").toAbsolutePath(), Path::getParent)
                .filter(folder -> Files.exists(folder.resolve("ARCHITECTURE.md")))
                .findFirst()
                .orElseThrow();
        return Files.readString(root.resolve(file));
    }
}
