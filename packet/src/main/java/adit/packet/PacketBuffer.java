package adit.packet;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/// One packet: its octets, and what travels beside them.
///
/// ```
/// 0          head              head + length        capacity
/// | headroom | octets of the packet | tailroom      |
/// ```
///
/// `push` and `pull` move the front, `put` and `trim` the back. Moving past the room throws: that is a defect
/// of the caller and never the fault of a packet. Lent by a [PacketPool] and owned by one holder at a time.
public final class PacketBuffer {
    private static final VarHandle LENT;

    static {
        try {
            LENT = MethodHandles.lookup().findVarHandle(PacketBuffer.class, "lent", boolean.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final PacketPool pool;
    private final MemorySegment segment;
    private final int capacity;
    private final Addressing addressing = new Addressing();
    private final TunnelMetadata metadata = new TunnelMetadata();
    private final Offload offload = new Offload();

    final int index;

    private boolean lent;
    private int head;
    private int length;
    private int protocol;
    private int flowHash;
    private int queue;
    private int vlan;
    private int mark;
    private int nextHop;
    private PacketType packetType = PacketType.HOST;
    private Refusal refusal = Refusal.NONE;

    PacketBuffer(PacketPool pool, int index, MemorySegment segment) {
        this.pool = pool;
        this.index = index;
        this.segment = segment;
        this.capacity = Math.toIntExact(segment.byteSize());
    }

    /// The memory of this buffer alone; [#head] is an offset into it.
    public MemorySegment segment() {
        return segment;
    }

    /// Where the packet's first octet stands in [#segment].
    public int head() {
        return head;
    }

    /// The packet's length in octets.
    public int length() {
        return length;
    }

    /// Octets free in front of the packet.
    public int headroom() {
        return head;
    }

    /// Octets free behind the packet.
    public int tailroom() {
        return capacity - head - length;
    }

    /// Empties the packet and leaves `headroom` octets in front of it.
    public void reserve(int headroom) {
        if (headroom < 0 || headroom > capacity) {
            throw new IllegalArgumentException("headroom " + headroom + " of " + capacity);
        }
        head = headroom;
        length = 0;
    }

    /// Grows the packet at the front and answers where the new header starts.
    public int push(int octets) {
        if (octets < 0 || octets > head) {
            throw new IllegalStateException("push " + octets + " into headroom " + head);
        }
        head -= octets;
        length += octets;
        return head;
    }

    /// Shrinks the packet at the front and answers where the octets just left behind start.
    public int pull(int octets) {
        if (octets < 0 || octets > length) {
            throw new IllegalStateException("pull " + octets + " from length " + length);
        }
        int was = head;
        head += octets;
        length -= octets;
        return was;
    }

    /// Grows the packet at the back and answers where the new octets start.
    public int put(int octets) {
        if (octets < 0 || octets > tailroom()) {
            throw new IllegalStateException("put " + octets + " into tailroom " + tailroom());
        }
        int was = head + length;
        length += octets;
        return was;
    }

    /// Cuts the packet at the back to `octets`.
    public void trim(int octets) {
        if (octets < 0 || octets > length) {
            throw new IllegalStateException("trim to " + octets + " from length " + length);
        }
        length = octets;
    }

    /// The EtherType of the octets at [#head]: 0x0800 for IPv4, 0x86dd for IPv6, 0x8847 for MPLS; 0 when not
    /// known.
    public int protocol() {
        return protocol;
    }

    /// Says what the octets at [#head] are, by EtherType.
    public void protocol(int etherType) {
        protocol = etherType;
    }

    /// The flow hash, 0 when it was not computed.
    public int flowHash() {
        return flowHash;
    }

    /// Sets the flow hash.
    public void flowHash(int hash) {
        flowHash = hash;
    }

    /// The queue that the packet came in by, from 0.
    public int queue() {
        return queue;
    }

    /// Sets the queue.
    public void queue(int index) {
        queue = index;
    }

    /// The VLAN tag that travels beside the octets: TPID in the high half, TCI in the low half; 0 for none.
    public int vlan() {
        return vlan;
    }

    /// Sets the VLAN tag.
    public void vlan(int tag) {
        vlan = tag;
    }

    /// The mark that routing and filters may look at.
    public int mark() {
        return mark;
    }

    /// Sets the mark.
    public void mark(int value) {
        mark = value;
    }

    /// The IPv4 next hop of the packet's route in the overlay: the gateway, or the destination when it is on
    /// the link; 0 when the packet has no route.
    public int nextHop() {
        return nextHop;
    }

    /// Sets the overlay next hop.
    public void nextHop(int address) {
        nextHop = address;
    }

    /// Whom the packet's link layer addressed.
    public PacketType packetType() {
        return packetType;
    }

    /// Says whom the packet's link layer addressed.
    public void packetType(PacketType type) {
        packetType = type;
    }

    /// How the underlay addresses this packet.
    public Addressing addressing() {
        return addressing;
    }

    /// What an external-mode tunnel knows about this packet.
    public TunnelMetadata metadata() {
        return metadata;
    }

    /// What a later hop must still do to this packet: segment it, finish its checksum.
    public Offload offload() {
        return offload;
    }

    /// Why the last port refused this packet; [Refusal#NONE] when none did.
    public Refusal refusal() {
        return refusal;
    }

    /// Said by a port about a packet that it leaves in the batch.
    public void refuse(Refusal why) {
        refusal = why;
    }

    /// Makes this packet a copy of `other`: its octets at the same headroom, and all that travels beside them.
    /// Throws when they do not fit.
    public void copyFrom(PacketBuffer other) {
        int octets = other.length;
        reserve(other.head);
        MemorySegment.copy(other.segment, other.head, segment, put(octets), octets);
        describeAs(other);
    }

    /// Takes over all that travels beside the octets of `other`, and none of its octets.
    public void describeAs(PacketBuffer other) {
        protocol = other.protocol;
        flowHash = other.flowHash;
        queue = other.queue;
        vlan = other.vlan;
        mark = other.mark;
        nextHop = other.nextHop;
        packetType = other.packetType;
        addressing.copyFrom(other.addressing);
        metadata.copyFrom(other.metadata);
        offload.copyFrom(other.offload);
    }

    /// A number that no other buffer has while this one's pool is open. What several threads share holds packets
    /// by their numbers: each reference that is written there would be noted in the garbage collector's tables,
    /// for which threads with nothing else in common would compete.
    public long number() {
        return pool.number(index);
    }

    /// The buffer with that [#number], or null when its pool is closed.
    public static PacketBuffer numbered(long number) {
        PacketPool pool = OpenPools.get((int) (number >>> Integer.SIZE));
        return pool == null ? null : pool.buffer((int) number);
    }

    /// Gives the packet back to its pool. A second release throws.
    public void release() {
        pool.release(this);
    }

    /// Forgets all that travels beside the octets, as a wire does.
    public void forget() {
        protocol = 0;
        flowHash = 0;
        queue = 0;
        vlan = 0;
        mark = 0;
        nextHop = 0;
        // A reference is written only when it changes: the garbage collector notes each such write in a table in
        // which the buffers of different threads are neighbours.
        if (packetType != PacketType.HOST) {
            packetType = PacketType.HOST;
        }
        if (refusal != Refusal.NONE) {
            refusal = Refusal.NONE;
        }
        addressing.clear();
        metadata.clear();
        offload.clear();
    }

    void lent(int headroom) {
        lent = true;
        reserve(headroom);
        forget();
    }

    /// Ends the lending. Answers false when it had ended before; of two threads one is told so.
    boolean returned(PacketPool.Use use) {
        if (use == PacketPool.Use.CONCURRENT) {
            return LENT.compareAndSet(this, true, false);
        }
        boolean was = lent;
        lent = false;
        return was;
    }
}
