package adit.tun;

import adit.device.Device;
import adit.device.DeviceTable;
import adit.device.Errno;
import adit.device.InterfaceRequest;
import java.lang.foreign.MemorySegment;

/// How a file gets a device: TUNSETIFF, and how its queue goes out of service and back: TUNSETQUEUE. Under the
/// control lock.
final class Attachment {
    /// What TUNSETIFF may change of a device, besides making it.
    private static final int FEATURES_4_1 =
            TunIoctl.IFF_NO_PI | TunIoctl.IFF_ONE_QUEUE | TunIoctl.IFF_VNET_HDR | TunIoctl.IFF_MULTI_QUEUE;

    private static final int FEATURES_6_18 = FEATURES_4_1 | TunIoctl.IFF_NAPI | TunIoctl.IFF_NAPI_FRAGS;
    private static final int KINDS = TunIoctl.IFF_TUN | TunIoctl.IFF_TAP;
    private static final int KIND_MASK = 0xf;

    private Attachment() {}

    private static int changeable(Profile profile) {
        return profile == Profile.LINUX_4_1 ? FEATURES_4_1 : FEATURES_6_18;
    }

    /// What TUNGETFEATURES answers.
    static int features(Profile profile) {
        int carrier = profile == Profile.LINUX_4_1 ? 0 : TunIoctl.IFF_NO_CARRIER;
        return changeable(profile) | KINDS | carrier;
    }

    /// TUNSETIFF on a file without a device. `s` is a whole `struct ifreq`; the name in it becomes the
    /// device's.
    static int setInterface(MemoryTunFile file, MemorySegment s) {
        int flags = InterfaceRequest.flags(s);
        String name = InterfaceRequest.name(s);
        boolean napi = file.driver().profile() == Profile.LINUX_6_18;
        if (napi && (flags & TunIoctl.IFF_NAPI_FRAGS) != 0) {
            if (!file.caller().isNetAdmin()) {
                return -Errno.EPERM;
            }
            if ((flags & TunIoctl.IFF_NAPI) == 0 || (flags & KIND_MASK) != TunIoctl.IFF_TAP) {
                return -Errno.EINVAL;
            }
        }
        DeviceTable table = file.driver().table();
        Device present = name.isEmpty() ? null : table.byName(name);
        return present == null ? make(file, s, name, flags) : join(file, s, present, flags);
    }

    private static int join(MemoryTunFile file, MemorySegment s, Device present, int flags) {
        if ((flags & TunIoctl.IFF_TUN_EXCL) != 0) {
            return -Errno.EBUSY;
        }
        if (!(present instanceof TunTapDevice d)
                || (flags & (d.isTap() ? TunIoctl.IFF_TAP : TunIoctl.IFF_TUN)) == 0
                || ((flags & TunIoctl.IFF_MULTI_QUEUE) != 0) != d.isMultiQueue()) {
            return -Errno.EINVAL;
        }
        if (d.refuses(file.caller())) {
            return -Errno.EPERM;
        }
        int answer = d.files().attach(file, reception(file, flags), (flags & TunIoctl.IFF_NOFILTER) != 0);
        if (answer < 0) {
            return answer;
        }
        if (d.isMultiQueue() && d.files().all() > 1) {
            // The device is in use: neither its flags nor the name in the request change.
            d.tell();
            return 0;
        }
        d.tunFlags(merge(d, flags));
        d.tell();
        return finish(d, s, flags);
    }

    private static int make(MemoryTunFile file, MemorySegment s, String name, int flags) {
        if (!file.caller().isNetAdmin()) {
            return -Errno.EPERM;
        }
        if ((flags & KINDS) == 0) {
            return -Errno.EINVAL;
        }
        TunSpec.Kind kind = (flags & TunIoctl.IFF_TUN) != 0 ? TunSpec.Kind.TUN : TunSpec.Kind.TAP;
        TunTapDevice d = new TunTapDevice(file.driver(), kind);
        d.tunFlags(merge(d, flags));
        d.first(file, reception(file, flags));
        String wanted = !name.isEmpty() ? name : kind == TunSpec.Kind.TUN ? "tun%d" : "tap%d";
        int answer = file.driver().table().register(d, wanted, file.wantedIndex());
        if (answer < 0) {
            if (answer == -Errno.EBUSY) {
                // By the time Linux looks at the index the file has been the first queue for a moment.
                file.queueIndex(0);
            }
            return answer;
        }
        return finish(d, s, flags);
    }

    private static int merge(TunTapDevice d, int flags) {
        int changeable = changeable(d.profile());
        return (d.tunFlags() & ~changeable) | (flags & changeable);
    }

    private static int finish(TunTapDevice d, MemorySegment s, int flags) {
        boolean without = d.profile() == Profile.LINUX_6_18 && (flags & TunIoctl.IFF_NO_CARRIER) != 0;
        d.carrier(!without);
        InterfaceRequest.name(s, d.name());
        InterfaceRequest.flags(s, flags);
        return 0;
    }

    private static MemoryTunFile.Reception reception(MemoryTunFile file, int flags) {
        if (file.driver().profile() == Profile.LINUX_4_1 || (flags & TunIoctl.IFF_NAPI) == 0) {
            return MemoryTunFile.Reception.DIRECT;
        }
        return (flags & TunIoctl.IFF_NAPI_FRAGS) == 0
                ? MemoryTunFile.Reception.NAPI
                : MemoryTunFile.Reception.NAPI_FRAGMENTS;
    }

    /// TUNSETQUEUE.
    static int setQueue(MemoryTunFile file, int flags) {
        TunTapDevice d = file.device();
        if ((flags & TunIoctl.IFF_ATTACH_QUEUE) != 0) {
            if (d == null || !file.isDetached()) {
                return -Errno.EINVAL;
            }
            int answer = d.files().attach(file, file.reception(), false);
            if (answer == 0) {
                d.tell();
            }
            return answer;
        }
        if ((flags & TunIoctl.IFF_DETACH_QUEUE) == 0 || d == null || !d.isMultiQueue() || file.isDetached()) {
            return -Errno.EINVAL;
        }
        d.detach(file, AttachedFiles.Leaving.SERVICE);
        return 0;
    }
}
