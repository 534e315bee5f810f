package adit.bsdtun;

import adit.bsdtun.BsdProfile.Trait;
import adit.device.Counter;
import adit.packet.PacketBuffer;
import adit.wire.EtherType;
import adit.wire.Octets;
import java.lang.foreign.MemorySegment;

/// From the opener's memory to the stack, in this order:
///
/// 1. the interface was not destroyed: ENXIO;
/// 2. the framing is all there: EIO; it tells the family;
/// 3. 1 to 1500 octets are behind it: EIO;
/// 4. the family is one that the stack takes: EAFNOSUPPORT;
/// 5. a buffer: ENOBUFS; the octets: EFAULT, and an input error;
/// 6. taps see it;
/// 7. the interface was not destroyed meanwhile: ENXIO;
/// 8. the stack gets it, or its input queue: ENOBUFS, and a collision. It counts as received without its
///    framing.
///
/// Whether the interface is up, or ready, is not asked.
final class WritePath {
    private static final int FAMILY_LENGTH = 4;

    private WritePath() {}

    /// Answers `length`, or a negative errno.
    static int write(BsdTunDriver driver, TunUnit unit, MemorySegment s, long at, int length) {
        BsdTunDevice device = unit.device();
        if (device == null) {
            return -BsdErrno.ENXIO;
        }
        int flags = unit.flags();
        int framing =
                (flags & TunFlags.PREPADDR) != 0 ? Sockaddr.LENGTH : (flags & TunFlags.IFHEAD) != 0 ? FAMILY_LENGTH : 0;
        if (length < framing) {
            return -BsdErrno.EIO;
        }
        if (framing > 0 && !isInside(s, at, framing)) {
            return -BsdErrno.EFAULT;
        }
        int family = Sockaddr.AF_INET;
        if (framing == Sockaddr.LENGTH) {
            family = Sockaddr.family(s, at);
            // A longer address is passed over to its end, or to that of the packet.
            framing = Math.min(length, Math.max(framing, Sockaddr.length(s, at)));
        } else if (framing == FAMILY_LENGTH) {
            // Families have one octet, and so much is looked at.
            family = Octets.u8(s, at + FAMILY_LENGTH - 1);
        }
        int octets = length - framing;
        if (octets == 0 || octets > BsdTunDevice.MTU) {
            return -BsdErrno.EIO;
        }
        int protocol = protocol(family, driver.profile());
        if (protocol == 0) {
            return -BsdErrno.EAFNOSUPPORT;
        }
        PacketBuffer p = device.table().buffers().lend(octets);
        if (p == null) {
            return -BsdErrno.ENOBUFS;
        }
        int answer = isInside(s, at + framing, octets)
                ? deliver(driver, unit, device, fill(p, s, at + framing, octets, protocol), family)
                : -BsdErrno.EFAULT;
        if (answer == 0) {
            return length;
        }
        if (answer == -BsdErrno.EFAULT) {
            device.statistics().add(Counter.RX_ERRORS, 1);
        }
        p.release();
        return answer;
    }

    private static boolean isInside(MemorySegment s, long at, int length) {
        return at >= 0 && at <= s.byteSize() - length;
    }

    private static int protocol(int family, BsdProfile profile) {
        return switch (family) {
            case Sockaddr.AF_INET -> EtherType.IPV4;
            case Sockaddr.AF_INET6 -> profile.has(Trait.WRITES_IP6) ? EtherType.IPV6 : 0;
            default -> 0;
        };
    }

    private static PacketBuffer fill(PacketBuffer p, MemorySegment s, long at, int octets, int protocol) {
        MemorySegment.copy(s, at, p.segment(), p.put(octets), octets);
        p.protocol(protocol);
        return p;
    }

    /// Answers 0, or a negative errno with which the packet stays the caller's.
    private static int deliver(BsdTunDriver driver, TunUnit unit, BsdTunDevice device, PacketBuffer p, int family) {
        int shown = driver.profile().has(Trait.TAP_FAMILY) ? family : Sockaddr.AF_INET;
        device.show(shown, p, FamilyTap.Direction.IN);
        if (unit.device() != device) {
            return -BsdErrno.ENXIO;
        }
        // Looked at before the stack has it, and counted before, so that whoever sees the packet sees it counted.
        int octets = p.length();
        device.statistics().received(octets);
        if (driver.receive(unit, device, p)) {
            return 0;
        }
        device.statistics().add(Counter.RX_PACKETS, -1);
        device.statistics().add(Counter.RX_BYTES, -octets);
        device.statistics().add(Counter.COLLISIONS, 1);
        return -BsdErrno.ENOBUFS;
    }
}
