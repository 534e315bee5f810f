package adit.tun;

import adit.device.DeviceFeatures;
import adit.device.Drop;
import adit.device.Errno;
import adit.offload.VnetHeader;
import adit.packet.PacketBuffer;
import adit.wire.Octets;
import adit.wire.TunPi;
import adit.wire.VirtioNet;
import java.lang.foreign.MemorySegment;

/// From a queue to a reader's memory, in this order; an early end loses the packet:
///
/// 1. tun_pi: EINVAL when it does not fit; says whether the rest will;
/// 2. virtio-net header: EINVAL when what is left can't hold it, or when the packet is in a UDP tunnel that
///    whoever set the offloads knows nothing of; padded with zeros to the length in use;
/// 3. the packet, with the VLAN tag that travelled beside it put back behind the addresses; cut where the
///    memory ends.
///
/// EFAULT when there is no memory where a part shall go. Then the packet counts as transmitted, without its
/// framing.
final class ReadPath {
    private static final int TAG_AT = 12;
    private static final int TAG_LENGTH = 4;
    private static final int VNET_FIELDS = VirtioNet.LENGTH_WITH_TUNNEL;
    private static final int SCRATCH = TunPi.LENGTH + VNET_FIELDS;

    private ReadPath() {}

    /// Puts `p`, which stays the caller's, into `length` octets and answers how many octets it put there, or a
    /// negative errno.
    static int put(
            TunTapDevice d, MemoryTunFile file, PacketBuffer p, MemorySegment s, long at, int length, IoVectors v) {
        int n;
        if (p.headroom() >= SCRATCH) {
            n = put(d, p, p.segment(), p.head() - SCRATCH, s, at, length, v);
        } else {
            PacketBuffer scratch = d.table().buffers().lend(SCRATCH);
            if (scratch == null) {
                return -Errno.ENOMEM;
            }
            n = put(d, p, scratch.segment(), scratch.head(), s, at, length, v);
            scratch.release();
        }
        if (n < 0) {
            d.statistics().drop(Drop.READ_FAULT);
            file.statistics().drop(Drop.READ_FAULT);
            return n;
        }
        int octets = p.length() + (p.vlan() == 0 ? 0 : TAG_LENGTH);
        d.statistics().transmitted(octets);
        file.statistics().transmitted(octets);
        return Math.min(n, length);
    }

    /// Answers the length that the whole would have. `scratch` are octets to build headers in.
    private static int put(
            TunTapDevice d,
            PacketBuffer p,
            MemorySegment scratch,
            long scratchAt,
            MemorySegment s,
            long at,
            int length,
            IoVectors v) {
        int flags = d.tunFlags();
        int tag = p.vlan() == 0 ? 0 : TAG_LENGTH;
        int vnet = (flags & TunIoctl.IFF_VNET_HDR) == 0 ? 0 : d.vnetHeaderLength();
        int total = p.length() + tag + vnet;
        long reachable = Places.reachable(s, at, length, v);
        int done = 0;
        if ((flags & TunIoctl.IFF_NO_PI) == 0) {
            if (length < TunPi.LENGTH) {
                return -Errno.EINVAL;
            }
            total += TunPi.LENGTH;
            TunPi.emit(scratch, scratchAt, length < total ? TunPi.FLAG_STRIP : 0, p.protocol());
            Places.copyOut(scratch, scratchAt, (int) Math.min(TunPi.LENGTH, reachable), s, at, v, 0);
            if (reachable < TunPi.LENGTH) {
                return -Errno.EFAULT;
            }
            done = TunPi.LENGTH;
        }
        if (vnet > 0) {
            if (length - done < vnet) {
                return -Errno.EINVAL;
            }
            boolean tunnels = (d.features() & DeviceFeatures.UDP_TUNNEL) != 0;
            if (vnet < VNET_FIELDS && tunnels) {
                // Linux writes the long header whatever length is in use, then fails on what is left of that, a
                // negative number, by wiping all that is behind.
                pad(scratch, scratchAt, (int) Math.min(length, reachable) - done, s, at, v, done);
                return -Errno.EFAULT;
            }
            int fields = Math.min(vnet, VNET_FIELDS);
            VnetHeader.Readers readers = tunnels ? VnetHeader.Readers.UDP_TUNNELS : VnetHeader.Readers.NONE;
            if (!VnetHeader.put(scratch, scratchAt, fields, d.vnetOrder(), readers, p, tag)) {
                return -Errno.EINVAL;
            }
            int there = (int) Math.min(vnet, reachable - done);
            Places.copyOut(scratch, scratchAt, Math.min(fields, there), s, at, v, done);
            pad(scratch, scratchAt, there - fields, s, at, v, done + fields);
            if (there < vnet) {
                return -Errno.EFAULT;
            }
            done += vnet;
        }
        long room = Math.min(length, reachable) - done;
        if (tag > 0) {
            room = put(p.segment(), p.head(), TAG_AT, s, at, v, done, room);
            done += TAG_AT;
            Octets.put32(scratch, scratchAt, p.vlan());
            room = put(scratch, scratchAt, TAG_LENGTH, s, at, v, done, room);
            done += TAG_LENGTH;
            put(p.segment(), p.head() + (long) TAG_AT, p.length() - TAG_AT, s, at, v, done, room);
        } else {
            put(p.segment(), p.head(), p.length(), s, at, v, done, room);
        }
        // Linux does not look whether the packet itself arrived.
        return total;
    }

    private static long put(
            MemorySegment from, long fromAt, int octets, MemorySegment s, long at, IoVectors v, long to, long room) {
        int n = (int) Math.min(octets, Math.max(0, room));
        if (n > 0) {
            Places.copyOut(from, fromAt, n, s, at, v, to);
        }
        return room - octets;
    }

    private static void pad(
            MemorySegment scratch, long scratchAt, int octets, MemorySegment s, long at, IoVectors v, int to) {
        if (octets <= 0) {
            return;
        }
        scratch.asSlice(scratchAt, VNET_FIELDS).fill((byte) 0);
        for (int done = 0; done < octets; done += VNET_FIELDS) {
            Places.copyOut(scratch, scratchAt, Math.min(VNET_FIELDS, octets - done), s, at, v, (long) to + done);
        }
    }
}
