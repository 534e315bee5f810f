package adit.iproute;

/// What `help` says. It goes to the standard error, as iproute2's does.
final class Help {
    static final String IP = """
            Usage: ip [OPTIONS] OBJECT [COMMAND [ARGUMENTS]]
                   ip [-force] -batch FILE

            Objects; the beginning of a word will do:
              link         devices
              address      addresses of devices
              route        routes, and which one a packet takes
              neighbour    link addresses of neighbours
              tuntap       TUN and TAP devices
              tunnel       tunnels, in the older grammar
              fou          UDP ports that take tunnelled packets
              monitor      changes, as they happen

            Options, in front of the object:
              -j[son] -p[retty]            JSON, on one line or indented
              -s[tatistics] -d[etails]     show more; -s -s shows more still
              -br[ief] -o[neline]          show less; one line for each entry
              -4 -6 -M -0 -f[amily] NAME   IPv4, IPv6, MPLS or the link layer alone
              -n[etns] NAME                in the namespace of this name
              -b[atch] FILE -force         commands from a file, - for the standard input;
                                           go on after a failure
              -h[uman] -iec                counters with prefixes, of 1000 or 1024
              -t[imestamp] -ts[hort]       when monitored changes happened
              -l[oops] N                   how often flushing tries, 0 for ever
              -V[ersion]

            `ip OBJECT help` tells more. Names are never looked up, and answers are never
            in colour. Acts on the kernel's network namespace that it runs in; with
            --on NAME in front, or NAME in ADIT_ON, on the lab or the tunnels that run by
            that name, where -n picks a lab's host.

            Ends with 0 when done, 1 when something is not there, 2 when refused, 255 when
            the command makes no sense.""";

    static final String LINK = """
            Usage: ip link [show] [DEVICE] [up] [group NAME] [master DEVICE] [type KIND]
                   ip link add [link DEVICE] [name] NAME [ATTRIBUTE...] type KIND [ARGUMENTS]
                   ip link set [dev] DEVICE [ATTRIBUTE...] [type KIND ARGUMENTS]
                   ip link delete DEVICE
                   ip link property { add | del } dev DEVICE altname NAME...

            Attributes:
              up | down                    name NAME            index NUMBER
              address MAC                  broadcast MAC        mtu OCTETS
              txqueuelen PACKETS           alias TEXT           group NAME
              arp on|off                   multicast on|off     allmulticast on|off
              promisc on|off               dynamic on|off       trailers on|off
              carrier on|off               protodown on|off     addrgenmode MODE
              master DEVICE | nomaster     netns NAME|PROCESS   mode default|dormant
              numtxqueues N                numrxqueues N        gso_max_size OCTETS

            `ip link help KIND` tells the arguments of veth, ipip and sit.""";

    static final String VETH = """
            Usage: ip link add NAME type veth [peer [name] NAME [ATTRIBUTE...]]

            Makes two devices joined as by a cable. The attributes are those of a link.""";

    static final String ADDRESS = """
            Usage: ip address [show] [DEVICE] [up] [scope SCOPE] [to PREFIX] [label PATTERN]
                              [FLAG | -FLAG]...
                   ip address { add | change | replace } ADDRESS[/LENGTH] dev DEVICE
                              [peer ADDRESS[/LENGTH]] [broadcast ADDRESS | + | -]
                              [label NAME] [scope SCOPE] [metric NUMBER]
                              [valid_lft SECONDS] [preferred_lft SECONDS] [FLAG]...
                   ip address delete ADDRESS[/LENGTH] dev DEVICE
                   ip address flush { DEVICE | scope SCOPE | to PREFIX | FLAG }...

            Scopes: global, site, link, host, or a number up to 255.
            Flags to set: home, mngtmpaddr, nodad, optimistic, noprefixroute, autojoin.
            Flags to look for: these, and permanent, dynamic, primary, secondary,
            tentative, deprecated, dadfailed, temporary.""";

