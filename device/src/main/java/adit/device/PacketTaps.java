package adit.device;

import adit.packet.PacketBuffer;
import java.util.Arrays;

/// Who is shown the packets of a device. For any threads; showing takes no lock, and costs a read when nobody looks.
final class PacketTaps {
    private static final PacketTap[] NONE = {};

    private volatile PacketTap[] taps = NONE;

    synchronized void add(PacketTap tap) {
        PacketTap[] more = Arrays.copyOf(taps, taps.length + 1);
        more[taps.length] = tap;
        taps = more;
    }

    synchronized void remove(PacketTap tap) {
        taps = Arrays.stream(taps).filter(t -> !t.equals(tap)).toArray(PacketTap[]::new);
    }

    void show(Device device, PacketBuffer p, PacketTap.Direction direction) {
        PacketTap[] present = taps;
        if (present.length > 0) {
            show(present, device, p, direction);
        }
    }

    private static void show(PacketTap[] present, Device device, PacketBuffer p, PacketTap.Direction direction) {
        for (PacketTap tap : present) {
            tap.packet(device, p, direction);
        }
    }
}
