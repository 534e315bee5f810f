package adit.iproute;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;

/// Names of users and groups, from /etc/passwd and /etc/group.
final class Accounts {
    private static final Path USERS = Path.of("/etc/passwd");
    private static final Path GROUPS = Path.of("/etc/group");

    private Accounts() {}

    static Optional<String> userName(long id) {
        return name(USERS, id);
    }

    static Optional<String> groupName(long id) {
        return name(GROUPS, id);
    }

    static OptionalInt user(String name) {
        return id(USERS, name);
    }

    static OptionalInt group(String name) {
        return id(GROUPS, name);
    }

    private static Optional<String> name(Path file, long id) {
        return rows(file)
                .filter(f -> f.length > 2 && f[2].equals(Long.toString(id)))
                .map(f -> f[0])
                .findFirst();
    }

    private static OptionalInt id(Path file, String name) {
        return rows(file)
                .filter(f -> f.length > 2 && f[0].equals(name) && f[2].matches("[0-9]{1,9}"))
                .mapToInt(f -> Integer.parseInt(f[2]))
                .findFirst();
    }

    private static Stream<String[]> rows(Path file) {
        List<String> lines;
        try {
            lines = Files.readAllLines(file, StandardCharsets.UTF_8);
        } catch (IOException e) {
            // Without the file nobody has a name, and numbers serve.
            lines = List.of();
        }
        return lines.stream().map(line -> line.split(":", -1));
    }
}
