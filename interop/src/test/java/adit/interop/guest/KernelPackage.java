package adit.interop.guest;

import adit.interop.host.LocalCommand;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
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

    /// A line such as `Depends: linux-image-6.1.0-56-cloud-amd64 (= 6.1.192-2)`.
    private static final Pattern DEPENDS = Pattern.compile("Depends: (linux-image-\\S+) \\(= (\\S+)\\)");

    /// The newest package of a series such as "6.12" that apt can install. Throws when it knows none.
    public static KernelPackage newest(String series) throws IOException {
        // apt-cache fails when it doesn't know one of the names, and shows the others all the same.
        String known =
                LocalCommand.output("sh", "-c", "apt-cache show --no-all-versions " + META + " 2>/dev/null || :");
        Matcher depends = DEPENDS.matcher(known);
        while (depends.find()) {
            if (depends.group(1).startsWith("linux-image-" + series + ".")) {
                return new KernelPackage(depends.group(1), depends.group(2));
            }
        }
        throw new IOException("apt knows no kernel package of series " + series
                + "; run apt-get update, and see that the security and updates suites are among apt's sources");
    }

    /// Fetches the package into `directory`, which must be empty, and answers the file.
    Path download(Path directory) throws IOException {
        LocalCommand.output(
                "sh", "-c", "cd \"$1\" && apt-get download \"$2\"", "sh", directory.toString(), name + "=" + version);
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(file -> file.toString().endsWith(".deb"))
                    .findFirst()
                    .orElseThrow(() -> new IOException("apt-get download left no package in " + directory));
        }
    }

    /// What to call a directory that holds what was made of it.
    String directory() {
        return name + "_" + version.replace(':', '_');
    }
}
