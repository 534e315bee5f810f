package adit.bench.rig;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/// Commands with a limit on their time.
final class Shell {
    private Shell() {}

    /// Runs a command and answers its standard output. Throws an [IOException] with the end of what the command said
    /// when it fails or isn't done in time; then it is killed.
    static String run(Duration limit, List<String> command) throws IOException, InterruptedException {
        Path out = Files.createTempFile("bench", ".out");
        Path err = Files.createTempFile("bench", ".err");
        try {
            Process process = new ProcessBuilder(command)
                    .redirectOutput(out.toFile())
                    .redirectError(err.toFile())
                    .start();
            try {
                if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
                    throw new IOException(name(command) + ": not done after " + limit.toSeconds() + " s");
                }
            } finally {
                kill(process);
            }
            if (process.exitValue() != 0) {
                throw new IOException(name(command) + ": exit " + process.exitValue() + lastLine(err) + lastLine(out));
            }
            return Files.readString(out);
        } finally {
            Files.delete(out);
            Files.delete(err);
        }
    }

    /// A command as a person would name it: without the namespace it runs in and the folder it comes from.
    private static String name(List<String> command) {
        List<String> words = command.size() > 4 && command.subList(0, 3).equals(List.of("ip", "netns", "exec"))
                ? command.subList(4, command.size())
                : command;
        return String.join(" ", words).replaceFirst("^\\S*/", "");
    }

    /// The same for a command that needs no more than a few seconds.
    static String run(String... command) throws IOException, InterruptedException {
        return run(Duration.ofSeconds(10), List.of(command));
    }

    /// Whether a program is there.
    static boolean has(String program) {
        return Stream.concat(Stream.of(System.getenv("PATH").split(":")), Stream.of("/usr/sbin", "/sbin"))
                .anyMatch(folder -> Files.isExecutable(Path.of(folder, program)));
    }

    /// The obstacle when one of Debian's programs isn't there, with the remedy.
    static Optional<String> missing(String program, String debianPackage) {
        return has(program) ? Optional.empty() : Optional.of("not installed: apt-get install " + debianPackage);
    }

    /// The version of an installed Debian package, empty when it isn't one.
    static String debianVersion(String name) throws InterruptedException {
        try {
            return run("dpkg-query", "-W", "-f", "${Version}", name).strip();
        } catch (IOException e) {
            return "";
        }
    }

    /// Ends a process and all that it started, and waits for them.
    static void kill(Process process) throws InterruptedException {
        List<ProcessHandle> tree = Stream.concat(process.descendants(), Stream.of(process.toHandle()))
                .toList();
        tree.forEach(ProcessHandle::destroyForcibly);
        process.waitFor();
    }

    /// `: ` and the last line of a file that says something; empty when none does.
    static String lastLine(Path file) throws IOException {
        if (!Files.exists(file)) {
            return "";
        }
        List<String> lines =
                Files.readAllLines(file).stream().filter(l -> !l.isBlank()).toList();
        return lines.isEmpty() ? "" : ": " + lines.getLast().strip();
    }
}