    static final String ROUTE = """
            Usage: ip route [show] [[to] [root | match | exact] PREFIX] [dev DEVICE]
                            [table NAME | all] [proto NAME] [type TYPE] [scope SCOPE]
                            [via ADDRESS] [src ADDRESS] [metric NUMBER] [tos TOS]
                   ip route { add | change | replace | append | prepend | delete }
                            [TYPE] PREFIX [ARGUMENT...] [nexthop NEXTHOP]...
                   ip route get ADDRESS [from ADDRESS] [iif DEVICE] [oif DEVICE]
                            [tos TOS] [mark NUMBER] [uid NUMBER] [fibmatch]
                            [sport PORT] [dport PORT] [connected]
                   ip route flush { what show takes }

            Types: unicast, local, broadcast, multicast, anycast, throw, unreachable,
            prohibit, blackhole.
            Arguments: via [inet | inet6] ADDRESS, dev DEVICE, src ADDRESS, metric NUMBER,
            table NAME, proto NAME, scope SCOPE, tos TOS, onlink, realms [FROM/]TO,
            pref low | medium | high, expires SECONDS, encap mpls LABEL[/LABEL...] [ttl N],
            encap ip [id N] [src A] [dst A] [ttl N] [tos N] [key] [csum] [seq];
            metrics, each with [lock]: mtu, advmss, hoplimit, window, rtt, rttvar, rto_min,
            cwnd, initcwnd, initrwnd, ssthresh, reordering, features ecn, quickack,
            congctl NAME.
            A next hop has via, dev, weight NUMBER, onlink, encap and realms of its own.""";

    static final String NEIGHBOUR = """
            Usage: ip neighbour [show] [to PREFIX] [dev DEVICE] [nud STATE]... [proxy]
                   ip neighbour { add | change | replace } ADDRESS dev DEVICE
                              [lladdr MAC] [nud STATE] [router] [use] [extern_learn]
                              [protocol NAME]
                   ip neighbour { add | delete } proxy ADDRESS dev DEVICE
                   ip neighbour delete ADDRESS dev DEVICE
                   ip neighbour get ADDRESS dev DEVICE
                   ip neighbour flush [to PREFIX] [dev DEVICE] [nud STATE]...

            States: permanent, noarp, reachable, stale, delay, probe, failed, incomplete,
            none, and to look for them all.""";

    static final String TUNTAP = """
            Usage: ip tuntap [show]
                   ip tuntap add mode tun | tap [dev] NAME [user USER] [group GROUP]
                             [pi] [vnet_hdr] [multi_queue] [one_queue]
                   ip tuntap delete mode tun | tap [dev] NAME [multi_queue] ...

            A user or group is a number or a name. With -d, show tells which processes have
            a file of the device open.""";

    static final String TUNNEL = """
            Usage: ip tunnel [show] [NAME] [mode MODE] [remote ADDRESS] [local ADDRESS]
                   ip tunnel { add | change } [NAME] mode MODE [remote ADDRESS]
                             [local ADDRESS] [dev DEVICE] [ttl NUMBER | inherit]
                             [tos NUMBER | inherit] [[no]pmtudisc]
                   ip tunnel delete NAME

            Modes: ipip, sit, isatap. `ip link help ipip` tells of UDP, MPLS and external
            tunnels, which this older grammar has no words for.""";

    static final String FOU = """
            Usage: ip fou show
                   ip fou add port PORT { ipproto PROTOCOL | gue } [local ADDRESS]
                          [peer ADDRESS peer_port PORT] [dev DEVICE] [-6]
                   ip fou delete port PORT [local ADDRESS] [peer ADDRESS peer_port PORT]
                          [dev DEVICE] [-6]

            A protocol is a number up to 255, or ipencap, ipv6, gre, mpls-in-ip.""";

    static final String MONITOR = """
            Usage: ip monitor [all] [link] [address] [route] [neigh] [label] [dev DEVICE]

            Shows changes as they happen: those of the kinds that are named, or all. A label
            says of what kind each is. -t and -ts in front of monitor add the time.""";

    private Help() {}

    static String ipTunnelKind(String kind) {
        boolean sit = kind.equals(LinkKinds.SIT);
        return """
                Usage: ip link { add NAME | set NAME } type %s [ARGUMENT...]

                Arguments:
                  remote ADDRESS | any    local ADDRESS | any     dev DEVICE
                  ttl NUMBER | inherit    tos NUMBER | inherit    [no]pmtudisc
                  mode %s
                  fwmark NUMBER           external%s
                  noencap                 encap fou | gue | none
                  encap-sport PORT|auto   encap-dport PORT
                  [no]encap-csum          [no]encap-udp6-csum     [no]encap-remcsum""".formatted(
                        kind,
                        sit ? "ip6ip | ipip | mplsip | any" : "ipip | mplsip | any",
                        sit ? "                isatap\n  6rd-prefix PREFIX       6rd-relay_prefix PREFIX" : "");
    }
}
