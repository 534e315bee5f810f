package adit.device;

import adit.packet.PacketBuffer;
import adit.wire.Ethernet;
import adit.wire.MacAddress;

/// An Ethernet interface with nothing behind it: what is sent is counted and gone. Good for addresses that
/// shall not depend on a link.
public final class Dummy extends Device {
    /// What the kind is called.
    public static final String KIND = "dummy";

    private static final int QUEUE_LENGTH = 1000;

    /// A device that is in no table yet.
    public Dummy(MacAddress address) {
        super(HardwareType.ETHER, DeviceFlags.BROADCAST | DeviceFlags.NOARP, 1500, new MtuRange(0, Integer.MAX_VALUE));
        address(address);
        features(DeviceFeatures.ALL);
        initialTxQueueLength(QUEUE_LENGTH);
    }

    @Override
    public String kind() {
        return KIND;
    }

    @Override
    public int headerLength() {
        return Ethernet.HEADER_LENGTH;
    }

    @Override
    protected int changeAddress(long address) {
        return LinkAddresses.isUsable(address) ? 0 : -Errno.EADDRNOTAVAIL;
    }

    @Override
    public int changeCarrier(boolean present) {
        carrier(present);
        return 0;
    }

    @Override
    protected void transmit(PacketBuffer p) {
        statistics().transmitted(p.length());
        p.release();
    }
}
