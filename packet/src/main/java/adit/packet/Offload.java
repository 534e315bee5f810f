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

    /// What stands around a packet that is to be segmented.
    public enum Tunnel {
        /// Nothing: the first IP header is the one of what is segmented.
        NONE,
        /// A UDP tunnel whose UDP header's checksum stays as it is.
        UDP,
        /// A UDP tunnel whose UDP header has a checksum of its own, which holds the sum of its pseudo-header.
        UDP_CHECKSUM,
        /// An IP header alone.
        IP,
        /// A GRE header. What checksum there is in it stays as it is.
        GRE,
        /// As [#UDP], around what a device for [#IP] has sent: who takes it whole knows both kinds.
        IP_OVER_UDP,
        /// As [#UDP_CHECKSUM], likewise.
        IP_OVER_UDP_CHECKSUM;

        /// Whether the UDP header has a checksum of its own.
        public boolean hasChecksum() {
            return this == UDP_CHECKSUM || this == IP_OVER_UDP_CHECKSUM;
        }

        /// Whether it is an IP header around UDP.
        public boolean isOverUdp() {
            return this == UDP || this == IP_OVER_UDP || hasChecksum();
        }
    }

    /// Where the IP header of the packet to be segmented starts, in octets from [PacketBuffer#head]. What
    /// stands in front of it, such as a GUE header, is repeated in front of each segment.
    public int networkStart;
    /// What is known of the checksum.
    public Checksum checksum = Checksum.UNKNOWN;
    /// When it is valid: how many checksums of further transport headers inside of that one are so, too.
    public int validInside;
    /// Where summing starts, in octets from [PacketBuffer#head].
    public int checksumStart;
    /// Where the checksum field stands, in octets from [#checksumStart].
    public int checksumOffset;
    /// How to segment.
    public Segmentation segmentation = Segmentation.NONE;
    /// Payload octets of each segment but the last.
    public int segmentSize;
    /// Octets of all headers that each segment repeats, a hint only: as many as Linux would have in one piece; 0 if
    /// nobody has said it.
    public int headerLength;
    /// Whether the TCP segments carry ECN's CWR.
    public boolean congestionWindowReduced;
    /// Whether the IPv4 identification is the same in all TCP segments; else it grows by one. In a tunnel that
    /// is said of the outer header.
    public boolean sameIdentification;
    /// The same of the inner header in a tunnel.
    public boolean innerSameIdentification;
    /// Whether the super-packet is a list of packets that were sent one by one (`rx-gro-list`): each keeps its own
    /// transport checksum, which [#checksum] tells of, and all but the first [#listedHopLimit].
    public boolean listed;
    /// The time to live or hop limit in the innermost header of the packets of a list behind the first.
    public int listedHopLimit;
    /// What stands around the packet to be segmented. Segmentation and checksum are then those of the inner
    /// packet.
    public Tunnel tunnel = Tunnel.NONE;
    /// Whether the tunnel's header tells the peer where the inner packet's checksum stands, so that the packets
    /// that a super-packet stands for keep theirs partial (GUE's remote checksum offload).
    public boolean remoteChecksum;
    /// Where the tunnel's UDP header starts, in octets from [PacketBuffer#head].
    public int outerTransport;
    /// Where the inner IP header starts, in octets from [PacketBuffer#head].
    public int innerNetwork;

    Offload() {}

    /// Forgets everything.
    public void clear() {
        networkStart = 0;
        // References are written only when they change, as in PacketBuffer.
        if (checksum != Checksum.UNKNOWN) {
            checksum = Checksum.UNKNOWN;
        }
        validInside = 0;
        checksumStart = 0;
        checksumOffset = 0;
        if (segmentation != Segmentation.NONE) {
            segmentation = Segmentation.NONE;
        }
        segmentSize = 0;
        headerLength = 0;
        congestionWindowReduced = false;
        sameIdentification = false;
        innerSameIdentification = false;
        listed = false;
        listedHopLimit = 0;
        if (tunnel != Tunnel.NONE) {
            tunnel = Tunnel.NONE;
        }
        remoteChecksum = false;
        outerTransport = 0;
        innerNetwork = 0;
    }

    /// Takes over what `other` says.
    public void copyFrom(Offload other) {
        networkStart = other.networkStart;
        checksum = other.checksum;
        validInside = other.validInside;
        checksumStart = other.checksumStart;
        checksumOffset = other.checksumOffset;
        segmentation = other.segmentation;
        segmentSize = other.segmentSize;
        headerLength = other.headerLength;
        congestionWindowReduced = other.congestionWindowReduced;
        sameIdentification = other.sameIdentification;
        innerSameIdentification = other.innerSameIdentification;
        listed = other.listed;
        listedHopLimit = other.listedHopLimit;
        tunnel = other.tunnel;
        remoteChecksum = other.remoteChecksum;
        outerTransport = other.outerTransport;
        innerNetwork = other.innerNetwork;
    }

    /// Whether the field of a partial checksum lies within the first `length` octets of the packet; true for
    /// one that is not partial.
    public boolean fits(int length) {
        return checksum != Checksum.PARTIAL || (checksumStart >= 0 && checksumStart + checksumOffset + 2 <= length);
    }

    /// Whether who takes the header `transport` octets from the head has its checksum to verify: nobody has, or it is
    /// said to be partial and to start further in front, where it can't.
    public boolean isUnverified(int transport) {
        return checksum == Checksum.UNKNOWN || (checksum == Checksum.PARTIAL && checksumStart < transport);
    }

    /// Keeps what counts from the head right when `octets` come in front of the packet, or, as a negative
    /// number, go.
    public void shift(int octets) {
        if (checksum == Checksum.PARTIAL) {
            checksumStart += octets;
        }
        if (headerLength > 0) {
            headerLength = Math.max(0, headerLength + octets);
        }
        if (tunnel != Tunnel.NONE) {
            outerTransport += octets;
            innerNetwork += octets;
        }
        networkStart = Math.max(0, networkStart + octets);
    }
}
