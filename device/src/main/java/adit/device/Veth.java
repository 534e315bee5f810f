package adit.device;

import adit.packet.PacketBuffer;
import adit.wire.Ethernet;
import adit.wire.MacAddress;
import java.util.OptionalInt;

/// One end of a pair of Ethernet interfaces joined by a cable: what is sent by one is received by the other, at
/// once and on the same thread. Super-packets and unfinished checksums cross as they are.
///
/// Each end has a carrier as long as both are up. Deleting one deletes both. The ends may stand in tables of
/// different namespaces, which then share one control lock and one set of buffers.
public final class Veth extends Device {
    /// What the kind is called.
    public static final String KIND = "veth";

    private static final int QUEUE_LENGTH = 1000;

    private volatile Veth peer;

    private Veth(MacAddress address) {
        super(HardwareType.ETHER, DeviceFlags.BROADCAST | DeviceFlags.MULTICAST, 1500, new MtuRange(68, 65535));
        address(address);
        features(DeviceFeatures.ALL);
        initialTxQueueLength(QUEUE_LENGTH);
        carrier(false);
    }

    /// A new pair with these addresses. Both ends are still in no table; [#peer] leads from one to the other.
    public static Veth pair(MacAddress one, MacAddress other) {
        Veth left = new Veth(one);
        Veth right = new Veth(other);
        left.peer = right;
        right.peer = left;
        return left;
    }

    /// The other end; null once the pair was deleted.
    public Veth peer() {
        return peer;
    }

    @Override
    public String kind() {
        return KIND;
    }

    @Override
    public OptionalInt lower() {
        Veth other = peer;
        return other == null ? OptionalInt.empty() : OptionalInt.of(other.index());
    }

    @Override
    public int headerLength() {
        return Ethernet.HEADER_LENGTH;
    }

    @Override
    protected int open() {
        Veth other = peer;
        if (other != null && other.isUp()) {
            carrier(true);
        }
        return 0;
    }

    /// Linux tells of the carrier of the end that went up first, so that IPv6 begins there before it does at the
    /// other.
    @Override
    protected void wasHeardUp() {
        Veth other = peer;
        if (other != null && other.isUp()) {
            other.carrier(true);
        }
    }

    @Override
    protected void stop() {
        Veth other = peer;
        loseCarrier();
        if (other != null) {
            other.loseCarrier();
        }
        carrier(false);
        if (other != null) {
            other.carrier(false);
        }
    }

    @Override
    protected void registered() {
        Veth other = peer;
        if (other != null && other.table() != null) {
            other.blameBelow();
            blameBelow();
        }
    }

    @Override
    protected int changeAddress(long address) {
        return LinkAddresses.isUsable(address) ? 0 : -Errno.EADDRNOTAVAIL;
    }

    @Override
    protected void transmit(PacketBuffer p) {
        Veth other = peer;
        if (other == null || !other.isUp()) {
            drop(p, Drop.DEV_READY);
            return;
        }
        statistics().transmitted(p.length());
        if (!table().equals(other.table())) {
            // Marks are a namespace's own.
            p.mark(0);
        }
        cross(other, p);
    }

    @Override
    protected void arrive(PacketBuffer p) {
        if (!isUp() || p.length() < Ethernet.HEADER_LENGTH) {
            drop(p, Drop.DEV_READY_RX);
            return;
        }
        statistics().received(p.length());
        deliverFrame(p);
    }

    @Override
    protected void unregistered() {
        Veth other = peer;
        if (other != null) {
            peer = null;
            other.peer = null;
            if (other.table() != null) {
                other.table().unregister(other);
            }
        }
    }
}
