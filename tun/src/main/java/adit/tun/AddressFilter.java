package adit.tun;

import adit.device.Errno;
import adit.wire.Octets;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;

/// Which frames a TAP's readers get, by destination address: up to eight addresses exactly, further groups by a
/// hash of 64 bits. Immutable.
final class AddressFilter {
    /// Passes everything.
    static final AddressFilter NONE = new AddressFilter(new long[0], 0);

    /// Where the number of addresses stands in a `struct tun_filter`, and where these begin.
    static final int COUNT = 2;

    static final int ADDRESSES = 4;
    static final int ADDRESS_LENGTH = 6;

    private static final int MAX_EXACT = 8;
    private static final long GROUP_BIT = 1L << 40;

    private final long[] exact;
    private final long hashes;

    private AddressFilter(long[] exact, long hashes) {
        this.exact = exact;
        this.hashes = hashes;
    }

    /// Reads a `struct tun_filter`: null when its octets are not all there.
    static AddressFilter read(MemorySegment s) {
        if (s.byteSize() < ADDRESSES) {
            return null;
        }
        int count = Octets.u16(s, COUNT, ByteOrder.nativeOrder());
        if (count == 0) {
            return NONE;
        }
        if (s.byteSize() < ADDRESSES + (long) count * ADDRESS_LENGTH) {
            return null;
        }
        long[] exact = new long[Math.min(count, MAX_EXACT)];
        for (int i = 0; i < exact.length; i++) {
            exact[i] = address(s, i);
        }
        long hashes = 0;
        for (int i = exact.length; i < count; i++) {
            long address = address(s, i);
            if ((address & GROUP_BIT) == 0) {
                // A station that has no exact place left: better everything than too little.
                return NONE;
            }
            hashes |= 1L << hash(address);
        }
        boolean all = (Octets.u16(s, 0, ByteOrder.nativeOrder()) & TunIoctl.TUN_FLT_ALLMULTI) != 0;
        return new AddressFilter(exact, all ? -1L : hashes);
    }

    private static long address(MemorySegment s, int index) {
        return Octets.u48(s, ADDRESSES + (long) index * ADDRESS_LENGTH);
    }

    /// What TUNSETTXFILTER answers for a filter that was read from `s`.
    static int answer(AddressFilter filter) {
        return filter == null ? -Errno.EFAULT : filter.exact.length;
    }

    /// Whether a frame to `destination` passes.
    boolean passes(long destination) {
        if (exact.length == 0) {
            return true;
        }
        for (long address : exact) {
            if (address == destination) {
                return true;
            }
        }
        return (destination & GROUP_BIT) != 0 && (hashes == -1L || (hashes & (1L << hash(destination))) != 0);
    }

    /// The upper six bits of Ethernet's check sequence over the address, as Linux's `ether_crc` has them. Bit
    /// by bit: six octets are not worth a table.
    static int hash(long address) {
        int crc = -1;
        for (int shift = 40; shift >= 0; shift -= 8) {
            crc ^= (int) (address >>> shift) & 0xff;
            for (int bit = 0; bit < 8; bit++) {
                crc = (crc >>> 1) ^ ((crc & 1) == 0 ? 0 : 0xedb8_8320);
            }
        }
        return Integer.reverse(crc) >>> 26;
    }
}
