package adit.ip;

import adit.device.Errno;
import java.util.Set;

/// Where a new route comes among those of its table to the same prefix, and whether it may come.
///
/// @param group all routes to the prefix afterwards
/// @param gone the route in whose place the new one came, or null
record RouteInsertion(RouteGroup group, Route gone) {
    private static final String CALL = "RTM_NEWROUTE";

    /// Puts `route`, one of IPv4, into `group`, which is null where the prefix has no route yet.
    ///
    /// @throws IpException EEXIST or ENOENT, as the flags want it
    static RouteInsertion of(RouteGroup group, Route route, Set<RouteRequest.Flag> flags) throws IpException {
        if (group == null) {
            requireCreate(flags);
            return new RouteInsertion(RouteGroup.of(route), null);
        }
        Route first = null;
        Route same = null;
        for (Route r : group) {
            if (r.compareRank(route) == 0) {
                first = first == null ? r : first;
                if (r.isSame(route)) {
                    same = r;
                }
            }
        }
        if (first != null && flags.contains(RouteRequest.Flag.EXCLUSIVE)) {
            throw exists();
        }
        if (first != null && flags.contains(RouteRequest.Flag.REPLACE)) {
            if (same != null && same != first) {
                throw exists();
            }
            return new RouteInsertion(group.replace(first, route), first);
        }
        if (same != null) {
            throw exists();
        }
        requireCreate(flags);
        if (flags.contains(RouteRequest.Flag.APPEND)) {
            return new RouteInsertion(group.with(route), null);
        }
        int at = 0;
        for (Route r : group) {
            if (!r.isBefore(route)) {
                break;
            }
            at++;
        }
        return new RouteInsertion(group.with(route, at), null);
    }

    private static void requireCreate(Set<RouteRequest.Flag> flags) throws IpException {
        if (!flags.contains(RouteRequest.Flag.CREATE)) {
            throw new IpException(CALL, Errno.ENOENT, "There is no such route, and it is not to be created.");
        }
    }

    private static IpException exists() {
        return new IpException(CALL, Errno.EEXIST, "The route exists.");
    }
}
