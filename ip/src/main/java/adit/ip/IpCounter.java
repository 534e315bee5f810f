package adit.ip;

/// What the IP layer counts, by the names of `/proc/net/snmp`, `/proc/net/snmp6` and `/proc/net/netstat`.
public enum IpCounter {
    /// IPv4 packets that came in, faulty ones too.
    IP_IN_RECEIVES("Ip", "InReceives"),
    /// IPv4 packets dropped for their header: version, lengths, checksum, options, time to live.
    IP_IN_HDR_ERRORS("Ip", "InHdrErrors"),
    /// IPv4 packets to an address that is not for this host, which does not forward.
    IP_IN_ADDR_ERRORS("Ip", "InAddrErrors"),
    /// IPv4 packets forwarded.
    IP_FORW_DATAGRAMS("Ip", "ForwDatagrams"),
    /// IPv4 packets to this host of a protocol that nobody takes.
    IP_IN_UNKNOWN_PROTOS("Ip", "InUnknownProtos"),
    /// IPv4 packets dropped for want of memory.
    IP_IN_DISCARDS("Ip", "InDiscards"),
    /// IPv4 packets handed to a protocol.
    IP_IN_DELIVERS("Ip", "InDelivers"),
    /// IPv4 packets made here.
    IP_OUT_REQUESTS("Ip", "OutRequests"),
    /// IPv4 packets made here and dropped for want of memory or an answer to ARP.
    IP_OUT_DISCARDS("Ip", "OutDiscards"),
    /// IPv4 packets made here without a route.
    IP_OUT_NO_ROUTES("Ip", "OutNoRoutes"),
    /// IPv4 reassemblies that took too long.
    IP_REASM_TIMEOUT("Ip", "ReasmTimeout"),
    /// IPv4 fragments to this host.
    IP_REASM_REQDS("Ip", "ReasmReqds"),
    /// IPv4 packets put together.
    IP_REASM_OKS("Ip", "ReasmOKs"),
    /// IPv4 fragments and reassemblies given up.
    IP_REASM_FAILS("Ip", "ReasmFails"),
    /// IPv4 packets cut.
    IP_FRAG_OKS("Ip", "FragOKs"),
    /// IPv4 packets that were too long and not to be cut.
    IP_FRAG_FAILS("Ip", "FragFails"),
    /// IPv4 fragments made.
    IP_FRAG_CREATES("Ip", "FragCreates"),
    /// IPv4 packets to elsewhere without a route.
    IP_IN_NO_ROUTES("IpExt", "InNoRoutes"),
    /// IPv4 packets shorter than they say.
    IP_IN_TRUNCATED("IpExt", "InTruncatedPkts"),
    /// IPv4 packets whose header checksum is wrong.
    IP_IN_CSUM_ERRORS("IpExt", "InCsumErrors"),
    /// IPv4 multicast packets that came in.
    IP_IN_MCAST_PKTS("IpExt", "InMcastPkts"),
    /// IPv4 broadcast packets that came in.
    IP_IN_BCAST_PKTS("IpExt", "InBcastPkts"),

    /// ICMP messages to this host.
    ICMP_IN_MSGS("Icmp", "InMsgs"),
    /// ICMP messages that were too short, or wrong in another way.
    ICMP_IN_ERRORS("Icmp", "InErrors"),
    /// ICMP messages whose checksum is wrong.
    ICMP_IN_CSUM_ERRORS("Icmp", "InCsumErrors"),
    /// ICMP "destination unreachable" messages to this host.
    ICMP_IN_DEST_UNREACHS("Icmp", "InDestUnreachs"),
    /// ICMP "time exceeded" messages to this host.
    ICMP_IN_TIME_EXCDS("Icmp", "InTimeExcds"),
    /// ICMP redirects to this host.
    ICMP_IN_REDIRECTS("Icmp", "InRedirects"),
    /// Pings to this host.
    ICMP_IN_ECHOS("Icmp", "InEchos"),
    /// Answers to pings, to this host.
    ICMP_IN_ECHO_REPS("Icmp", "InEchoReps"),
    /// ICMP messages sent.
    ICMP_OUT_MSGS("Icmp", "OutMsgs"),
    /// ICMP messages not sent, because all together were too many.
    ICMP_OUT_RATE_LIMIT_GLOBAL("Icmp", "OutRateLimitGlobal"),
    /// ICMP messages not sent, because there were too many to one host.
    ICMP_OUT_RATE_LIMIT_HOST("Icmp", "OutRateLimitHost"),
    /// ICMP "destination unreachable" messages sent.
    ICMP_OUT_DEST_UNREACHS("Icmp", "OutDestUnreachs"),
    /// ICMP "time exceeded" messages sent.
    ICMP_OUT_TIME_EXCDS("Icmp", "OutTimeExcds"),
    /// ICMP "parameter problem" messages sent.
    ICMP_OUT_PARM_PROBS("Icmp", "OutParmProbs"),
    /// ICMP redirects sent.
    ICMP_OUT_REDIRECTS("Icmp", "OutRedirects"),
    /// Pings answered.
    ICMP_OUT_ECHO_REPS("Icmp", "OutEchoReps"),

    /// UDP datagrams over IPv4 given to a socket.
    UDP_IN_DATAGRAMS("Udp", "InDatagrams"),
    /// UDP datagrams over IPv4 to a port that nobody has.
    UDP_NO_PORTS("Udp", "NoPorts"),
    /// UDP datagrams over IPv4 that were wrong or found no room.
    UDP_IN_ERRORS("Udp", "InErrors"),
    /// UDP datagrams over IPv4 sent.
    UDP_OUT_DATAGRAMS("Udp", "OutDatagrams"),
    /// UDP datagrams over IPv4 for which a socket's queue had no room.
    UDP_RCVBUF_ERRORS("Udp", "RcvbufErrors"),
    /// UDP datagrams over IPv4 whose checksum is wrong.
    UDP_IN_CSUM_ERRORS("Udp", "InCsumErrors"),
    /// TCP segments answered with a reset.
    TCP_OUT_RSTS("Tcp", "OutRsts"),

