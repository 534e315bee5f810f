package adit.bsdtun;

import adit.device.InterfaceRequest;
import adit.wire.IpAddress;
import java.lang.foreign.MemorySegment;

/// NetBSD's `struct ifreq`, `struct ifaliasreq` and `struct in6_aliasreq`: stateless accessors.
/// Name, flags and MTU are every Unix's ([InterfaceRequest]).
///
/// ```
/// ifreq         | name (16) | sockaddr, or flags (2), or int (4) ...                      |
/// ifaliasreq    | name (16) | address (16) | destination or broadcast (16) | mask (16)    |
/// in6_aliasreq  | name (16) | address (28) | destination (28) | mask (28) | flags | times |
/// ```
public final class BsdIfreq {
    private static final int UNION = InterfaceRequest.NAME_LENGTH;

    private BsdIfreq() {}

    /// Writes an address as a `sockaddr`, of which a short `ifreq` has the front alone.
    public static void address(MemorySegment s, IpAddress address) {
        MemorySegment whole = MemorySegment.ofArray(new byte[Sockaddr.LENGTH_6]);
        Sockaddr.emit(whole, 0, address);
        MemorySegment.copy(whole, 0, s, UNION, Math.min(Sockaddr.length(whole, 0), s.byteSize() - UNION));
    }

    /// Where the `sockaddr` at `index` of an `ifaliasreq` stands: address, destination or broadcast, mask.
    static long alias(int index) {
        return UNION + (long) index * Sockaddr.LENGTH;
    }

    /// Where the `sockaddr_in6` at `index` of an `in6_aliasreq` stands: address, destination, mask.
    static long alias6(int index) {
        return UNION + (long) index * Sockaddr.LENGTH_6;
    }
}
