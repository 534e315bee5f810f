package adit.packet;

/// What a later hop must still do to a packet. The fields have the meaning of the virtio-net header's (Virtio
/// 1.2 section 5.1.6).
public final class Offload {
    /// What is known of the transport checksum.
    public enum Checksum {
        /// Nothing: the octets hold whatever the sender wrote.
        UNKNOWN,
        /// It is valid.
        VALID,
        /// The field holds the sum of the pseudo-header only; sum from [Offload#checksumStart] to the end and
        /// write the complement [Offload#checksumOffset] octets behind the start.
        PARTIAL
    }

    /// The kind of segmentation.
    public enum Segmentation {
        /// The packet is an ordinary one.
        NONE,
        /// TCP over IPv4.
        TCP4,
        /// TCP over IPv6.
        TCP6,
        /// UDP, as IP fragments.
        UDP_FRAGMENT,
        /// UDP, as separate datagrams.
        UDP
    }

    /// Where the IP header of the packet to be segmented starts, in octets from [PacketBuffer#head]. What
    /// stands in front of it, such as a GUE header, is repeated in front of each segment.
    public int networkStart;
    /// What is known of the checksum.
    public Checksum checksum = Checksum.UNKNOWN;
    /// Where summing starts, in octets from [PacketBuffer#head].
    public int checksumStart;
    /// Where the checksum field stands, in octets from [#checksumStart].
    public int checksumOffset;
    /// How to segment.
    public Segmentation segmentation = Segmentation.NONE;
    /// Payload octets of each segment but the last.
    public int segmentSize;
    /// Octets of all headers that each segment repeats; a hint only.
    public int headerLength;
    /// Whether the TCP segments carry ECN's CWR.
    public boolean congestionWindowReduced;

    Offload() {}

    /// Forgets everything.
    public void clear() {
        networkStart = 0;
        checksum = Checksum.UNKNOWN;
        checksumStart = 0;
        checksumOffset = 0;
        segmentation = Segmentation.NONE;
        segmentSize = 0;
        headerLength = 0;
        congestionWindowReduced = false;
    }

    /// Takes over what `other` says.
    public void copyFrom(Offload other) {
        networkStart = other.networkStart;
        checksum = other.checksum;
        checksumStart = other.checksumStart;
        checksumOffset = other.checksumOffset;
        segmentation = other.segmentation;
        segmentSize = other.segmentSize;
        headerLength = other.headerLength;
        congestionWindowReduced = other.congestionWindowReduced;
    }
}
