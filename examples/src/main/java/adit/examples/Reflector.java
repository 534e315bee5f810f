package adit.examples;

import adit.linux.KernelTunDriver;
import adit.tun.TunChannel;
import adit.tun.TunOpener;
import adit.tun.TunSpec;
import adit.wire.IpProtocol;
import adit.wire.Ipv4;
import adit.wire.Udp;
import adit.wire.WireFault;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.ClosedChannelException;

/// Sends each UDP datagram that is routed to a TUN device back to its sender, as if every host behind the device ran
/// the echo service of RFC 862.
public final class Reflector implements Runnable, AutoCloseable {
    private final TunChannel tun;
    private final MemorySegment packet = Arena.ofAuto().allocate(0xffff);

    /// Makes the device `name` where `opener` makes devices.
    public Reflector(TunOpener opener, String name) throws IOException {
        tun = TunChannel.open(opener, TunSpec.tun(name));
    }

    /// Works until it is closed.
    @Override
    public void run() {
        try {
            while (true) {
                int length = tun.read(packet); // waits
                if (turnAround(length)) {
                    tun.write(packet.asSlice(0, length));
                }
            }
        } catch (ClosedChannelException e) {
            // close() ends the wait.
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Exchanges the two ends of a datagram, and answers whether the packet was one. Its checksum stays right: it does
    /// not mind in which order the addresses stand.
    private boolean turnAround(int length) {
        if (Ipv4.fault(packet, 0, length) != WireFault.NONE
                || Ipv4.isFragment(packet, 0)
                || Ipv4.protocol(packet, 0) != IpProtocol.UDP) {
            return false;
        }
        int udp = Ipv4.headerLength(packet, 0);
        if (udp != Ipv4.MIN_HEADER_LENGTH
                || Udp.fault(packet, udp, Ipv4.totalLength(packet, 0) - udp) != WireFault.NONE) {
            return false;
        }
        int newSource = Ipv4.destination(packet, 0);
        int newDestination = Ipv4.source(packet, 0);
        int total = Ipv4.totalLength(packet, 0);
        Ipv4.emit(packet, 0, 0, total, 0, Ipv4.DONT_FRAGMENT, 0, 64, IpProtocol.UDP, newSource, newDestination);
        int newSourcePort = Udp.destinationPort(packet, udp);
        int newDestinationPort = Udp.sourcePort(packet, udp);
        Udp.emit(packet, udp, newSourcePort, newDestinationPort, Udp.length(packet, udp), Udp.checksum(packet, udp));
        return true;
    }

    @Override
    public void close() throws IOException {
        tun.close();
    }

    /// `Reflector NAME`, as root; then `ip address add ... dev NAME` and `ip link set NAME up`.
    public static void main(String[] args) throws IOException {
        try (Reflector reflector = new Reflector(new KernelTunDriver(), args[0])) {
            reflector.run();
        }
    }
}
