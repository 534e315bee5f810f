package adit.bench.codecs;

import adit.device.InterfaceRequest;
import adit.netns.Namespace;
import adit.tun.Ifreq;
import adit.tun.TunFile;
import adit.tun.TunIoctl;
import adit.wire.Ipv4;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HexFormat;

/// A packet of 64 octets, and the TUN files in memory between which it goes.
final class MemoryWay {
    // UDP, 10.1.0.2 to 10.2.0.2, hop limit 64; the header's checksum is filled in below.
    private static final String PACKET =
            "4500 0040 1234 4000 40 11 0000 0a010002 0a020002" + "d431 0035 002c 0000" + "5a".repeat(36);

    private final Arena arena = Arena.ofShared();
    private final TunFile from;
    private final TunFile to;
    private final MemorySegment packet;
    private final MemorySegment into;

    /// The way from one file to another. What arrives there must be `more` octets longer than the packet.
    MemoryWay(TunFile from, TunFile to, int more) {
        this.from = from;
        this.to = to;
        packet = arena.allocateFrom(ValueLayout.JAVA_BYTE, HexFormat.of().parseHex(PACKET.replace(" ", "")));
        Ipv4.fillChecksum(packet, 0);
        into = arena.allocate(2048);
        if (pass() != packet.byteSize() + more) {
            throw new IllegalStateException("the packet does not arrive");
        }
    }

    /// A file of a new TUN device without packet information, which is up, has the address, and makes nobody wait.
    static TunFile tun(Namespace namespace, String name, String address) throws IOException {
        TunFile file = namespace.tun().open();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment request = arena.allocate(Ifreq.SIZE, 8);
            InterfaceRequest.name(request, name);
            InterfaceRequest.flags(request, TunIoctl.IFF_TUN | TunIoctl.IFF_NO_PI);
            if (file.ioctl(TunIoctl.TUNSETIFF, request) != 0) {
                throw new IllegalStateException(name);
            }
        }
        file.blocking(false);
        namespace.configure().link(name).up();
        namespace.configure().address(name, address);
        return file;
    }

    /// Writes the packet and reads what it has become. Answers its length in octets.
    int pass() {
        from.write(packet);
        return to.read(into);
    }

    /// Ends the way and its namespaces, whose buffers have to be back.
    void close(Namespace... namespaces) {
        from.close();
        to.close();
        // Namespaces that a cable joins share their buffers.
        int lent = namespaces[0].lent();
        for (Namespace each : namespaces) {
            each.close();
        }
        arena.close();
        if (lent != 0) {
            throw new IllegalStateException(lent + " buffers did not come back");
        }
    }
}
