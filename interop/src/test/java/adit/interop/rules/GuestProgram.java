package adit.interop.rules;

import adit.interop.Needs;
import adit.interop.guest.Guest;
import adit.interop.host.LocalCommand;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;

/// A small C program for the guest, made here: the guest has the C library of this machine.
///
/// @param name what it is called
/// @param octets what it is, in base64
record GuestProgram(String name, String octets) {
    /// Makes the program whose source is `NAME.c` beside this class. Skips where there is no compiler.
    static GuestProgram compile(String name, Path directory) throws IOException {
        Needs.compiler();
        Path source = directory.resolve(name + ".c");
        try (InputStream in = GuestProgram.class.getResourceAsStream(name + ".c")) {
            Files.copy(in, source);
        }
        Path made = directory.resolve(name);
        LocalCommand.output("gcc", "-O1", "-s", "-Wall", "-Werror", "-o", made.toString(), source.toString());
        return new GuestProgram(name, Base64.getMimeEncoder().encodeToString(Files.readAllBytes(made)));
    }

    /// The same with a directory of its own, which it needs no longer afterwards.
    static GuestProgram compile(String name) {
        try {
            Path directory = Files.createTempDirectory("adit-program");
            try {
                return compile(name, directory);
            } finally {
                for (String left : List.of(name + ".c", name)) {
                    Files.deleteIfExists(directory.resolve(left));
                }
                Files.delete(directory);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Where it is in a guest.
    String path() {
        return "/run/" + name;
    }

    /// Puts it into a guest, unless it is there.
    void install(Guest guest) {
        guest.run("""
                [ -x %1$s ] && exit 0
                base64 -d > %1$s << 'end-of-program'
                %2$s
                end-of-program
                chmod +x %1$s
                """.formatted(path(), octets));
    }

    /// Runs it in a namespace as [GuestIp#alone] makes it, with these lines for its input; then runs `ip` with the
    /// words of a line. Answers the lines that both have written.
    List<String> run(List<String> lines, String ip) {
        return GuestIp.alone("""
                base64 -d > /run/%1$s << 'end-of-program'
                %2$s
                end-of-program
                chmod +x /run/%1$s
                /run/%1$s << 'end-of-lines'
                %3$s
                end-of-lines
                ip %4$s
                """.formatted(name, octets, String.join("\n", lines), ip))
                .lines()
                .toList();
    }
}
