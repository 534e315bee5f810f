package adit.linux;

import adit.linux.sys.Fcntl;
import adit.linux.sys.Libc;
import adit.linux.sys.LibcProcess;
import adit.linux.sys.Platform;
import adit.linux.sys.Sched;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;

/// A network namespace of the kernel, with a thread of its own that lives in it.
///
/// A thread is in one network namespace at a time, and what it opens stays in that one: a TUN device or a
/// socket opened by [#call] works from any thread afterwards. Processes started by [#exec] are in it too.
///
/// ```java
/// try (Netns a = Netns.create()) {
///     a.exec("ip", "link", "set", "lo", "up").waitFor();
///     TunDevice tun = a.call(() -> TunDevice.open(TunSpec.tun("tun0")));
/// }
/// ```
///
/// An anonymous namespace lives as long as something in it: this object, a socket, a process. A named one (see
/// [NamedNetns]) lives until it is deleted.
///
/// Creating needs CAP_SYS_ADMIN. A process without it can have it in a user namespace, but the JVM can't enter
/// one, because the kernel lets only single-threaded processes do so. [#asRootOfItsOwn] makes the command line
/// that starts a program there from the beginning.
///
/// All methods may be called from any thread.
public final class Netns implements AutoCloseable {
    private final String name;
    private final Fd fd;
    private final ExecutorService inside;
    private final Thread thread;

    private Netns(String name, Fd fd, ExecutorService inside, Thread thread) {
        this.name = name;
        this.fd = fd;
        this.inside = inside;
        this.thread = thread;
    }

    /// The namespace of the calling thread. Needs no privilege.
    public static Netns current() throws LinuxException {
        // A new thread is where its maker is; to enter would need CAP_SYS_ADMIN, and to look around needs nothing.
        return entered("current", () -> Fd.open("/proc/thread-self/ns/net", Fcntl.O_RDONLY));
    }

    /// A new anonymous namespace. Its only device is lo, which is down.
    public static Netns create() throws LinuxException {
        return entered("anonymous", () -> {
            unshare();
            return Fd.open("/proc/thread-self/ns/net", Fcntl.O_RDONLY);
        });
    }

    /// A new namespace with a name, as `ip netns add` makes it.
    public static Netns create(String name) throws IOException {
        NamedNetns.check(name);
        Path place = NamedNetns.makePlace(name);
        try {
            return entered(name, () -> {
                unshare();
                NamedNetns.pin(place);
                return Fd.open(place.toString(), Fcntl.O_RDONLY);
            });
        } catch (Throwable t) {
            try {
                NamedNetns.delete(name);
            } catch (IOException e) {
                t.addSuppressed(e);
            }
            throw t;
        }
    }

    /// The namespace that somebody made under this name.
    public static Netns open(String name) throws LinuxException {
        NamedNetns.check(name);
        return around(name, Fd.open(NamedNetns.place(name).toString(), Fcntl.O_RDONLY));
    }

    /// A namespace that `fd` names, such as one that [TunControl#deviceNamespace] answers. Owns `fd` from then
    /// on.
    public static Netns around(String name, Fd fd) throws LinuxException {
        try {
            return entered(name, () -> {
                int held = fd.hold();
                try {
                    LinuxException.check(LibcProcess.setns(Libc.errnoState(), held, Sched.CLONE_NEWNET), "setns", name);
                } finally {
                    if (held >= 0) {
                        fd.leave();
                    }
                }
                return fd;
            });
        } catch (Throwable t) {
            fd.close();
            throw t;
        }
    }

    /// Deletes a named namespace, as `ip netns delete` does. It goes when the last process and file in it are
    /// gone.
    public static void delete(String name) throws IOException {
        NamedNetns.check(name);
        NamedNetns.delete(name);
    }

    /// The names of all named namespaces, sorted.
    public static List<String> list() throws IOException {
        return NamedNetns.list();
    }

    /// The command line that runs `command` as root of a user namespace of its own, where it may create network
    /// namespaces and devices in them. Needs util-linux's `unshare`, and a kernel that lets this user do so.
    public static List<String> asRootOfItsOwn(List<String> command) {
        List<String> line = new ArrayList<>(List.of("unshare", "--user", "--map-root-user", "--net", "--mount", "--"));
        line.addAll(command);
        return List.copyOf(line);
    }

    private static void unshare() throws LinuxException {
        LinuxException.check(LibcProcess.unshare(Libc.errnoState(), Sched.CLONE_NEWNET), "unshare", "CLONE_NEWNET");
    }

    /// Starts the thread, lets it enter, and gives up the thread when it can't.
    private static Netns entered(String name, Callable<Fd> enter) throws LinuxException {
        Platform.require();
        // The executor's one thread is made by its first task and stays.
        ExecutorService inside = Executors.newSingleThreadExecutor(
                Thread.ofPlatform().name("netns-" + name).daemon().factory());
        try {
            Future<Thread> thread = inside.submit(Thread::currentThread);
            Fd fd = resultOf(inside.submit(enter));
            return new Netns(name, fd, inside, resultOf(thread));
        } catch (LinuxException | RuntimeException | Error e) {
            inside.shutdown();
            throw e;
        } catch (Exception e) {
            inside.shutdown();
            throw new IllegalStateException(e);
        }
    }

    /// Waits uninterruptibly: whoever starts something in a namespace must learn what became of it, lest it
    /// leak.
    private static <T> T resultOf(Future<T> future) throws Exception {
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return future.get();
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case Exception cause -> throw cause;
                case Error cause -> throw cause;
                default -> throw e;
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /// Runs `work` on the namespace's thread and answers what it answers, or throws what it throws. One at a
    /// time; calls from within `work` run at once. Not for work that never ends.
    public <T> T call(Callable<T> work) throws Exception {
        if (Thread.currentThread().equals(thread)) {
            return work.call();
        }
        try {
            return resultOf(inside.submit(work));
        } catch (RejectedExecutionException e) {
            throw new IllegalStateException("the namespace " + name + " is closed", e);
        }
    }

    /// Starts a process in this namespace, with the standard streams piped. /sys shows the devices of the
    /// namespace that mounted it.
    public Process exec(String... command) throws IOException {
        return exec(new ProcessBuilder(command));
    }

    /// Starts a process in this namespace. A child is in the namespace of the thread that forks it.
    public Process exec(ProcessBuilder builder) throws IOException {
        try {
            return call(builder::start);
        } catch (IOException | RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    /// The name; `anonymous` or `current` when it has none.
    public String name() {
        return name;
    }

    /// The descriptor that names it to the kernel, as setns(2) and IFLA_NET_NS_FD want it. Stays this object's.
    public Fd fd() {
        return fd;
    }

    /// Ends the thread and closes the descriptor. What is open in the namespace stays so; a named one stays.
    @Override
    public void close() {
        inside.shutdown();
        fd.close();
    }

    @Override
    public String toString() {
        return "netns " + name;
    }
}
