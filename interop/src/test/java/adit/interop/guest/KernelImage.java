package adit.interop.guest;

import adit.interop.host.LocalCommand;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;

/// A kernel that is ready to boot, in the cache of this user.
///
/// Making one fetches about 30 MB and takes some seconds; afterwards the cache answers. It is filled under a
/// lock and by renaming, so that runs side by side or a killed one do no harm, and its checksums are checked
/// each time.
///
/// @param vmlinux the kernel as an ELF file
/// @param modules a cpio archive of its modules
public record KernelImage(Path vmlinux, Path modules) {
    private static final String VMLINUX = "vmlinux";
    private static final String MODULES = "modules.cpio";
    private static final String SUMS = "SHA256SUMS";
    /// Raised when what is made of a package changes, so that older directories are no longer used.
    private static final int FORMAT = 1;

    /// The image made of the newest package of a series such as "6.12"; when apt can't be asked, the newest
    /// that an earlier run left in the cache.
    public static KernelImage newest(String series) throws IOException {
        Path cache = cache();
        try {
            return of(KernelPackage.newest(series), cache);
        } catch (IOException e) {
            try (Stream<Path> directories = Files.list(cache)) {
                for (Path directory : directories
                        .filter(d -> d.getFileName().toString().startsWith("linux-image-" + series + "."))
                        .sorted(Comparator.comparing(Path::toString).reversed())
                        .toList()) {
                    if (intact(directory)) {
                        return at(directory);
                    }
                }
            }
            throw e;
        }
    }

    private static KernelImage of(KernelPackage kernel, Path cache) throws IOException {
        Path directory = cache.resolve(kernel.directory() + "-" + FORMAT);
        try (FileChannel lock =
                        FileChannel.open(cache.resolve(".lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                FileLock held = lock.lock()) {
            assert held.isValid();
            if (!intact(directory)) {
                delete(directory);
                build(kernel, directory);
            }
        }
        return at(directory);
    }

    private static KernelImage at(Path directory) {
        return new KernelImage(directory.resolve(VMLINUX), directory.resolve(MODULES));
    }

    private static Path cache() throws IOException {
        String home = System.getenv("XDG_CACHE_HOME");
        Path base =
                home != null && !home.isEmpty() ? Path.of(home) : Path.of(System.getProperty("user.home"), ".cache");
        return Files.createDirectories(base.resolve("adit/guest"));
    }

    private static void build(KernelPackage kernel, Path directory) throws IOException {
        Path work = Files.createTempDirectory(directory.getParent(), ".building");
        try {
            Path download = Files.createDirectory(work.resolve("download"));
            Path tree = Files.createDirectory(work.resolve("tree"));
            LocalCommand.output("dpkg-deb", "-x", kernel.download(download).toString(), tree.toString());
            String release = only(tree.resolve("lib/modules"));
            Path image = Files.createDirectory(work.resolve("image"));
            byte[] vmlinux = Vmlinux.unpack(Files.readAllBytes(tree.resolve("boot/vmlinuz-" + release)));
            byte[] modules = KernelModules.archive(tree, release).toByteArray();
            Files.write(image.resolve(VMLINUX), vmlinux);
            Files.write(image.resolve(MODULES), modules);
            Files.writeString(image.resolve(SUMS), sums(image));
            Files.move(image, directory, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            delete(work);
        }
    }

    private static String only(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.findFirst()
                    .orElseThrow(() -> new IOException("nothing in " + directory))
                    .getFileName()
                    .toString();
        }
    }

    private static boolean intact(Path directory) throws IOException {
        Path sums = directory.resolve(SUMS);
        return Files.exists(sums) && Files.readString(sums).equals(sums(directory));
    }

    /// In the form that sha256sum checks.
    private static String sums(Path directory) throws IOException {
        StringBuilder lines = new StringBuilder();
        for (String name : List.of(VMLINUX, MODULES)) {
            Path file = directory.resolve(name);
            lines.append(Files.exists(file) ? sha256(Files.readAllBytes(file)) : "absent")
                    .append("  ")
                    .append(name)
                    .append('\n');
        }
        return lines.toString();
    }

    private static String sha256(byte[] octets) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(octets));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every JDK has SHA-256", e);
        }
    }

    private static void delete(Path tree) throws IOException {
        if (!Files.exists(tree)) {
            return;
        }
        try (Stream<Path> walk = Files.walk(tree)) {
            for (Path path : walk.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }
}
