package adit.linux;

import adit.wire.Ip4Address;
import java.util.Objects;

/// A UDP socket that carries tunnels.
///
/// @param local the address to bind to; 0.0.0.0 for all
/// @param port the port to bind to, 1 to 65535
/// @param checksum whether what is sent has a UDP checksum
/// @param offload whether several packets may pass in one call
/// @param sharing whether other sockets of this program share the port, each taking some of the flows
public record UdpSpec(Ip4Address local, int port, Checksum checksum, Offload offload, Sharing sharing) {
    /// Whether what is sent has a UDP checksum.
    public enum Checksum {
        /// It has none, but for what [Offload#AUTO] sends several packets at once: the kernel computes one
        /// there.
        OFF,
        /// It has one.
        ON
    }

    /// Whether several packets may pass in one call.
    public enum Offload {
        /// Where the kernel can do it: UDP_SEGMENT and UDP_GRO.
        AUTO,
        /// One packet is one message.
        OFF
    }

    /// Whether other sockets share the port.
    public enum Sharing {
        /// This one alone has it.
        ALONE,
        /// Others of the same user may have it too (SO_REUSEPORT).
        SHARED
    }

    /// Refuses ports outside 1 to 65535.
    public UdpSpec {
        Objects.requireNonNull(local, "local");
        Objects.requireNonNull(checksum, "checksum");
        Objects.requireNonNull(offload, "offload");
        Objects.requireNonNull(sharing, "sharing");
        if (port < 1 || port > 0xffff) {
            throw new IllegalArgumentException("port " + port + " is not from 1 to 65535");
        }
    }

    /// A socket of its own on this port of all addresses, with offload.
    public static UdpSpec of(int port, Checksum checksum) {
        return new UdpSpec(Ip4Address.ANY, port, checksum, Offload.AUTO, Sharing.ALONE);
    }
}
