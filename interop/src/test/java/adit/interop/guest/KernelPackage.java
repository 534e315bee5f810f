package adit.interop.guest;

import adit.interop.host.LocalCommand;
import adit.interop.host.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// A Debian package with a kernel image for virtual machines.
///
/// @param name such as linux-image-6.12.117+deb12-cloud-amd64
/// @param version such as 6.12.117-1~deb12u1
public record KernelPackage(String name, String version) {
    /// The packages that depend on the newest kernel of a series. Which series each one stands for differs
    /// between Debian releases, so all are asked.
    private static final String META =
            "linux-image-cloud-amd64 linux-image-6.12-cloud-amd64 linux-image-6.1-cloud-amd64";

    private static final Duration PATIENCE = Duration.ofMinutes(15);

    /// Mirrors fail now and then, apt gives up at the first refusal, and the lists may be older than what
    /// mirrors have.
    private static final String DOWNLOAD = """
            cd "$1" || exit
            for pause in 0 5 20 60; do
                sleep $pause
                timeout 300 apt-get -o Acquire::Retries=5 -o Acquire::http::Timeout=30 download "$2" && exit
                rm -f *.deb
                apt-get -q -o Acquire::Retries=5 update
            done
            exit 1
            """;

    /// A line such as `Depends: linux-image-6.1.0-56-cloud-amd64 (= 6.1.192-2)`.
    private static final Pattern DEPENDS = Pattern.compile("Depends: (linux-image-\\S+) \\(= (\\S+)\\)");

    /// The newest package of a series such as "6.12" that apt can install. Throws when it knows none, also
    /// after it has looked for news, which takes root.
    public static KernelPackage newest(String series) throws IOException {
        Optional<KernelPackage> known = known(series);
        if (known.isEmpty()) {
            LocalCommand.run(PATIENCE, List.of("apt-get", "-q", "-o", "Acquire::Retries=5", "update"));
            known = known(series);
        }
        return known.orElseThrow(() -> new IOException("apt knows no kernel package of series " + series
                + "; run apt-get update, and see that the security and updates suites are among apt's sources"));
    }

    private static Optional<KernelPackage> known(String series) throws IOException {
        // apt-cache fails when it doesn't know one of the names, and shows the others all the same.
        String known =
                LocalCommand.output("sh", "-c", "apt-cache show --no-all-versions " + META + " 2>/dev/null || :");
        return DEPENDS.matcher(known)
                .results()
                .filter(depends -> depends.group(1).startsWith("linux-image-" + series + "."))
                .map(depends -> new KernelPackage(depends.group(1), depends.group(2)))
                .findFirst();
    }

    /// Fetches the package into `directory`, which must be empty, and answers the file.
    Path download(Path directory) throws IOException {
        Outcome outcome = LocalCommand.run(
                PATIENCE, List.of("sh", "-c", DOWNLOAD, "sh", directory.toString(), name + "=" + version));
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(file -> file.toString().endsWith(".deb"))
                    .findFirst()
                    .orElseThrow(() -> new IOException("can't download " + name + " " + version + ": "
                            + outcome.output().strip()));
        }
    }

    /// What to call a directory that holds what was made of it.
    String directory() {
        return name + "_" + version.replace(':', '_');
    }
}
