package adit.netns;

import adit.device.Counter;
import adit.device.Device;
import adit.device.DeviceFlags;
import adit.device.DeviceStatistics;
import adit.device.Loopback;
import adit.device.MtuRange;
import adit.device.Veth;
import adit.ip.IpInterface;
import adit.netlink.IfLink;
import adit.netlink.MessageWriter;
import adit.netlink.Netlink;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/// A link as rtnetlink tells it, attribute by attribute in Linux's order (`rtnl_fill_ifinfo`).
final class LinkBody {
    /// IN6_ADDR_GEN_MODE_EUI64: how IPv6 makes a link's own address.
    static final int EUI64 = 0;

    // Attributes that IfLink does not need elsewhere.
    private static final int IFLA_LINKMODE = 17;
    private static final int IFLA_PROMISCUITY = 30;
    private static final int IFLA_CARRIER_CHANGES = 35;

    private static final int LARGEST_SUPER_PACKET = 65536;
    private static final int LARGEST_WITHOUT_WIRE = 524_280;
    private static final int MOST_SEGMENTS = 65535;

    private final Namespace namespace;

    LinkBody(Namespace namespace) {
        this.namespace = namespace;
    }

    /// How much is told of a link.
    enum Detail {
        ALL,
        WITHOUT_STATISTICS;

        private static final int RTEXT_FILTER_SKIP_STATS = 8;

        /// As IFLA_EXT_MASK wants it.
        static Detail of(int mask) {
            return (mask & RTEXT_FILTER_SKIP_STATS) == 0 ? ALL : WITHOUT_STATISTICS;
        }
    }

    MessageWriter.Body of(Device device) {
        return of(device, Detail.ALL);
    }

    MessageWriter.Body of(Device device, Detail detail) {
        return w -> write(w, device, detail);
    }

    private void write(MessageWriter w, Device device, Detail detail) {
        w.u8(0)
                .u8(0)
                .u16(device.hardwareType())
                .i32(device.index())
                .i32(device.flags())
                .i32(0);
        w.string(IfLink.IFLA_IFNAME, device.name());
        w.i32(IfLink.IFLA_TXQLEN, device.txQueueLength());
        w.u8(IfLink.IFLA_OPERSTATE, device.operState().ordinal());
        w.u8(IFLA_LINKMODE, 0);
        w.i32(IfLink.IFLA_MTU, device.mtu());
        w.i32(IfLink.IFLA_MIN_MTU, device.mtuRange().minimum());
        w.i32(IfLink.IFLA_MAX_MTU, most(device.mtuRange()));
        w.i32(IfLink.IFLA_GROUP, device.group());
        w.i32(IFLA_PROMISCUITY, (device.flags() & DeviceFlags.PROMISC) == 0 ? 0 : 1);
        w.i32(IfLink.IFLA_ALLMULTI, (device.flags() & DeviceFlags.ALLMULTI) == 0 ? 0 : 1);
        w.i32(IfLink.IFLA_NUM_TX_QUEUES, 1);
        w.i32(IfLink.IFLA_GSO_MAX_SEGS, MOST_SEGMENTS);
        w.i32(IfLink.IFLA_GSO_MAX_SIZE, LARGEST_SUPER_PACKET);
        w.i32(IfLink.IFLA_GRO_MAX_SIZE, LARGEST_SUPER_PACKET);
        boolean withoutWire = device instanceof Loopback || device instanceof Veth;
        w.i32(IfLink.IFLA_TSO_MAX_SIZE, withoutWire ? LARGEST_WITHOUT_WIRE : LARGEST_SUPER_PACKET);
        w.i32(IfLink.IFLA_TSO_MAX_SEGS, MOST_SEGMENTS);
        w.i32(IfLink.IFLA_NUM_RX_QUEUES, 1);
        w.u8(IfLink.IFLA_CARRIER, device.hasCarrier() ? 1 : 0);
        // A device gets its queue when it first comes up.
        w.string(IfLink.IFLA_QDISC, device.wasUp() ? "noqueue" : "noop");
        w.i32(IFLA_CARRIER_CHANGES, 0);
        if (device.addressLength() > 0) {
            w.octets(IfLink.IFLA_ADDRESS, octets(device.address(), device.addressLength()));
            w.octets(IfLink.IFLA_BROADCAST, octets(device.broadcast(), device.addressLength()));
        }
        if (detail == Detail.ALL) {
            w.octets(IfLink.IFLA_STATS64, statistics(device.statistics()));
        }
        w.nested(IfLink.IFLA_AF_SPEC, spec -> {
            IpInterface link = namespace.ip().of(device);
            if (link != null && link.hasIp6()) {
                spec.nested(Netlink.AF_INET6, inet6 -> inet6.u8(IfLink.IFLA_INET6_ADDR_GEN_MODE, EUI64));
            }
        });
        if (!device.alias().isEmpty()) {
            w.string(IfLink.IFLA_IFALIAS, device.alias());
        }
        device.lower().ifPresent(index -> w.i32(IfLink.IFLA_LINK, index));
        if (!device.otherNames().isEmpty()) {
            w.nested(
                    IfLink.IFLA_PROP_LIST | Netlink.NLA_F_NESTED,
                    list -> device.otherNames().forEach(name -> list.string(IfLink.IFLA_ALT_IFNAME, name)));
        }
        if (!device.kind().isEmpty()) {
            w.nested(IfLink.IFLA_LINKINFO, namespace.info(device));
        }
    }

    /// Linux says 0 where there is no limit.
    private static int most(MtuRange range) {
        return range.maximum() == Integer.MAX_VALUE ? 0 : range.maximum();
    }

    static byte[] octets(long bits, int length) {
        byte[] octets = new byte[length];
        for (int i = 0; i < length; i++) {
            octets[length - 1 - i] = (byte) (bits >>> (8 * i));
        }
        return octets;
    }

    /// `struct rtnl_link_stats64`, whose fields the counters name in its order.
    private static byte[] statistics(DeviceStatistics statistics) {
        ByteBuffer buffer =
                ByteBuffer.allocate(Counter.values().length * Long.BYTES).order(ByteOrder.nativeOrder());
        for (Counter counter : Counter.values()) {
            buffer.putLong(statistics.get(counter));
        }
        return buffer.array();
    }
}
