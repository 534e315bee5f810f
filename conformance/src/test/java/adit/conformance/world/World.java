package adit.conformance.world;

import adit.netlink.OctetString;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;

/// A network namespace with a TUN driver, empty but for lo. All calls come from one thread, except those on a
/// [TunHandle] that a scenario makes on another. What a call can refuse, it answers as a negative errno.
public interface World extends AutoCloseable {
    /// Octets of a frame in front of its type or tag.
    int ETHERNET_ADDRESSES = 12;

    /// Opens /dev/net/tun as the current caller.
    TunHandle open(Blocking blocking);

    /// Whether a read waits.
    enum Blocking {
        /// It waits for a packet.
        WAITS,
        /// It answers EAGAIN.
        ANSWERS
    }

    /// Who makes the calls on files from now on. Administration stays the administrator's.
    void become(Caller caller);

    /// A caller's identity.
    ///
    /// @param user the effective user
    /// @param group the effective group
    /// @param groups the supplementary groups
    /// @param right whether CAP_NET_ADMIN is effective all the same
    record Caller(int user, int group, List<Integer> groups, Right right) {
        /// Root, with all rights.
        public static final Caller ROOT = new Caller(0, 0, List.of(), Right.NET_ADMIN);

        /// A capability, or none.
        public enum Right {
            /// CAP_NET_ADMIN.
            NET_ADMIN,
            /// No capability.
            NONE
        }
    }

    /// Makes a change to the link `name`.
    int change(String name, LinkChange change);

    /// What an administrator changes.
    sealed interface LinkChange {
        /// Switches one of the IFF flags on or off.
        record Flag(int bit, boolean on) implements LinkChange {}

        /// Sets the MTU.
        record Mtu(int octets) implements LinkChange {}

        /// Sets the length of the transmit queue.
        record QueueLength(int packets) implements LinkChange {}

        /// Sets the link-layer address.
        record Address(OctetString octets) implements LinkChange {}

        /// Gives it another name.
        record Name(String name) implements LinkChange {}

        /// Switches the carrier.
        record Carrier(boolean on) implements LinkChange {}

        /// Puts the device into a group.
        record Group(int number) implements LinkChange {}

        /// Takes the device away.
        record Delete() implements LinkChange {}
    }

    /// Asks for a new link of a kind.
    int make(String name, String kind);

    /// What stands at the link `name`.
    Optional<LinkView> link(String name);

    /// What stands at all links of a kind, in the order of a dump.
    List<LinkView> dump(String kind);

    /// Listens from now on to what rtnetlink tells of links.
    void listen();

    /// What rtnetlink told since the last call, in the transcript's words.
    List<String> told();

    /// Called behind each step, so that what happens a little later in one world and at once in another has
    /// happened.
    void settle();

    /// The names of all links but lo, by their indices.
    SortedMap<Integer, String> devices();

    /// The stack transmits `octets` through the device `name`, with EtherType `protocol`. `header`, of 10
    /// octets in the machine's order, says what is left to be done to them; all zero for nothing. A packet that
    /// the device drops is no failure of this call.
    int inject(String name, int protocol, byte[] header, byte[] octets);

    /// What devices delivered to the stack since the last call; waits a while for the first `expected`.
    List<Seen> seen(int expected);

    /// A packet as the stack got it.
    ///
    /// @param device the present name of the device it came by
    /// @param protocol the EtherType
    /// @param cast `host`, `broadcast`, `multicast` or `other`
    /// @param header a virtio-net header of 10 octets in the machine's order: what is left to be done to the
    ///     octets; the length of headers is 0, because it tells how octets lie in the kernel's memory
    /// @param octets the link-layer header included
    record Seen(String device, int protocol, String cast, OctetString header, OctetString octets) {
        /// The name of a device that is no longer there.
        public static final String GONE = "gone";

        /// The same by a device of this name.
        public Seen from(String name) {
            return new Seen(name, protocol, cast, header, octets);
        }

        /// A packet that no virtio-net header describes, such as segments that are to become fragments.
        public static final Seen UNSPEAKABLE =
                new Seen("", 0, "unspeakable", OctetString.of(new byte[0]), OctetString.of(new byte[0]));
    }

    /// How a tagged frame is cast: only behind the place where packets are seen does Linux say whom it is for.
    String TAGGED = "tagged";

    /// A frame with a VLAN tag put into its octets, or behind them where they are no frame and too few; `tag` has the
    /// type in its upper half and the control information in its lower one.
    static byte[] withTag(byte[] frame, int tag) {
        int at = Math.min(ETHERNET_ADDRESSES, frame.length);
        return ByteBuffer.allocate(frame.length + Integer.BYTES)
                .put(frame, 0, at)
                .putInt(tag)
                .put(frame, at, frame.length - at)
                .array();
    }

    /// Lets time pass.
    void pass(Duration time);

    /// Closes what is open and takes the namespace down.
    @Override
    void close();
}
