package adit.program;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;

/// Where a running `adit up` answers `adit status`: a Unix socket `PID.sock` in a folder of the user's own.
/// Whoever connects is sent the status as JSON and the connection ends.
///
/// The folder is `$ADIT_RUNTIME_DIR`, else `adit` in `$XDG_RUNTIME_DIR`, else `/run/adit` for root and
/// `adit-USER` in the folder for temporary files for others; only the user may enter it.
final class ControlSocket implements AutoCloseable {
    private static final int LARGEST_ANSWER = 16 << 20;

    private final ServerSocketChannel server;
    private final Path path;

    private ControlSocket(ServerSocketChannel server, Path path) {
        this.server = server;
        this.path = path;
    }

    static Path folder() {
        String own = System.getenv("ADIT_RUNTIME_DIR");
        if (own != null && !own.isEmpty()) {
            return Path.of(own);
        }
        String session = System.getenv("XDG_RUNTIME_DIR");
        if (session != null && !session.isEmpty()) {
            return Path.of(session, "adit");
        }
        String user = user();
        return user.equals("root")
                ? Path.of("/run/adit")
                : Path.of(System.getProperty("java.io.tmpdir"), "adit-" + user);
    }

    /// The folder, which is made when it is not there.
    static Path makeFolder() throws IOException {
        Path folder = folder();
        if (!Files.isDirectory(folder)) {
            Files.createDirectories(
                    folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        }
        requireOwn(folder);
        return folder;
    }

    /// In a folder for everybody's temporary files somebody else may have made ours first, to listen or to answer in
    /// our stead.
    static void requireOwn(Path folder) throws IOException {
        if (!Files.exists(folder, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        String user = user();
        String owner = Files.getOwner(folder, LinkOption.NOFOLLOW_LINKS).getName();
        if (isEverybodys(folder) && !owner.equals(user)) {
            throw Failure.runtime(
                    folder + " is not " + user + "'s but " + owner + "'s",
                    "set ADIT_RUNTIME_DIR to a folder that only you may enter");
        }
    }

    private static boolean isEverybodys(Path folder) {
        return folder.startsWith(System.getProperty("java.io.tmpdir"))
                && folder.getFileName().toString().equals("adit-" + user());
    }

    private static String user() {
        return user(System.getProperty("user.name"));
    }

    /// The user as owners of files are called: by number where the system has no name for him, as in containers that
    /// run under any number. The JVM says `?` then, and would say so of all of them.
    static String user(String name) {
        if (!name.equals("?")) {
            return name;
        }
        try {
            return Files.getOwner(Path.of("/proc/self")).getName();
        } catch (IOException e) {
            return name;
        }
    }

    /// Answers from now on with what `status` supplies, on a thread of its own.
    static ControlSocket open(Supplier<String> status) throws IOException {
        Path path = makeFolder().resolve(ProcessHandle.current().pid() + ".sock");
        Files.deleteIfExists(path);
        ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        try {
            server.bind(UnixDomainSocketAddress.of(path));
            ControlSocket socket = new ControlSocket(server, path);
            Thread.ofPlatform().name("adit-control").daemon().start(() -> socket.serve(status));
            return socket;
        } catch (Throwable t) {
            server.close();
            throw t;
        }
    }

    private void serve(Supplier<String> status) {
        while (server.isOpen()) {
            try (SocketChannel client = server.accept()) {
                ByteBuffer answer = ByteBuffer.wrap(status.get().getBytes(StandardCharsets.UTF_8));
                while (answer.hasRemaining()) {
                    client.write(answer);
                }
            } catch (IOException e) {
                // This client went away, or the socket was closed, which the condition sees.
            }
        }
    }

    @Override
    public void close() throws IOException {
        server.close();
        Files.deleteIfExists(path);
    }

    /// The processes of this user that answer.
    static List<Long> processes() throws IOException {
        Path folder = folder();
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        requireOwn(folder);
        List<Long> found = new ArrayList<>();
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.sorted().toList()) {
                String name = file.getFileName().toString();
                if (name.matches("[0-9]+\\.sock")) {
                    found.add(Long.parseLong(name.substring(0, name.length() - ".sock".length())));
                }
            }
        } catch (FileSystemException e) {
            throw Failure.runtime("can't look into " + folder + ": " + e.getReason(), "");
        }
        return found;
    }

    /// The status of a process; nothing when it does not answer. The socket that a killed process left is
    /// removed.
    static Optional<String> ask(long pid) throws IOException {
        Path path = folder().resolve(pid + ".sock");
        try (SocketChannel socket = SocketChannel.open(UnixDomainSocketAddress.of(path))) {
            byte[] answer = Channels.newInputStream(socket).readNBytes(LARGEST_ANSWER);
            return Optional.of(new String(answer, StandardCharsets.UTF_8));
        } catch (IOException e) {
            if (ProcessHandle.of(pid).isEmpty()) {
                Files.deleteIfExists(path);
            }
            return Optional.empty();
        }
    }
}
