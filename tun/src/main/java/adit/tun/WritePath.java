package adit.tun;

import adit.device.BufferPools;
import adit.device.Drop;
import adit.device.Errno;
import adit.offload.VnetHeader;
import adit.packet.Offload;
import adit.packet.PacketBuffer;
import adit.wire.EtherType;
import adit.wire.Octets;
import adit.wire.TunPi;
import adit.wire.VirtioNet;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;

/// From a writer's memory to the stack, in this order:
///
/// 1. tun_pi: EINVAL when there is not even that;
/// 2. virtio-net header: EINVAL when it is cut, or when the headers that it tells of are longer than what
///    follows;
/// 3. a TAP's frame has an Ethernet header, and so have the headers told of: EINVAL;
/// 4. fragments of a gathering write are few and small: EMSGSIZE, EINVAL, and a drop;
/// 5. a buffer: ENOMEM, or ENOBUFS for more than there is a buffer for, and a drop; the octets: EFAULT, and a drop;
/// 6. what the virtio-net header says fits the packet: EINVAL, and a frame error;
/// 7. a TUN without tun_pi is given IPv4 or IPv6: EINVAL, and a drop;
/// 8. the device is up: EIO, and a drop;
/// 9. the stack gets it, through [Napi] if the file has it, it counts as received without its framing, and its
///    flow is learnt.
///
/// Linux 4.1 does not look whether the device is up.
final class WritePath {
    private static final int MAX_FRAGMENTS = 17;
    /// The longest frame of fragments: what a buffer of Linux's has behind its headroom.
    private static final int MAX_FRAGMENTED = 65_535 - 64;
    private static final int PAGE = 4096;
    /// The most that a buffer of Linux's takes on x86: 17 fragments of eight pages, and in front of them one piece of
    /// 4 MiB, in which there is room for padding and notes, too.
    private static final int MAX_BUFFERED = MAX_FRAGMENTS * 8 * PAGE + (4 << 20) - 64 - 320;
    private static final int VERSION_4 = 4;
    private static final int VERSION_6 = 6;
    /// What Linux keeps free in front of a packet, and behind it for its own notes, in the page of a small
    /// packet.
    private static final int PADDING = 64;

    private static final int NOTES = 320;
    /// What it keeps free in front of a frame, besides, for programs that look at it.
    private static final int PROGRAM_ROOM = 256;

    private WritePath() {}

    /// What comes behind a packet.
    enum Next {
        /// No packet that is known of.
        NOTHING,
        /// Another packet, at once.
        FOLLOWS
    }

    /// Answers `length`, or a negative errno.
    static int write(TunTapDevice d, MemoryTunFile file, MemorySegment s, long at, int length, IoVectors v, Next next) {
        int flags = d.tunFlags();
        long reachable = Places.reachable(s, at, length, v);
        int pi = (flags & TunIoctl.IFF_NO_PI) == 0 ? TunPi.LENGTH : 0;
        if (length < pi) {
            return -Errno.EINVAL;
        }
        if (reachable < pi) {
            return -Errno.EFAULT;
        }
        int vnet = (flags & TunIoctl.IFF_VNET_HDR) == 0 ? 0 : d.vnetHeaderLength();
        int octets = length - pi - vnet;
        if (octets < 0) {
            return -Errno.EINVAL;
        }
        int fields =
                vnet >= VirtioNet.LENGTH_WITH_TUNNEL ? VirtioNet.LENGTH_WITH_TUNNEL : Math.min(vnet, VirtioNet.LENGTH);
        if (reachable < pi + fields) {
            return -Errno.EFAULT;
        }
        // The framing and the packet go into one buffer, the framing in front; what pads it is left out.
        PacketBuffer p = d.table().buffers().lend(octets + pi + fields);
        if (p == null) {
            return dropped(d, file, Drop.NOMEM_RX, -Errno.ENOMEM);
        }
        int framing = p.put(pi + fields);
        if (pi + fields > 0) {
            Places.copyIn(s, at, v, 0, p.segment(), framing, pi + fields);
        }
        // Padding is passed over unread, so where nothing follows it need not be there.
        long following = Math.max(0, reachable - pi - vnet);
        int answer = fill(d, file, p, framing + pi, vnet, octets, following, s, at, v, pi + vnet);
        if (answer < 0) {
            p.release();
            return answer;
        }
        p.queue(file.queueIndex());
        // Counted first, so that whoever sees the packet sees it counted.
        d.statistics().received(octets);
        file.statistics().received(octets);
        int hash = d.files().learns(file) ? d.flowHash(p) : 0;
        Napi napi = file.napi();
        if (napi == null) {
            d.receive(p);
        } else if (!napi.offer(p)) {
            p.release();
            return dropped(d, file, Drop.NOMEM_RX, -Errno.ENOMEM);
        } else if (next == Next.NOTHING || napi.waiting() > Napi.WEIGHT) {
            napi.schedule();
        }
        if (hash != 0) {
            d.files().learn(hash, file);
        }
        return length;
    }

