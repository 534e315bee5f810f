package adit.ip;

import adit.device.Device;
import adit.device.DeviceFeatures;
import adit.device.DeviceFlags;
import adit.device.HardwareType;
import adit.device.MtuRange;
import adit.packet.PacketBuffer;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;

/// A device without link addresses whose other end is the test.
final class TestLink extends Device {
    final List<byte[]> out = new ArrayList<>();
    /// Whether packets are kept for the test, or dropped at once without an allocation.
    boolean keeps = true;

    long count;

    TestLink() {
        super(
                HardwareType.NONE,
                DeviceFlags.POINTOPOINT | DeviceFlags.NOARP | DeviceFlags.MULTICAST,
                1500,
                MtuRange.IP);
    }

    TestLink carrying(int features) {
        features(features);
        return this;
    }

    TestLink carryingAll() {
        return carrying(DeviceFeatures.ALL);
    }

    @Override
    protected void transmit(PacketBuffer p) {
        count++;
        if (keeps) {
            out.add(octets(p));
        }
        p.release();
    }

    static byte[] octets(PacketBuffer p) {
        return p.segment().asSlice(p.head(), p.length()).toArray(ValueLayout.JAVA_BYTE);
    }

    /// Brings a packet in.
    void in(PacketBuffer p, byte[] octets, int protocol) {
        MemorySegment.copy(octets, 0, p.segment(), ValueLayout.JAVA_BYTE, p.put(octets.length), octets.length);
        p.protocol(protocol);
        deliver(p);
    }

    void deliverNow(PacketBuffer p) {
        deliver(p);
    }

    List<byte[]> take() {
        List<byte[]> all = List.copyOf(out);
        out.clear();
        return all;
    }
}
