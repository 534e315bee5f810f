package adit.linux;

import adit.device.Errno;
import adit.linux.sys.Libc;
import adit.linux.sys.LibcProcess;
import adit.linux.sys.Sched;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/// Network namespaces under a name, kept as iproute2 keeps them: an empty file `/run/netns/NAME` onto which the
/// namespace is bind-mounted. So `ip netns` and this see the same ones.
final class NamedNetns {
    private static final Path FOLDER = Path.of("/run/netns");

    private NamedNetns() {}

    static void check(String name) {
        if (name.isEmpty() || name.length() > 255 || name.indexOf('/') >= 0 || name.equals(".") || name.equals("..")) {
            throw new IllegalArgumentException("not a name for a network namespace: '" + name + "'");
        }
    }

    static Path place(String name) {
        return FOLDER.resolve(name);
    }

    static List<String> list() throws IOException {
        try (Stream<Path> files = Files.list(FOLDER)) {
            return files.map(f -> f.getFileName().toString()).sorted().toList();
        } catch (NoSuchFileException e) {
            return List.of();
        }
    }

    /// Makes the file that the namespace will be mounted on. The folder is a shared mount, so that a namespace
    /// deleted here is gone in other mount namespaces as well, which would keep it alive otherwise.
    static Path makePlace(String name) throws IOException {
        try {
            Files.createDirectories(FOLDER);
        } catch (AccessDeniedException e) {
            throw denied(FOLDER);
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment folder = arena.allocateFrom(FOLDER.toString());
            MemorySegment none = arena.allocateFrom("none");
            int shared = mount(none, folder, none, Sched.MS_SHARED | Sched.MS_REC);
            if (shared == -Errno.EINVAL) {
                // It is no mount point yet.
                LinuxException.check(
                        mount(folder, folder, none, Sched.MS_BIND | Sched.MS_REC), "mount", FOLDER.toString());
                shared = mount(none, folder, none, Sched.MS_SHARED | Sched.MS_REC);
            }
            LinuxException.check(shared, "mount", FOLDER.toString());
        }
        Path place = place(name);
        try {
            return Files.createFile(place);
        } catch (FileAlreadyExistsException e) {
            throw new LinuxException("open", place.toString(), Errno.EEXIST, "ip netns delete " + name);
        } catch (AccessDeniedException e) {
            throw denied(place);
        }
    }

    private static LinuxException denied(Path place) {
        return new LinuxException(
                "open", place.toString(), Errno.EACCES, "a name needs root; an anonymous namespace needs less");
    }

    /// Mounts the calling thread's namespace on `place`.
    static void pin(Path place) throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment own = arena.allocateFrom("/proc/thread-self/ns/net");
            MemorySegment target = arena.allocateFrom(place.toString());
            MemorySegment none = arena.allocateFrom("none");
            LinuxException.check(mount(own, target, none, Sched.MS_BIND), "mount", place.toString());
        }
    }

    static void delete(String name) throws IOException {
        Path place = place(name);
        try (Arena arena = Arena.ofConfined()) {
            int answer = LibcProcess.umount2(Libc.errnoState(), arena.allocateFrom(place.toString()), Sched.MNT_DETACH);
            // A file on which nothing is mounted is what a failed creation leaves; it goes as well.
            if (answer < 0 && answer != -Errno.EINVAL) {
                throw new LinuxException("umount2", place.toString(), -answer);
            }
        }
        Files.deleteIfExists(place);
    }

    private static int mount(MemorySegment source, MemorySegment target, MemorySegment type, long flags) {
        return LibcProcess.mount(Libc.errnoState(), source, target, type, flags, MemorySegment.NULL);
    }
}
