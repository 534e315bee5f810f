package adit.interop.host;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/// A network namespace of this machine, made for one test and removed with everything in it.
public final class Namespace implements Host, AutoCloseable {
    private static final AtomicInteger COUNT = new AtomicInteger();

    private final String name;
    private final Path scratch;
    private final Keeper keeper;

    private Namespace(String name, Path scratch, Keeper keeper) {
        this.name = name;
        this.scratch = scratch;
        this.keeper = keeper;
    }

    /// Makes a namespace with its loopback device up and IPv6 quiet: no router solicitations, no duplicate
    /// address detection, no link-local addresses.
    public static Namespace make() throws IOException {
        String name = "adit-" + ProcessHandle.current().pid() + "-" + COUNT.incrementAndGet();
        Path scratch = Files.createTempDirectory(name);
        String make = """
                ip netns add %1$s
                ip netns exec %1$s sysctl -q -w net.ipv6.conf.all.accept_dad=0 net.ipv6.conf.default.accept_dad=0 \
                    net.ipv6.conf.default.addr_gen_mode=1 net.ipv6.conf.default.router_solicitations=0
                ip -n %1$s link set lo up
                """.formatted(name);
        String unmake = """
                kill -9 $(ip netns pids %1$s) 2>/dev/null
                ip netns del %1$s
                rm -rf %2$s
                """.formatted(name, scratch);
        return new Namespace(name, scratch, Keeper.make(make, unmake));
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public String scratch() {
        return scratch.toString();
    }

    @Override
    public Outcome exec(String script, Duration limit) {
        return LocalCommand.run(limit, command("sh", "-c", script));
    }

    /// Adds a TAP device that a guest can be plugged into, brings it up and gives it an address such as
    /// 192.0.2.1/24. It stays when the guest goes.
    public Namespace addTap(String device, String address) {
        run("""
                ip tuntap add dev %1$s mode tap
                ip address add %2$s dev %1$s
                ip link set %1$s up
                """.formatted(device, address));
        return this;
    }

    /// The command that runs `command` inside this namespace.
    public List<String> command(String... command) {
        List<String> inside = new ArrayList<>(List.of("ip", "netns", "exec", name));
        inside.addAll(List.of(command));
        return inside;
    }

    /// Kills what still runs inside, and removes the namespace with its devices.
    @Override
    public void close() {
        keeper.close();
    }
}