    /// Brings the octets behind the framing, and all that the framing says beside them.
    private static int fill(
            TunTapDevice d,
            MemoryTunFile file,
            PacketBuffer p,
            int vnetAt,
            int vnet,
            int octets,
            long reachable,
            MemorySegment s,
            long at,
            IoVectors v,
            int from) {
        ByteOrder order = d.vnetOrder();
        int headers = 0;
        if (vnet > 0) {
            headers = VnetHeader.headerLength(p.segment(), vnetAt, order);
            // Linux looks before it passes over what pads the header.
            if (headers > octets + vnet - Math.min(vnet, d.parsedVnetHeader())) {
                return -Errno.EINVAL;
            }
        }
        int link = d.headerLength();
        if (octets < link || (headers > 0 && headers < link)) {
            return -Errno.EINVAL;
        }
        MemoryTunFile.Reception reception = file.reception();
        if (reception == MemoryTunFile.Reception.NAPI_FRAGMENTS) {
            int answer = fragments(v, from, octets);
            if (answer < 0) {
                return dropped(d, file, Drop.NOMEM_RX, answer);
            }
        } else if (octets > MAX_BUFFERED && d.profile() == Profile.LINUX_6_18) {
            return dropped(d, file, Drop.NOMEM_RX, -Errno.ENOBUFS);
        } else if (reachable >= octets || !isCopiedFirst(d, file, octets)) {
            // From here on Linux has a buffer on the file's account, and lets go of it whatever becomes of the packet.
            file.space(MemoryTunFile.LETTING_GO);
        }
        if (reachable < octets) {
            return dropped(d, file, Drop.SKB_UCOPY_FAULT, -Errno.EFAULT);
        }
        int protocol = (d.tunFlags() & TunIoctl.IFF_NO_PI) == 0
                ? TunPi.protocol(p.segment(), vnetAt - (long) TunPi.LENGTH)
                : 0;
        // What no IP packet can reach is not kept.
        int framing = p.length();
        int kept = Math.min(octets, BufferPools.LARGE - framing);
        Places.copyIn(s, at, v, from, p.segment(), p.put(kept), kept);
        p.pull(framing);
        if (vnet > 0) {
            int fields = Math.min(vnet, VirtioNet.LENGTH_WITH_TUNNEL);
            if (!VnetHeader.take(p.segment(), vnetAt, fields, order, d.vnetRules(), p)) {
                drop(d, file, d.vnetFault());
                return -Errno.EINVAL;
            }
        }
        Offload o = p.offload();
        o.headerLength = Math.max(o.headerLength, linear(headers, octets));
        return protocol(d, file, p, protocol);
    }

    /// Whether Linux copies a frame before it makes a buffer of it: one for a page, from who doesn't wait.
    private static boolean isCopiedFirst(TunTapDevice d, MemoryTunFile file, int octets) {
        boolean isSmall = PADDING + PROGRAM_ROOM + octets <= PAGE - NOTES;
        return d.isTap() && !file.blocking() && file.sendBuffer() == Integer.MAX_VALUE && isSmall;
    }

    private static int protocol(TunTapDevice d, MemoryTunFile file, PacketBuffer p, int told) {
        if (!d.isTap()) {
            int protocol = told;
            if ((d.tunFlags() & TunIoctl.IFF_NO_PI) != 0) {
                int version = p.length() == 0 ? 0 : Octets.u8(p.segment(), p.head()) >> 4;
                if (version != VERSION_4 && version != VERSION_6) {
                    return dropped(d, file, Drop.NOT_IP, -Errno.EINVAL);
                }
                protocol = version == VERSION_4 ? EtherType.IPV4 : EtherType.IPV6;
            }
            p.protocol(protocol);
        }
        if (!d.isUp() && d.profile() == Profile.LINUX_6_18) {
            return dropped(d, file, Drop.DEV_READY_RX, -Errno.EIO);
        }
        return file.isDetached() && file.reception() != MemoryTunFile.Reception.DIRECT ? -Errno.EBUSY : 0;
    }

    /// Whether Linux would take the places behind the framing as fragments of one packet.
    private static int fragments(IoVectors v, int framing, int octets) {
        if (octets > MAX_FRAGMENTED) {
            return -Errno.EMSGSIZE;
        }
        if (v == null) {
            return 0;
        }
        int first = 0;
        int skip = framing;
        while (first < v.count() && skip >= v.length(first)) {
            skip -= v.length(first);
            first++;
        }
        if (v.count() - first > MAX_FRAGMENTS + 1) {
            return -Errno.EMSGSIZE;
        }
        for (int i = first + 1; i < v.count(); i++) {
            if (v.length(i) == 0 || v.length(i) > PAGE) {
                return -Errno.EINVAL;
            }
        }
        return 0;
    }

    /// How many octets Linux would have put into the linear part of its buffer: what a reader is told as the
    /// length of the headers.
    private static int linear(int headers, int octets) {
        if (PADDING + octets < PAGE) {
            return octets;
        }
        int most = PAGE - PADDING - NOTES;
        return headers == 0 ? Math.min(most, octets) : Math.min(headers, most);
    }

    private static int dropped(TunTapDevice d, MemoryTunFile file, Drop why, int answer) {
        drop(d, file, why);
        return answer;
    }

    private static void drop(TunTapDevice d, MemoryTunFile file, Drop why) {
        d.statistics().drop(why);
        file.statistics().drop(why);
    }
}
