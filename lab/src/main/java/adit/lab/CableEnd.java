package adit.lab;

import adit.device.Device;
import adit.device.DeviceFlags;
import adit.device.Drop;
import adit.device.Errno;
import adit.device.HardwareType;
import adit.device.MtuRange;
import adit.packet.PacketBuffer;
import adit.wire.Ethernet;
import adit.wire.MacAddress;

/// An Ethernet interface with one end of a cable in it. It has a carrier while both ends are up and the cable is
/// whole. Super-packets are cut and checksums finished before they get here, as for any simple network card.
final class CableEnd extends Device {
    private static final int QUEUE_LENGTH = 1000;

    private final LabCable cable;

    CableEnd(LabCable cable, MacAddress address, int mtu) {
        super(
                HardwareType.ETHER,
                DeviceFlags.BROADCAST | DeviceFlags.MULTICAST,
                mtu,
                new MtuRange(CableSpec.MIN_MTU, mtu));
        this.cable = cable;
        address(address);
        initialTxQueueLength(QUEUE_LENGTH);
        carrier(false);
    }

    @Override
    public int headerLength() {
        return Ethernet.HEADER_LENGTH;
    }

    @Override
    protected void wentUp() {
        cable.carriers();
    }

    @Override
    protected void stop() {
        cable.carriers();
    }

    @Override
    protected int changeAddress(long address) {
        boolean group = (address & 1L << 40) != 0;
        return address == 0 || group || address >>> 48 != 0 ? -Errno.EADDRNOTAVAIL : 0;
    }

    @Override
    public int delete() {
        return -Errno.EOPNOTSUPP;
    }

    @Override
    protected void unregistered() {
        cable.carriers();
    }

    @Override
    protected void transmit(PacketBuffer p) {
        int length = p.length();
        // Nothing travels on a cable but octets.
        p.mark(0);
        if (cable.send(this, p)) {
            statistics().transmitted(length);
        } else {
            drop(p, Drop.FULL_RING);
        }
    }

    /// Takes a frame that came out of the cable.
    void receive(PacketBuffer p) {
        if (!isUp() || p.length() < Ethernet.HEADER_LENGTH) {
            drop(p, Drop.DEV_READY_RX);
            return;
        }
        statistics().received(p.length());
        deliverFrame(p);
    }
}
