package adit.program.up;

import adit.linux.RingObstacle;
import adit.offload.Coalescer.Transports;
import adit.tun.TunOffload;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Which offloads a tunnel uses now.
///
/// @param device what its device hands over unfinished: super-packets, checksums
/// @param written which super-packets are written to its device
/// @param sent whether the segments of a super-packet go to the underlay's socket in one call (UDP_SEGMENT)
/// @param received whether datagrams come from it joined (UDP_GRO)
/// @param ring what keeps packets that are sent directly over IP from going by a packet ring, and empty for tunnels
/// over
///     UDP
/// @param reason why there are not more of the device's; empty when these are all
public record OffloadStatus(
        Set<TunOffload> device,
        Transports written,
        Joining sent,
        Joining received,
        Optional<RingObstacle> ring,
        String reason) {
    /// Of a tunnel whose device is not there.
    static final OffloadStatus NONE = nothing("the device is not there");

    /// Of a tunnel whose device is in memory.
    static final OffloadStatus IN_MEMORY = nothing("the device is in memory");

    private static OffloadStatus nothing(String reason) {
        return new OffloadStatus(Set.of(), Transports.NONE, Joining.NONE, Joining.NONE, Optional.empty(), reason);
    }

    /// Whether a socket joins packets.
    public enum Joining {
        /// It does.
        ON,
        /// It does not, because the file or the kernel does not want it.
        OFF,
        /// Its kind can't.
        NONE;

        static Joining of(boolean joins) {
            return joins ? ON : OFF;
        }
    }

    /// All of this in a line for people.
    @Override
    public String toString() {
        List<String> parts = new ArrayList<>();
        if (device.contains(TunOffload.TCP4)) {
            parts.add(device.contains(TunOffload.UDP4) ? "TCP and UDP super-packets read" : "TCP super-packets read");
        } else if (device.contains(TunOffload.CHECKSUM)) {
            parts.add("unfinished checksums read");
        }
        switch (written) {
            case NONE -> {}
            case TCP -> parts.add("TCP ones written");
            case TCP_AND_UDP ->
                parts.add(device.contains(TunOffload.UDP4) ? "and written" : "TCP and UDP ones written");
        }
        if (sent == Joining.ON) {
            parts.add("UDP_SEGMENT");
        }
        if (received == Joining.ON) {
            parts.add("UDP_GRO");
        }
        ring.map(OffloadStatus::text).filter(t -> !t.isEmpty()).ifPresent(parts::add);
        String text = parts.isEmpty() ? "off" : String.join(", ", parts);
        return reason.isEmpty() ? text : text + " (" + reason + ")";
    }

    private static String text(RingObstacle obstacle) {
        return switch (obstacle) {
            case NONE -> "sent by packet ring";
            case UNWANTED -> "";
            default -> "sent by raw socket: " + obstacle.text();
        };
    }
}
