package adit.iproute;

import java.util.List;
import java.util.OptionalInt;

/// What `ip tuntap` does by ioctl(2) on TUN files, because netlink makes no such devices.
public interface TunTapControl {
    /// Makes a device that stays.
    ///
    /// @param request its name, empty for one to be chosen, and its IFF flags
    /// @param owner who may attach
    /// @param group the group that may attach
    void add(Request request, OptionalInt owner, OptionalInt group) throws Refused;

    /// Lets a device go with its last file.
    void delete(Request request) throws Refused;

    /// The processes that have a file of this device open.
    List<Attached> attached(String name);

    /// Which device.
    ///
    /// @param name its name
    /// @param flags IFF flags of `linux/if_tun.h`
    record Request(String name, int flags) {}

    /// A process with a TUN file.
    ///
    /// @param process its number
    /// @param name its program's name
    record Attached(long process, String name) {}

    /// A call that failed.
    final class Refused extends Exception {
        private static final long serialVersionUID = 1;

        private final int errno;

        /// The call, such as `ioctl(TUNSETIFF)`, and why it failed.
        public Refused(String call, int errno) {
            super(call);
            this.errno = errno;
        }

        /// Why.
        public int errno() {
            return errno;
        }
    }
}
