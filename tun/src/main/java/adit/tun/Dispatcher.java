package adit.tun;

import adit.device.DeviceTable;
import adit.device.Errno;
import adit.device.InterfaceRequest;
import adit.wire.MacAddress;
import adit.wire.Octets;
import adit.wire.VirtioNet;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;

/// The ioctls of a TUN file, asked in the driver's order:
///
/// 1. TUNSETIFF, TUNSETQUEUE and everything of type 0x89 bring a `struct ifreq`: EFAULT when it is not all
///    there;
/// 2. TUNGETFEATURES, TUNSETQUEUE, SIOCGSKNS need no device;
/// 3. TUNSETIFF needs a file without one, and so does TUNSETIFINDEX;
/// 4. all else needs a device: EBADFD;
/// 5. what nobody knows is EINVAL.
///
/// Answers 0, a number, or a negative errno.
final class Dispatcher {
    private static final ByteOrder HOST = ByteOrder.nativeOrder();
    private static final int NO_USER = -1;

    private Dispatcher() {}

    static int ioctl(MemoryTunFile file, int command, MemorySegment s, long value) {
        boolean isCurrent = file.driver().profile() == Profile.LINUX_6_18;
        boolean bringsRequest = command == TunIoctl.TUNSETIFF
                || command == TunIoctl.TUNSETQUEUE
                || (Ifreq.isSocketCall(command) && !(isCurrent && command == Ifreq.SIOCGSKNS));
        if (bringsRequest && s.byteSize() < Ifreq.SIZE) {
            return -Errno.EFAULT;
        }
        if (command == TunIoctl.TUNGETFEATURES) {
            return put(s, Attachment.features(file.driver().profile()));
        }
        DeviceTable table = file.driver().table();
        table.lock().lock();
        try {
            if (!file.isOpen()) {
                return -Errno.EBADF;
            }
            if (command == TunIoctl.TUNSETQUEUE) {
                return Attachment.setQueue(file, InterfaceRequest.flags(s));
            }
            if (isCurrent && command == Ifreq.SIOCGSKNS) {
                return file.caller().isNetAdmin() ? file.driver().describe(table) : -Errno.EPERM;
            }
            return locked(file, command, s, value);
        } finally {
            table.lock().unlock();
        }
    }

    private static int locked(MemoryTunFile file, int command, MemorySegment s, long value) {
        boolean isCurrent = file.driver().profile() == Profile.LINUX_6_18;
        TunTapDevice d = file.device();
        if (command == TunIoctl.TUNSETIFF && (d == null || isCurrent)) {
            return d == null ? Attachment.setInterface(file, s) : -Errno.EEXIST;
        }
        if (command == TunIoctl.TUNSETIFINDEX) {
            if (d != null) {
                return -Errno.EPERM;
            }
            if (s.byteSize() < Integer.BYTES) {
                return -Errno.EFAULT;
            }
            int index = Octets.i32(s, 0, HOST);
            if (index < 0 && isCurrent) {
                return -Errno.EINVAL;
            }
            file.wantedIndex(index);
            return 0;
        }
        if (d == null) {
            return -Errno.EBADFD;
        }
        return switch (command) {
            case TunIoctl.TUNGETIFF -> interfaceOf(file, d, s);
            case TunIoctl.TUNSETNOCSUM -> 0;
            case TunIoctl.TUNSETPERSIST -> persist(d, value);
            case TunIoctl.TUNSETOWNER -> owner(d, value);
            case TunIoctl.TUNSETGROUP -> group(d, value);
            case TunIoctl.TUNSETLINK -> linkType(d, value);
            case TunIoctl.TUNSETDEBUG -> isCurrent ? messageLevel(d, value) : -Errno.EINVAL;
            case TunIoctl.TUNSETOFFLOAD -> offload(d, value, file.driver().profile());
            case TunIoctl.TUNSETTXFILTER -> d.isTap() ? addressFilter(d, s) : -Errno.EINVAL;
            case Ifreq.SIOCGIFHWADDR -> hardwareAddress(d, s);
            case Ifreq.SIOCSIFHWADDR -> setHardwareAddress(d, s);
            case TunIoctl.TUNGETSNDBUF -> sendBuffer(file, s);
            case TunIoctl.TUNSETSNDBUF -> sendBuffer(d, s, isCurrent);
            case TunIoctl.TUNATTACHFILTER -> d.isTap() ? attachFilter(file, d, s) : -Errno.EINVAL;
            case TunIoctl.TUNDETACHFILTER -> d.isTap() ? detachFilter(d) : -Errno.EINVAL;
            case TunIoctl.TUNGETFILTER -> d.isTap() ? filterOf(d, s) : -Errno.EINVAL;
            default -> isCurrent && isLater(command) ? later(file, d, command, s) : vnet(d, command, s);
        };
    }

