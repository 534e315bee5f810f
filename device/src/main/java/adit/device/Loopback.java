package adit.device;

import adit.packet.Offload;
import adit.packet.PacketBuffer;
import adit.packet.PacketType;

/// The loopback `lo`: what is sent is received. It can't be deleted, and it carries everything as it is.
public final class Loopback extends Device {
    /// Its usual name.
    public static final String NAME = "lo";
    /// Its MTU at the start, in octets.
    public static final int MTU = 65536;

    private static final int QUEUE_LENGTH = 1000;

    /// A loopback that is in no table yet.
    public Loopback() {
        super(HardwareType.LOOPBACK, DeviceFlags.LOOPBACK, MTU, new MtuRange(0, Integer.MAX_VALUE));
        hardwareType(HardwareType.LOOPBACK, 6);
        features(DeviceFeatures.ALL);
        initialTxQueueLength(QUEUE_LENGTH);
    }

    @Override
    protected void transmit(PacketBuffer p) {
        statistics().transmitted(p.length());
        p.packetType(PacketType.HOST);
        if (p.offload().checksum == Offload.Checksum.UNKNOWN) {
            // Nothing on the way could have damaged it.
            p.offload().checksum = Offload.Checksum.VALID;
        }
        cross(this, p);
    }

    @Override
    protected void arrive(PacketBuffer p) {
        statistics().received(p.length());
        deliver(p);
    }

    @Override
    protected int changeAddress(long address) {
        return LinkAddresses.isUsable(address) ? 0 : -Errno.EADDRNOTAVAIL;
    }

    @Override
    public boolean mayMove() {
        return false;
    }

    @Override
    public int delete() {
        return -Errno.EOPNOTSUPP;
    }
}
