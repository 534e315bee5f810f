package adit.netns;

import adit.device.Errno;
import adit.ip.IpException;
import adit.ip.RouteEncapsulation;
import adit.netlink.AttributeTable;
import adit.netlink.MessageWriter;
import adit.netlink.Netlink;
import adit.netlink.Rtnetlink;
import adit.wire.Octets;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// What a route puts around its packets, as attributes: RTA_ENCAP_TYPE and RTA_ENCAP.
///
/// ```
/// encap mpls   labels 1, time to live 2 (u8)
/// encap ip     id 1 (be64), destination 2, source 3, time to live 4 (u8), tos 5 (u8), flags 6 (u16)
/// ```
final class EncapAttributes {
    private static final int MPLS_TTL = 2;
    private static final int IP_ID = 1;
    private static final int IP_DESTINATION = 2;
    private static final int IP_SOURCE = 3;
    private static final int IP_TTL = 4;
    private static final int IP_TOS = 5;
    private static final int IP_FLAGS = 6;
    private static final int LABEL_SHIFT = 12;
    private static final int BOTTOM = 1 << 8;
    /// Stands for no label at all (RFC 3032, section 2.1).
    private static final int IMPLICIT_NULL = 3;

    private EncapAttributes() {}

    /// What the attributes of a route or a next hop ask for; empty for nothing.
    ///
    /// @throws IpException EINVAL for one attribute without the other, and labels that make no sense;
    ///     EOPNOTSUPP for what is not known
    static Optional<RouteEncapsulation> read(AttributeTable route, String call) throws IpException {
        if (!route.has(Rtnetlink.RTA_ENCAP_TYPE) && !route.has(Rtnetlink.RTA_ENCAP)) {
            return Optional.empty();
        }
        if (!route.has(Rtnetlink.RTA_ENCAP_TYPE) || !route.has(Rtnetlink.RTA_ENCAP)) {
            throw new IpException(call, Errno.EINVAL, "An encapsulation has a type and attributes of its own.");
        }
        int type = route.u16(Rtnetlink.RTA_ENCAP_TYPE);
        AttributeTable t = route.nested(Rtnetlink.RTA_ENCAP);
        return switch (type) {
            case Rtnetlink.LWTUNNEL_ENCAP_MPLS -> Optional.of(labels(t, call));
            case Rtnetlink.LWTUNNEL_ENCAP_IP -> Optional.of(outer(t));
            default -> throw new IpException(call, Errno.EOPNOTSUPP, "Encapsulation " + type + " is not known.");
        };
    }

    private static RouteEncapsulation.Labels labels(AttributeTable t, String call) throws IpException {
        if (!t.has(Rtnetlink.MPLS_IPTUNNEL_DST)) {
            throw new IpException(call, Errno.EINVAL, "The request names no label.");
        }
        byte[] octets = t.octets(Rtnetlink.MPLS_IPTUNNEL_DST);
        if (octets.length == 0 || octets.length % Integer.BYTES != 0) {
            throw new IpException(call, Errno.EINVAL, "A label stack is not of " + octets.length + " octets.");
        }
        List<Integer> labels = new ArrayList<>();
        for (int at = 0; at < octets.length; at += Integer.BYTES) {
            int label = Octets.i32(MemorySegment.ofArray(octets), at) >>> LABEL_SHIFT;
            if (label == IMPLICIT_NULL) {
                throw new IpException(call, Errno.EINVAL, "Implicit NULL Label (3) can not be used in encapsulation");
            }
            labels.add(label);
        }
        return new RouteEncapsulation.Labels(labels, t.has(MPLS_TTL) ? t.u8(MPLS_TTL) : 0);
    }

    private static RouteEncapsulation.Outer outer(AttributeTable t) {
        return new RouteEncapsulation.Outer(
                t.has(IP_ID) ? t.be64(IP_ID) : 0,
                t.has(IP_SOURCE) ? t.be32(IP_SOURCE) : 0,
                t.has(IP_DESTINATION) ? t.be32(IP_DESTINATION) : 0,
                t.has(IP_TOS) ? t.u8(IP_TOS) : 0,
                t.has(IP_TTL) ? t.u8(IP_TTL) : 0,
                t.has(IP_FLAGS) ? t.u16(IP_FLAGS) : 0);
    }

    /// Writes both attributes.
    static void write(MessageWriter w, RouteEncapsulation encapsulation) {
        switch (encapsulation) {
            case RouteEncapsulation.Labels labels -> {
                w.nested(Rtnetlink.RTA_ENCAP | Netlink.NLA_F_NESTED, e -> {
                    e.octets(Rtnetlink.MPLS_IPTUNNEL_DST, octets(labels.labels()));
                    if (labels.timeToLive() != 0) {
                        e.u8(MPLS_TTL, labels.timeToLive());
                    }
                });
                w.u16(Rtnetlink.RTA_ENCAP_TYPE, Rtnetlink.LWTUNNEL_ENCAP_MPLS);
            }
            case RouteEncapsulation.Outer outer -> {
                w.nested(
                        Rtnetlink.RTA_ENCAP | Netlink.NLA_F_NESTED,
                        e -> e.octets(IP_ID, bigEndian(outer.id()))
                                .be32(IP_DESTINATION, outer.destination())
                                .be32(IP_SOURCE, outer.source())
                                .u8(IP_TOS, outer.tos())
                                .u8(IP_TTL, outer.timeToLive())
                                .u16(IP_FLAGS, outer.flags()));
                w.u16(Rtnetlink.RTA_ENCAP_TYPE, Rtnetlink.LWTUNNEL_ENCAP_IP);
            }
        }
    }

    private static byte[] octets(List<Integer> labels) {
        byte[] octets = new byte[labels.size() * Integer.BYTES];
        MemorySegment s = MemorySegment.ofArray(octets);
        for (int i = 0; i < labels.size(); i++) {
            int bottom = i == labels.size() - 1 ? BOTTOM : 0;
            Octets.put32(s, (long) i * Integer.BYTES, labels.get(i) << LABEL_SHIFT | bottom);
        }
        return octets;
    }

    private static byte[] bigEndian(long value) {
        byte[] octets = new byte[Long.BYTES];
        for (int i = 0; i < Long.BYTES; i++) {
            octets[i] = (byte) (value >>> (Long.SIZE - Byte.SIZE * (i + 1)));
        }
        return octets;
    }
}