    private static int messageLevel(TunTapDevice d, long value) {
        d.ethtoolSettings().messageLevel = (int) value;
        return 0;
    }

    /// What came after Linux 4.1.
    private static boolean isLater(int command) {
        return command == TunIoctl.TUNSETSTEERINGEBPF
                || command == TunIoctl.TUNSETFILTEREBPF
                || command == TunIoctl.TUNSETCARRIER
                || command == TunIoctl.TUNGETDEVNETNS;
    }

    private static int later(MemoryTunFile file, TunTapDevice d, int command, MemorySegment s) {
        if (command == TunIoctl.TUNGETDEVNETNS) {
            return file.caller().isNetAdmin() ? file.driver().describe(d.table()) : -Errno.EPERM;
        }
        if (s.byteSize() < Integer.BYTES) {
            return -Errno.EFAULT;
        }
        int given = Octets.i32(s, 0, HOST);
        if (command != TunIoctl.TUNSETCARRIER) {
            // No descriptor names a program here; -1 takes one away.
            return given == -1 ? 0 : -Errno.EBADF;
        }
        return d.changeCarrier(given != 0);
    }

    private static int put(MemorySegment s, int value) {
        if (s.byteSize() < Integer.BYTES) {
            return -Errno.EFAULT;
        }
        Octets.put32(s, 0, value, HOST);
        return 0;
    }

    /// Fills what is there of the argument, which is too little when that is not all.
    private static int answer(MemorySegment s, MemorySegment whole) {
        long there = Math.min(s.byteSize(), whole.byteSize());
        MemorySegment.copy(whole, 0, s, 0, there);
        return there < whole.byteSize() ? -Errno.EFAULT : 0;
    }

    private static int interfaceOf(MemoryTunFile file, TunTapDevice d, MemorySegment s) {
        int flags = d.tunFlags();
        if (file.isDetached()) {
            flags |= TunIoctl.IFF_DETACH_QUEUE;
        }
        if (file.filter() == null) {
            flags |= TunIoctl.IFF_NOFILTER;
        }
        MemorySegment whole = MemorySegment.ofArray(new byte[Ifreq.SIZE]);
        InterfaceRequest.name(whole, d.name());
        InterfaceRequest.flags(whole, flags);
        return answer(s, whole);
    }

    private static int sendBuffer(MemoryTunFile file, MemorySegment s) {
        MemorySegment whole = MemorySegment.ofArray(new byte[Integer.BYTES]);
        Octets.put32(whole, 0, file.sendBuffer(), HOST);
        return answer(s, whole);
    }

    private static int persist(TunTapDevice d, long value) {
        int flags = d.tunFlags();
        int wanted = value != 0 ? flags | TunIoctl.IFF_PERSIST : flags & ~TunIoctl.IFF_PERSIST;
        if (wanted != flags) {
            d.tunFlags(wanted);
            d.tell();
        }
        return 0;
    }

    private static int owner(TunTapDevice d, long value) {
        if ((int) value == NO_USER) {
            return -Errno.EINVAL;
        }
        d.owner((int) value);
        d.tell();
        return 0;
    }

    private static int group(TunTapDevice d, long value) {
        if ((int) value == NO_USER) {
            return -Errno.EINVAL;
        }
        d.ownerGroup((int) value);
        d.tell();
        return 0;
    }