    /// IPv6 packets that came in, faulty ones too.
    IP6_IN_RECEIVES("Ip6", "InReceives"),
    /// IPv6 packets dropped for their header.
    IP6_IN_HDR_ERRORS("Ip6", "InHdrErrors"),
    /// IPv6 packets too long for the way ahead.
    IP6_IN_TOO_BIG_ERRORS("Ip6", "InTooBigErrors"),
    /// IPv6 packets to elsewhere without a route.
    IP6_IN_NO_ROUTES("Ip6", "InNoRoutes"),
    /// IPv6 packets with an address that does not do.
    IP6_IN_ADDR_ERRORS("Ip6", "InAddrErrors"),
    /// IPv6 packets to this host of a protocol that nobody takes.
    IP6_IN_UNKNOWN_PROTOS("Ip6", "InUnknownProtos"),
    /// IPv6 packets shorter than they say.
    IP6_IN_TRUNCATED("Ip6", "InTruncatedPkts"),
    /// IPv6 packets dropped for other reasons.
    IP6_IN_DISCARDS("Ip6", "InDiscards"),
    /// IPv6 packets handed to a protocol.
    IP6_IN_DELIVERS("Ip6", "InDelivers"),
    /// IPv6 packets forwarded.
    IP6_OUT_FORW_DATAGRAMS("Ip6", "OutForwDatagrams"),
    /// IPv6 packets made here.
    IP6_OUT_REQUESTS("Ip6", "OutRequests"),
    /// IPv6 packets made here and dropped.
    IP6_OUT_DISCARDS("Ip6", "OutDiscards"),
    /// IPv6 packets made here without a route.
    IP6_OUT_NO_ROUTES("Ip6", "OutNoRoutes"),
    /// IPv6 reassemblies that took too long.
    IP6_REASM_TIMEOUT("Ip6", "ReasmTimeout"),
    /// IPv6 fragments to this host.
    IP6_REASM_REQDS("Ip6", "ReasmReqds"),
    /// IPv6 packets put together.
    IP6_REASM_OKS("Ip6", "ReasmOKs"),
    /// IPv6 fragments and reassemblies given up.
    IP6_REASM_FAILS("Ip6", "ReasmFails"),
    /// IPv6 packets cut.
    IP6_FRAG_OKS("Ip6", "FragOKs"),
    /// IPv6 packets that were too long and not to be cut.
    IP6_FRAG_FAILS("Ip6", "FragFails"),
    /// IPv6 fragments made.
    IP6_FRAG_CREATES("Ip6", "FragCreates"),
    /// IPv6 multicast packets that came in.
    IP6_IN_MCAST_PKTS("Ip6", "InMcastPkts"),

    /// ICMPv6 messages to this host.
    ICMP6_IN_MSGS("Icmp6", "InMsgs"),
    /// ICMPv6 messages that were wrong.
    ICMP6_IN_ERRORS("Icmp6", "InErrors"),
    /// ICMPv6 messages whose checksum is wrong.
    ICMP6_IN_CSUM_ERRORS("Icmp6", "InCsumErrors"),
    /// ICMPv6 messages sent.
    ICMP6_OUT_MSGS("Icmp6", "OutMsgs"),
    /// ICMPv6 messages not sent, because there were too many.
    ICMP6_OUT_RATE_LIMIT_HOST("Icmp6", "OutRateLimitHost"),
    /// ICMPv6 "destination unreachable" messages sent.
    ICMP6_OUT_DEST_UNREACHS("Icmp6", "OutDestUnreachs"),
    /// ICMPv6 "packet too big" messages sent.
    ICMP6_OUT_PKT_TOO_BIGS("Icmp6", "OutPktTooBigs"),
    /// ICMPv6 "time exceeded" messages sent.
    ICMP6_OUT_TIME_EXCDS("Icmp6", "OutTimeExcds"),
    /// ICMPv6 "parameter problem" messages sent.
    ICMP6_OUT_PARM_PROBLEMS("Icmp6", "OutParmProblems"),
    /// Pings over IPv6 answered.
    ICMP6_OUT_ECHO_REPLIES("Icmp6", "OutEchoReplies"),

    /// UDP datagrams over IPv6 given to a socket.
    UDP6_IN_DATAGRAMS("Udp6", "InDatagrams"),
    /// UDP datagrams over IPv6 to a port that nobody has.
    UDP6_NO_PORTS("Udp6", "NoPorts"),
    /// UDP datagrams over IPv6 that were wrong or found no room.
    UDP6_IN_ERRORS("Udp6", "InErrors"),
    /// UDP datagrams over IPv6 sent.
    UDP6_OUT_DATAGRAMS("Udp6", "OutDatagrams"),
    /// UDP datagrams over IPv6 for which a socket's queue had no room.
    UDP6_RCVBUF_ERRORS("Udp6", "RcvbufErrors"),
    /// UDP datagrams over IPv6 whose checksum is wrong.
    UDP6_IN_CSUM_ERRORS("Udp6", "InCsumErrors");

    private final String group;
    private final String field;

    IpCounter(String group, String field) {
        this.group = group;
        this.field = field;
    }

    /// The line of `/proc/net/snmp` that it stands in; `Ip6`, `Icmp6` and `Udp6` are prefixes in
    /// `/proc/net/snmp6`.
    public String group() {
        return group;
    }

    /// Its name in that line.
    public String field() {
        return field;
    }
}
