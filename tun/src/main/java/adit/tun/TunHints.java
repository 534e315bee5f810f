package adit.tun;

import static java.util.Map.entry;

import adit.device.Errno;
import java.util.Map;

/// What to do about a failure of a call on a TUN file in memory, by call and errno.
final class TunHints {
    private static final String DELETED = "the file has no device, or the device was deleted; attach it with TUNSETIFF";

    private static final Map<String, String> ROWS = Map.ofEntries(
            entry(
                    "TUNSETIFF EPERM",
                    "making a device needs CAP_NET_ADMIN, in memory among the Credentials; attaching needs to be its owner or of"
                            + " its group"),
            entry(
                    "TUNSETIFF EBUSY",
                    "another file is attached, it exists and was to be made anew, or the index is taken"),
            entry("TUNSETIFF EEXIST", "this file has a device already; open another file"),
            entry(
                    "TUNSETIFF EINVAL",
                    "the name is none, or a device of that name exists and is no TUN/TAP device, of the other kind, or not"
                            + " the same in MULTI_QUEUE"),
            entry("TUNSETIFF E2BIG", "a device has at most 256 queues"),
            entry("TUNSETOFFLOAD EINVAL", "that combination makes no sense, or this profile does not know it"),
            entry("TUNSETLINK EBUSY", "set the device down first"),
            entry("TUNATTACHFILTER EFAULT", "the program's address is in no memory that the driver knows: UserMemory"),
            entry("read EFAULT", DELETED),
            entry("readv EFAULT", DELETED),
            entry("write EIO", "the device is down: set it up first"),
            entry("writev EIO", "the device is down: set it up first"),
            entry("write EINVAL", "the octets do not begin with the framing that the device has, or are no packet"),
            entry("writev EINVAL", "the octets do not begin with the framing that the device has, or are no packet"));

    private TunHints() {}

    /// The hint for a failure of `call`, or an empty string.
    static String of(String call, int errno) {
        String row = ROWS.get(call + " " + Errno.name(errno));
        if (row != null) {
            return row;
        }
        return errno == Errno.EBADFD ? DELETED : "";
    }
}