    private static int linkType(TunTapDevice d, long value) {
        if (d.isUp()) {
            return -Errno.EBUSY;
        }
        d.linkType((int) value);
        return 0;
    }

    private static int offload(TunTapDevice d, long mask, Profile profile) {
        int features = OffloadMask.features(mask, profile);
        if (features < 0) {
            return -Errno.EINVAL;
        }
        d.carried(features);
        return 0;
    }

    private static int addressFilter(TunTapDevice d, MemorySegment s) {
        AddressFilter filter = AddressFilter.read(s);
        if (filter != null) {
            d.addressFilter(filter);
        }
        return AddressFilter.answer(filter);
    }

    private static int hardwareAddress(TunTapDevice d, MemorySegment s) {
        MemorySegment.copy(
                MemorySegment.ofArray(new byte[Ifreq.SIZE - Ifreq.HARDWARE_ADDRESS]), 0, s, Ifreq.HARDWARE_ADDRESS, 14);
        Ifreq.linkType(s, d.hardwareType());
        int length = Math.min(d.addressLength(), MacAddress.LENGTH);
        for (int i = 0; i < length; i++) {
            int shift = (MacAddress.LENGTH - 1 - i) * Byte.SIZE;
            Octets.put8(s, Ifreq.HARDWARE_ADDRESS + (long) i, (int) (d.address() >>> shift) & 0xff);
        }
        return 0;
    }

    private static int setHardwareAddress(TunTapDevice d, MemorySegment s) {
        return d.address(
                Ifreq.linkType(s), MacAddress.read(s, Ifreq.HARDWARE_ADDRESS).bits());
    }

    private static int sendBuffer(TunTapDevice d, MemorySegment s, boolean checked) {
        if (s.byteSize() < Integer.BYTES) {
            return -Errno.EFAULT;
        }
        int octets = Octets.i32(s, 0, HOST);
        if (octets <= 0 && checked) {
            return -Errno.EINVAL;
        }
        d.files().sendBuffer(octets);
        return 0;
    }

    private static int attachFilter(MemoryTunFile file, TunTapDevice d, MemorySegment s) {
        // What is there of it is kept, and zeroes instead of the rest.
        long there = Math.min(s.byteSize(), SocketFilter.FPROG_LENGTH);
        d.files().program().fill((byte) 0).copyFrom(s.asSlice(0, there));
        if (there < SocketFilter.FPROG_LENGTH) {
            return -Errno.EFAULT;
        }
        // Linux looks at the program once for each queue, and so not at all when there is none in service.
        return d.files().inService() == 0
                ? d.files().announceFilter()
                : d.files().filter(file);
    }

    private static int detachFilter(TunTapDevice d) {
        d.files().dropFilter();
        return 0;
    }

    private static int filterOf(TunTapDevice d, MemorySegment s) {
        return answer(s, d.files().program());
    }

    private static int vnet(TunTapDevice d, int command, MemorySegment s) {
        switch (command) {
            case TunIoctl.TUNGETVNETHDRSZ -> {
                return put(s, d.vnetHeaderLength());
            }
            case TunIoctl.TUNGETVNETLE -> {
                return put(s, d.isVnetLittleEndian() ? 1 : 0);
            }
            case TunIoctl.TUNSETVNETHDRSZ, TunIoctl.TUNSETVNETLE -> {
                if (s.byteSize() < Integer.BYTES) {
                    return -Errno.EFAULT;
                }
            }
            // TUNSETVNETBE and TUNGETVNETBE among them, as in kernels built without CONFIG_TUN_VNET_CROSS_LE.
            default -> {
                return -Errno.EINVAL;
            }
        }
        int given = Octets.i32(s, 0, HOST);
        if (command == TunIoctl.TUNSETVNETLE) {
            d.vnetLittleEndian(given != 0);
            return 0;
        }
        if (given < VirtioNet.LENGTH) {
            return -Errno.EINVAL;
        }
        d.vnetHeaderLength(given);
        return 0;
    }
}
