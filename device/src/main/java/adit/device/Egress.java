package adit.device;

import adit.offload.Checksums;
import adit.offload.Segmenter;
import adit.packet.Offload;
import adit.packet.PacketBuffer;
import java.util.concurrent.atomic.AtomicReferenceArray;

/// What happens to a packet between the stack and a device: a super-packet that the device doesn't carry is
/// cut, a checksum that it can't finish is finished. Linux's `validate_xmit_skb`.
final class Egress {
    /// Segmenters at rest. A segmenter is for one thread at a time; more threads than places, or a thread that
    /// gets here again from inside, make one that is thrown away.
    private static final int PLACES = 64;

    private static final AtomicReferenceArray<Segmenter> RESTING = new AtomicReferenceArray<>(PLACES);

    private Egress() {}

    static void send(Device device, PacketBuffer p) {
        Offload o = p.offload();
        int features = device.features();
        if (o.segmentation != Offload.Segmentation.NONE && !carries(features, o)) {
            segment(device, p);
            return;
        }
        if (o.checksum == Offload.Checksum.PARTIAL && (features & DeviceFeatures.CHECKSUM) == 0) {
            if (!Checksums.finish(p)) {
                device.drop(p, Drop.SKB_CSUM);
                return;
            }
            // Nobody has verified it, says Linux.
            o.checksum = Offload.Checksum.UNKNOWN;
        }
        device.transmitted(p);
    }

    private static boolean carries(int features, Offload o) {
        return DeviceFeatures.carries(features, o.segmentation)
                && (!o.congestionWindowReduced || (features & DeviceFeatures.TCP_ECN) != 0);
    }

    private static void segment(Device device, PacketBuffer p) {
        int place = (int) Thread.currentThread().threadId() & PLACES - 1;
        Segmenter segmenter = RESTING.getAndSet(place, null);
        if (segmenter == null) {
            segmenter = new Segmenter();
        }
        try {
            segment(device, p, segmenter);
        } finally {
            RESTING.setRelease(place, segmenter);
        }
    }

    private static void segment(Device device, PacketBuffer p, Segmenter segmenter) {
        p.offload().networkStart = Math.max(p.offload().networkStart, device.headerLength());
        boolean finishes = (device.features() & DeviceFeatures.CHECKSUM) != 0;
        int count = segmenter.begin(p, finishes ? Offload.Checksum.PARTIAL : Offload.Checksum.VALID);
        if (count == 0) {
            device.drop(p, Drop.SKB_GSO_SEG);
            return;
        }
        int octets = segmenter.largest();
        for (int i = 0; i < count; i++) {
            PacketBuffer s = device.table().buffers().lend(octets);
            if (s == null) {
                // The rest would arrive with a hole in it, which TCP mends and UDP expects.
                device.statistics().drop(Drop.NOMEM);
                break;
            }
            segmenter.next(s);
            s.vlan(p.vlan());
            if (!finishes) {
                s.offload().checksum = Offload.Checksum.UNKNOWN;
            }
            device.transmitted(s);
        }
        p.release();
    }
}
