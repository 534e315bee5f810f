package adit.device;

import adit.offload.Checksums;
import adit.offload.Segmenter;
import adit.offload.Segmenters;
import adit.packet.Offload;
import adit.packet.PacketBuffer;
import adit.wire.Ipv4;
import adit.wire.Ipv6;

/// What happens to a packet between the stack and a device: a super-packet that the device doesn't carry is
/// cut, a checksum that it can't finish is finished. Linux's `validate_xmit_skb`.
final class Egress {
    /// The longest super-packet, link header included, that Linux gives to a device whole.
    private static final int LARGEST_WHOLE = 0xffff;

    private Egress() {}

    static void send(Device device, PacketBuffer p) {
        Offload o = p.offload();
        if (o.segmentation != Offload.Segmentation.NONE) {
            sendSuper(device, p);
            return;
        }
        if (o.checksum == Offload.Checksum.PARTIAL && (device.features() & DeviceFeatures.CHECKSUM) == 0) {
            if (!Checksums.finish(p)) {
                device.drop(p, Drop.SKB_CSUM);
                return;
            }
            // Nobody has verified it, says Linux.
            o.checksum = Offload.Checksum.UNKNOWN;
        }
        if (o.tunnel != Offload.Tunnel.NONE) {
            o.outerTransport = outerTransport(device, p);
        }
        device.transmitted(p);
    }

    /// Where the header behind the IP header stands, whatever the writer of the packet said.
    private static int outerTransport(Device device, PacketBuffer p) {
        int network = device.headerLength();
        if (p.length() <= network) {
            return network;
        }
        long at = p.head() + (long) network;
        boolean ip4 = Ipv4.version(p.segment(), at) == 4;
        return network + (ip4 ? Ipv4.headerLength(p.segment(), at) : Ipv6.HEADER_LENGTH);
    }

    private static void sendSuper(Device device, PacketBuffer p) {
        Segmenter segmenter = Segmenters.take();
        boolean whole = false;
        try {
            whole = segment(device, p, segmenter);
        } finally {
            Segmenters.rest(segmenter);
        }
        if (whole) {
            device.transmitted(p);
        }
    }

    /// Whether nobody can tell fragments by an identification that several packets have.
    private static boolean mayKeepIdentification(PacketBuffer p) {
        Offload o = p.offload();
        boolean same = o.sameIdentification || o.innerSameIdentification;
        int header = o.tunnel == Offload.Tunnel.NONE ? o.networkStart : o.innerNetwork;
        return !same
                || o.segmentation != Offload.Segmentation.TCP4
                || Ipv4.dontFragment(p.segment(), p.head() + (long) header);
    }

    /// Cuts the packet and sends what it stands for, or drops it because it isn't what is said of it. Answers
    /// true, and does nothing, if it can go as it is.
    private static boolean segment(Device device, PacketBuffer p, Segmenter segmenter) {
        Offload o = p.offload();
        o.networkStart = Math.max(o.networkStart, device.headerLength());
        int features = device.features();
        boolean finishes = DeviceFeatures.finishes(features, o);
        int count = segmenter.begin(p, finishes ? Offload.Checksum.PARTIAL : Offload.Checksum.UNKNOWN);
        if (count <= 1) {
            device.drop(p, Drop.SKB_GSO_SEG);
            return false;
        }
        if (p.length() <= LARGEST_WHOLE && DeviceFeatures.carries(features, o) && mayKeepIdentification(p)) {
            segmenter.leaveChecksum();
            o.outerTransport = segmenter.transportStart();
            // Looking at the headers has brought them into the linear part of Linux's buffer.
            o.headerLength = Math.max(o.headerLength, segmenter.headerLength());
            return true;
        }
        PacketBuffer[] pieces = segmenter.places();
        if (!lend(device, pieces, count, segmenter.largest())) {
            device.drop(p, Drop.NOMEM);
            return false;
        }
        int i = 0;
        try {
            while (i < count) {
                PacketBuffer s = pieces[i];
                pieces[i++] = null;
                segmenter.next(s);
                s.vlan(p.vlan());
                device.transmitted(s);
            }
        } finally {
            giveBack(pieces, i, count);
            p.release();
        }
        return false;
    }

    /// Borrows all or none, as Linux does: half of the fragments of a datagram are of no use to anybody.
    private static boolean lend(Device device, PacketBuffer[] pieces, int count, int octets) {
        BufferPools pools = device.table().buffers();
        for (int i = 0; i < count; i++) {
            pieces[i] = pools.lend(octets);
            if (pieces[i] == null) {
                giveBack(pieces, 0, i);
                return false;
            }
        }
        return true;
    }

    private static void giveBack(PacketBuffer[] pieces, int from, int to) {
        for (int i = from; i < to; i++) {
            pieces[i].release();
            pieces[i] = null;
        }
    }
}
