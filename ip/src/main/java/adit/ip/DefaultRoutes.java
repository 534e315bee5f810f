package adit.ip;

/// Which of several default routes of IPv4 with one priority packets made here take: rather one whose gateway answers
/// (RFC 1122 section 3.3.1.4), as Linux chooses it (`fib_select_default`).
///
/// A gateway that nobody has asked for yet is taken to answer. One whose answer is old is taken and doubted in turns,
/// for which the last choice is remembered; threads that choose at once may forget each other's.
final class DefaultRoutes {
    private static final int NONE = -1;

    private final IpStack stack;
    /// The first of those that were chosen from last.
    private volatile Route first;
    /// Which of them it was, counted from 0, or [#NONE].
    private volatile int chosen = NONE;

    DefaultRoutes(IpStack stack) {
        this.stack = stack;
    }

    /// The route for packets of this service by any device that would take `found`, which may be null.
    Route choose(Route found, int tos) {
        RouteGroup all = found == null || found.length != 0 ? null : stack.fib4.defaults();
        boolean isOneOfSeveral = all != null
                && all.size() > 1
                && found.isSingle()
                && found.type == RouteType.UNICAST
                && found.spec().table() == Route.TABLE_MAIN;
        return isOneOfSeveral ? choose(all, found, tos) : found;
    }

    private Route choose(RouteGroup all, Route found, int tos) {
        int before = found.equals(first) ? chosen : NONE;
        int priority = found.spec().priority();
        int service = 0;
        Route last = null;
        int at = NONE;
        Route resort = found;
        int resortAt = NONE;
        for (Route[] chunk : all.chunks()) {
            for (Route route : chunk) {
                Route.Spec spec = route.spec();
                boolean isBehind = spec.priority() > priority && spec.tos() == service;
                if (!route.takes(tos, null) || (isBehind && service != 0)) {
                    continue;
                }
                if (isBehind || (last == null && isGateway(route, found) && !route.equals(found))) {
                    return end(found, last, at, before, resort, resortAt);
                }
                service = spec.tos();
                priority = spec.priority();
                if (!isGateway(route, found)) {
                    continue;
                }
                if (last != null) {
                    Neighbour.State state = state(last);
                    if (answers(state, at, before)) {
                        return choice(found, last, at);
                    }
                    if (isResort(state, at, before, resortAt)) {
                        resort = last;
                        resortAt = at;
                    }
                }
                last = route;
                at++;
            }
        }
        return end(found, last, at, before, resort, resortAt);
    }

    /// The last one is left, if there are several.
    private Route end(Route found, Route last, int at, int before, Route resort, int resortAt) {
        if (at < 0) {
            return found;
        }
        if (at == 0) {
            return choice(found, found, NONE);
        }
        Neighbour.State state = state(last);
        if (answers(state, at, before)) {
            return choice(found, last, at);
        }
        return isResort(state, at, before, resortAt) ? choice(found, last, at) : choice(found, resort, resortAt);
    }

    private Route choice(Route found, Route route, int at) {
        first = found;
        chosen = at;
        return route;
    }

    private static boolean isGateway(Route route, Route found) {
        if (route.type != RouteType.UNICAST
                || route.spec().scope() != found.spec().scope()) {
            return false;
        }
        NextHop hop = route.hop();
        return hop.hasGateway() && hop.scope() == InterfaceAddress.SCOPE_LINK;
    }

    /// Null where nobody knows the gateway.
    private Neighbour.State state(Route route) {
        NextHop hop = route.hop();
        IpInterface link = stack.of(hop.device());
        return link == null ? null : link.neighbours4.state((long) hop.gateway4 << 32, 0);
    }

    private static boolean answers(Neighbour.State state, int at, int before) {
        return state == null || state == Neighbour.State.REACHABLE || (state.isValid() && at != before);
    }

    private static boolean isResort(Neighbour.State state, int at, int before, int resortAt) {
        boolean isFirst = resortAt < 0 && at > before && state != Neighbour.State.INCOMPLETE;
        return state.isValid() || isFirst;
    }
}
