package adit.tun;

import java.util.Collection;
import java.util.List;
import java.util.Set;

/// What whoever reads a device can take off the stack's hands. A packet that a reader can't take is segmented
/// and summed by the stack before it is queued. Holds for the whole device.
///
/// The kernel takes only combinations that make sense: all need CHECKSUM, ECN needs TCP4 or TCP6, UDP4 and UDP6
/// go together.
public enum TunOffload {
    /// Packets whose transport checksum is not finished.
    CHECKSUM(0x01),
    /// TCP over IPv4, unsegmented.
    TCP4(0x02),
    /// TCP over IPv6, unsegmented.
    TCP6(0x04),
    /// Unsegmented TCP with ECN's CWR.
    TCP_ECN(0x08),
    /// UDP to be fragmented by IP. Taken and ignored by the kernels of today.
    UDP_FRAGMENT(0x10),
    /// UDP over IPv4 that stands for several datagrams. Linux 6.2 and later.
    UDP4(0x20),
    /// UDP over IPv6 that stands for several datagrams. Linux 6.2 and later.
    UDP6(0x40),
    /// Super-packets inside a UDP tunnel. Linux 6.17 and later; needs a virtio-net header of 24 octets.
    UDP_TUNNEL(0x80),
    /// The same with a checksum in the outer UDP header.
    UDP_TUNNEL_CHECKSUM(0x100);

    /// What is worth asking for, best first, ending with nothing. Each next one is what older kernels take.
    public static final List<Set<TunOffload>> LADDER = List.of(
            Set.of(CHECKSUM, TCP4, TCP6, TCP_ECN, UDP4, UDP6),
            Set.of(CHECKSUM, TCP4, TCP6, TCP_ECN),
            Set.of(CHECKSUM),
            Set.of());

    private final int bit;

    TunOffload(int bit) {
        this.bit = bit;
    }

    /// The argument of TUNSETOFFLOAD.
    public static int mask(Collection<TunOffload> offloads) {
        return offloads.stream().mapToInt(o -> o.bit).reduce(0, (a, b) -> a | b);
    }
}
