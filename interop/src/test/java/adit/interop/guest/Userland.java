package adit.interop.guest;

import adit.interop.host.LocalCommand;
import adit.interop.host.Outcome;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The programs of a guest, taken from this machine: busybox for the many small ones, and the real ones where
/// the applets fall short. dash is its shell, because busybox's own prefers applets to programs of the same
/// name.
final class Userland {
    private static final List<String> PROGRAMS = List.of("busybox", "dash", "ip", "tc", "nstat", "ping");
    private static final Pattern LIBRARY = Pattern.compile("(/\\S+) \\(0x");

    private Userland() {}

    /// An archive with the programs, the libraries that they load, and the script that starts it all.
    static byte[] archive() throws IOException {
        CpioArchive archive = new CpioArchive().device("dev/console", 5, 1).device("dev/null", 1, 3);
        TreeSet<String> libraries = new TreeSet<>();
        for (String program : PROGRAMS) {
            Path file = find(program);
            archive.program("usr/sbin/" + program, Files.readAllBytes(file));
            // Fails for a program that is linked statically, and names no library then.
            Outcome loads = LocalCommand.run(Duration.ofMinutes(1), List.of("ldd", file.toString()));
            Matcher library = LIBRARY.matcher(loads.output());
            while (library.find()) {
                libraries.add(library.group(1));
            }
        }
        for (String library : libraries) {
            archive.program(library.substring(1), Files.readAllBytes(Path.of(library)));
        }
        try (InputStream init = Userland.class.getResourceAsStream("init")) {
            return archive.program("init", init.readAllBytes()).toByteArray();
        }
    }

    private static Path find(String program) throws IOException {
        Path file = LocalCommand.find(program);
        if (file == null) {
            throw new IOException("there is no program " + program + " here to put into the guest");
        }
        return file.toRealPath();
    }
}
