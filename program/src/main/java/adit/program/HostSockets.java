package adit.program;

import adit.iproute.remote.HostServer;
import adit.iproute.remote.RemoteHost;
import java.io.IOException;
import java.net.ConnectException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// Where `adit ip --on NAME` finds a running `adit lab` or `adit up`: a Unix socket `NAME.ip` in the folder of
/// [ControlSocket], which only its user may open.
final class HostSockets implements AutoCloseable {
    private static final Pattern FILE = Pattern.compile("([A-Za-z0-9][A-Za-z0-9_.-]*)\\.ip");

    private final String name;
    private final Path path;
    private final HostServer server;

    private HostSockets(String name, Path path, HostServer server) {
        this.name = name;
        this.path = path;
        this.server = server;
    }

    private static Path path(String name) {
        return ControlSocket.folder().resolve(name + ".ip");
    }

    /// Serves `hosts` by the name `name` from now on. A socket that a process which is gone left is replaced.
    ///
    /// @throws Failure when another process serves this name
    static HostSockets open(String name, HostServer.Hosts hosts) throws IOException {
        Path folder = ControlSocket.makeFolder();
        Path path = path(name);
        if (answers(path)) {
            throw Failure.runtime(name + " is running already", "adit ip --on " + name + " acts on it");
        }
        sweep(folder);
        // Nobody else may come near the socket before it has its permissions, and its name appears at once.
        Path nursery = Files.createTempDirectory(
                folder, ".new", PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        Path born = nursery.resolve("s");
        ServerSocketChannel channel = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        try {
            channel.bind(UnixDomainSocketAddress.of(born));
            Files.setPosixFilePermissions(born, PosixFilePermissions.fromString("rw-------"));
            Files.move(born, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            return new HostSockets(name, path, HostServer.start(channel, hosts));
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        } finally {
            Files.deleteIfExists(born);
            Files.deleteIfExists(nursery);
        }
    }

    /// Removes the sockets that killed processes left. One that is found by its name has always been listened to.
    private static void sweep(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                if (FILE.matcher(file.getFileName().toString()).matches() && isLeft(file)) {
                    Files.deleteIfExists(file);
                }
            }
        }
    }

    /// Whether nobody listens to a socket any more: not that we may not ask, or that the one who listens is busy.
    private static boolean isLeft(Path path) {
        try (SocketChannel _ = SocketChannel.open(UnixDomainSocketAddress.of(path))) {
            return false;
        } catch (ConnectException e) {
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    /// What `adit ip --on` calls it.
    String name() {
        return name;
    }

    /// Whether something of that name runs.
    static boolean isRunning(String name) {
        return answers(path(name));
    }

    /// Whether somebody listens at a socket.
    private static boolean answers(Path path) {
        try (SocketChannel _ = SocketChannel.open(UnixDomainSocketAddress.of(path))) {
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    @Override
    public void close() throws IOException {
        server.close();
        Files.deleteIfExists(path);
    }

    /// The host that `adit ip --on NAME` acts on.
    ///
    /// @throws Failure when nothing of that name runs, with what does
    static RemoteHost connect(String name) throws IOException {
        if (!FILE.matcher(name + ".ip").matches()) {
            throw Failure.usage("\"" + name + "\" can't be the name of a lab", "");
        }
        ControlSocket.requireOwn(ControlSocket.folder());
        Path path = path(name);
        if (answers(path)) {
            return new RemoteHost(path, "");
        }
        boolean left = Files.exists(path);
        if (left && !Files.isWritable(path)) {
            throw Failure.runtime("no right to act on " + name + ": " + path + " is another user's", "");
        }
        if (left) {
            Files.deleteIfExists(path);
        }
        List<String> running = names();
        throw Failure.runtime(
                "no " + name + " is running" + (left ? "; the process that had that name is gone" : ""),
                running.isEmpty()
                        ? "adit lab NAME starts one; sockets are looked for in " + ControlSocket.folder()
                        : "running: " + String.join(", ", running));
    }

    /// What answers of this user's labs and tunnels.
    private static List<String> names() throws IOException {
        List<String> names = new ArrayList<>();
        try (Stream<Path> files = Files.list(ControlSocket.folder())) {
            for (Path file : files.sorted().toList()) {
                Matcher m = FILE.matcher(file.getFileName().toString());
                if (m.matches() && answers(file)) {
                    names.add(m.group(1));
                }
            }
        } catch (NoSuchFileException e) {
            return List.of();
        }
        return names;
    }
}
