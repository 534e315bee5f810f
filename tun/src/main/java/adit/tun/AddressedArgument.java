package adit.tun;

import adit.device.Errno;
import adit.wire.Octets;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;

/// The argument of an ioctl that a caller names by its address, fetched before the call and put back behind it.
final class AddressedArgument {
    private AddressedArgument() {}

    /// How many octets the kernel looks at or fills, 0 where it takes a number. Of a filter only those in front
    /// of its addresses.
    private static int length(int command) {
        if (Ifreq.isSocketCall(command)) {
            return command == Ifreq.SIOCGSKNS ? 0 : Ifreq.SIZE;
        }
        return switch (command) {
            case TunIoctl.TUNSETIFF, TunIoctl.TUNGETIFF, TunIoctl.TUNSETQUEUE -> Ifreq.SIZE;
            case TunIoctl.TUNSETTXFILTER -> AddressFilter.ADDRESSES;
            case TunIoctl.TUNATTACHFILTER, TunIoctl.TUNGETFILTER -> SocketFilter.FPROG_LENGTH;
            case TunIoctl.TUNGETFEATURES,
                    TunIoctl.TUNGETSNDBUF,
                    TunIoctl.TUNSETSNDBUF,
                    TunIoctl.TUNGETVNETHDRSZ,
                    TunIoctl.TUNSETVNETHDRSZ,
                    TunIoctl.TUNSETIFINDEX,
                    TunIoctl.TUNGETVNETLE,
                    TunIoctl.TUNSETVNETLE,
                    TunIoctl.TUNGETVNETBE,
                    TunIoctl.TUNSETVNETBE,
                    TunIoctl.TUNSETCARRIER,
                    TunIoctl.TUNSETSTEERINGEBPF,
                    TunIoctl.TUNSETFILTEREBPF -> Integer.BYTES;
            default -> 0;
        };
    }

    private static boolean comesBack(int command) {
        return switch (command) {
            case TunIoctl.TUNSETIFF,
                    TunIoctl.TUNGETIFF,
                    TunIoctl.TUNGETFILTER,
                    TunIoctl.TUNGETFEATURES,
                    TunIoctl.TUNGETSNDBUF,
                    TunIoctl.TUNGETVNETHDRSZ,
                    TunIoctl.TUNGETVNETLE,
                    TunIoctl.TUNGETVNETBE,
                    Ifreq.SIOCGIFHWADDR -> true;
            default -> false;
        };
    }

    /// Makes the call with what stands at `address`; with nothing when the octets are not all there.
    static int ioctl(MemoryTunFile file, int command, long address) {
        UserMemory memory = file.driver().memory();
        int length = length(command);
        if (length == 0 || address == 0) {
            return Dispatcher.ioctl(file, command, MemorySegment.NULL, address);
        }
        MemorySegment s = fetch(memory, address, length);
        if (s.byteSize() == 0 && (isOnlyAnswered(command) || command == TunIoctl.TUNATTACHFILTER)) {
            s = fetchPart(memory, address, length);
        }
        if (command == TunIoctl.TUNSETTXFILTER && s.byteSize() > 0) {
            int count = Octets.u16(s, AddressFilter.COUNT, ByteOrder.nativeOrder());
            s = fetch(memory, address, AddressFilter.ADDRESSES + count * AddressFilter.ADDRESS_LENGTH);
        }
        int answer = Dispatcher.ioctl(file, command, s, address);
        boolean partly = answer == -Errno.EFAULT && isOnlyAnswered(command);
        if (s.byteSize() == 0 || !comesBack(command) || (answer < 0 && !partly)) {
            return answer;
        }
        // As in Linux, what the call did stays done when its result finds no place.
        int written = memory.write(address, s);
        return written < 0 ? written : answer;
    }

    /// Whether the kernel copies its answer octet by octet to where the address points, as far as it comes.
    private static boolean isOnlyAnswered(int command) {
        return command == TunIoctl.TUNGETIFF || command == TunIoctl.TUNGETSNDBUF || command == TunIoctl.TUNGETFILTER;
    }

    /// The longest part that is there.
    private static MemorySegment fetchPart(UserMemory memory, long address, int octets) {
        for (int part = octets - 1; part > 0; part--) {
            MemorySegment s = fetch(memory, address, part);
            if (s.byteSize() > 0) {
                return s;
            }
        }
        return MemorySegment.NULL;
    }

    private static MemorySegment fetch(UserMemory memory, long address, int octets) {
        MemorySegment s = MemorySegment.ofArray(new byte[octets]);
        return memory.read(address, s) < 0 ? MemorySegment.NULL : s;
    }
}
