package adit.bsdtun;

import adit.bsdtun.BsdProfile.Trait;
import adit.wire.Octets;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;

/// The ioctls of a tun file. As in NetBSD's system call, what the number says is given is copied in first and
/// what it says is answered is copied out last, each EFAULT when the memory is too short.
///
/// Answers 0 or a negative errno.
final class FileIoctls {
    private static final ByteOrder HOST = ByteOrder.nativeOrder();
    private static final int MODES = BsdFlags.IFF_POINTOPOINT | BsdFlags.IFF_BROADCAST;

    private FileIoctls() {}

    static int ioctl(BsdTunFile file, int command, MemorySegment s) {
        int length = BsdIoctl.length(command);
        if (BsdIoctl.isIn(command) && s.byteSize() < length) {
            return -BsdErrno.EFAULT;
        }
        BsdTunDriver driver = file.driver();
        driver.lock().lock();
        try {
            TunUnit unit = file.tunUnit();
            BsdTunDevice device = unit.device();
            if (!file.isOpen()) {
                return -BsdErrno.EBADF;
            }
            if (device == null) {
                return -BsdErrno.ENXIO;
            }
            if (BsdIoctl.isIn(command)) {
                return length == Integer.BYTES
                        ? set(driver, unit, device, command, Octets.i32(s, 0, HOST))
                        : -BsdErrno.ENOTTY;
            }
            long answer = get(driver, unit, device, command);
            if (answer == NOTHING) {
                return -BsdErrno.ENOTTY;
            }
            if (s.byteSize() < Integer.BYTES) {
                return -BsdErrno.EFAULT;
            }
            Octets.put32(s, 0, (int) answer, HOST);
            return 0;
        } finally {
            driver.lock().unlock();
        }
    }

    private static int set(BsdTunDriver driver, TunUnit unit, BsdTunDevice device, int command, int value) {
        switch (command) {
            case BsdIoctl.TUNSDEBUG -> driver.debug(value);
            case BsdIoctl.TUNSIFMODE -> {
                return mode(device, value);
            }
            case BsdIoctl.TUNSLMODE -> frame(unit, TunFlags.PREPADDR, value);
            case BsdIoctl.TUNSIFHEAD -> {
                if (!driver.profile().has(Trait.FAMILY_HEADER)) {
                    return -BsdErrno.ENOTTY;
                }
                frame(unit, TunFlags.IFHEAD, value);
            }
            case BsdIoctl.FIONBIO -> unit.put(TunFlags.NBIO, value != 0);
            case BsdIoctl.FIOASYNC -> unit.put(TunFlags.ASYNC, value != 0);
            case BsdIoctl.FIOSETOWN -> unit.owner(value);
            case BsdIoctl.TIOCSPGRP -> {
                if (value < 0) {
                    return -BsdErrno.EINVAL;
                }
                unit.owner(-value);
            }
            default -> {
                return -BsdErrno.ENOTTY;
            }
        }
        return 0;
    }

    private static int mode(BsdTunDevice device, int value) {
        if (Integer.bitCount(value & MODES) != 1) {
            return -BsdErrno.EINVAL;
        }
        if ((device.ifFlags() & BsdFlags.IFF_UP) != 0) {
            return -BsdErrno.EBUSY;
        }
        device.mode(value);
        return 0;
    }

    /// One framing takes the place of the other.
    private static void frame(TunUnit unit, int framing, int value) {
        if (value != 0) {
            unit.clear(TunFlags.PREPADDR | TunFlags.IFHEAD);
        }
        unit.put(framing, value != 0);
    }

    private static final long NOTHING = Long.MIN_VALUE;

    /// The int that a call answers, or `NOTHING` for a call that there is not.
    private static long get(BsdTunDriver driver, TunUnit unit, BsdTunDevice device, int command) {
        return switch (command) {
            case BsdIoctl.TUNGDEBUG -> driver.debug();
            // The flag itself, and not 1.
            case BsdIoctl.TUNGIFHEAD ->
                driver.profile().has(Trait.FAMILY_HEADER) ? unit.flags() & TunFlags.IFHEAD : NOTHING;
            case BsdIoctl.FIONREAD -> Math.max(0, device.firstLength());
            case BsdIoctl.FIOGETOWN -> unit.owner();
            case BsdIoctl.TIOCGPGRP -> -unit.owner();
            default -> NOTHING;
        };
    }
}
