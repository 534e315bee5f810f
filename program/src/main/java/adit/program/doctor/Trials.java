package adit.program.doctor;

import adit.linux.LinuxException;
import adit.linux.Netns;
import adit.linux.RawSpec;
import adit.linux.RawUnderlay;
import adit.linux.TunDevice;
import adit.linux.UdpSpec;
import adit.linux.UdpUnderlay;
import adit.packet.PacketPool;
import adit.tun.TunOffload;
import adit.tun.TunSpec;
import adit.wire.Ip4Address;
import adit.wire.IpProtocol;
import java.io.IOException;
import java.net.DatagramSocket;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;

/// Tries out what Adit needs. Where namespaces can be made, in one that is gone afterwards; elsewhere sockets
/// are opened in the host's own for a moment, and devices are not made at all.
final class Trials implements AutoCloseable {
    private final Optional<Netns> namespace;
    private final Optional<String> noNamespace;

    private Trials(Optional<Netns> namespace, Optional<String> noNamespace) {
        this.namespace = namespace;
        this.noNamespace = noNamespace;
    }

    static Trials open() {
        try {
            return new Trials(Optional.of(Netns.create()), Optional.empty());
        } catch (LinuxException e) {
            return new Trials(Optional.empty(), Optional.of(e.getMessage()));
        }
    }

    /// What a trial came to.
    ///
    /// @param value what it gave; nothing when it failed
    /// @param failure why it failed
    record Result<T>(Optional<T> value, String failure) {}

    /// Why this process can't make a namespace itself; nothing when it can.
    Optional<String> noNamespace() {
        return noNamespace;
    }

    /// Whether `unshare` gives this user a namespace of its own.
    static boolean unprivilegedNamespaces() throws InterruptedException {
        try {
            Process p = new ProcessBuilder(Netns.asRootOfItsOwn(java.util.List.of("true")))
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            if (p.waitFor(10, TimeUnit.SECONDS)) {
                return p.exitValue() == 0;
            }
            p.destroyForcibly();
            return false;
        } catch (IOException e) {
            return false;
        }
    }

    /// Makes a TUN device and answers what offloads it takes; nothing is tried without a namespace.
    Optional<Result<Set<TunOffload>>> tun() {
        return namespace.map(n -> result(() -> n.call(() -> {
            try (TunDevice tun = TunDevice.open(TunSpec.tun("adit0").with(TunSpec.Option.VNET_HEADER))) {
                return tun.enableOffload();
            }
        })));
    }

    /// Opens the raw sockets of the direct carrier.
    Result<Boolean> raw() {
        return result(inNamespace(() -> {
            try (PacketPool pool = new PacketPool(1, 64, 2048);
                    RawUnderlay _ = RawUnderlay.open(new RawSpec(Ip4Address.ANY, Set.of(IpProtocol.IPIP)), pool)) {
                return true;
            }
        }));
    }

    /// Opens the socket of the UDP carriers and answers whether it receives several datagrams a call.
    Result<Boolean> udp() {
        return result(inNamespace(() -> {
            int port;
            try (DatagramSocket any = new DatagramSocket(0)) {
                port = any.getLocalPort();
            }
            try (PacketPool pool = new PacketPool(1, 64, 65535);
                    UdpUnderlay udp = UdpUnderlay.open(UdpSpec.of(port, UdpSpec.Checksum.OFF), pool)) {
                return udp.joinsReceived();
            }
        }));
    }

    private <T> Callable<T> inNamespace(Callable<T> work) {
        return namespace.isPresent() ? () -> namespace.get().call(work) : work;
    }

    private static <T> Result<T> result(Callable<T> work) {
        try {
            return new Result<>(Optional.of(work.call()), "");
        } catch (IOException e) {
            return new Result<>(Optional.empty(), e.getMessage());
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        namespace.ifPresent(Netns::close);
    }
}
