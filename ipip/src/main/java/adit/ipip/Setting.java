package adit.ipip;

import adit.tunnel.OuterRules;
import adit.tunnel.Ttl;

/// How a tunnel is set up, as packets want to know it. Immutable: a change makes another. What each packet asks for
/// stands here itself, so that it costs one cache line however many tunnels there are.
///
/// @param parameters all of it
/// @param rules what outer headers say
/// @param headers what stands between them and inner packets
/// @param ttl of outer packets
/// @param protocol what it carries: 4, 137, or 0 for both
/// @param overhead octets of all outer headers
/// @param mark of outer packets
/// @param hasOneWay whether all outer packets ask for the same way
record Setting(
        Parameters parameters,
        OuterRules rules,
        OuterHeaders headers,
        Ttl ttl,
        int protocol,
        int overhead,
        int mark,
        boolean hasOneWay) {
    static Setting of(Parameters p, Profile profile) {
        boolean inheritsTos = (p.tos() & 1) != 0;
        return new Setting(
                p,
                p.rules(profile),
                p.headers(profile),
                new Ttl(p.ttl()),
                p.protocol(),
                p.overhead(),
                p.mark(),
                p.remote() != 0 && !p.isExternal() && !inheritsTos);
    }
}
