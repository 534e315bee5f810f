package adit.netns;

import adit.device.Device;
import adit.netlink.IfLink;
import adit.netlink.MessageWriter;
import adit.netlink.Netlink;

/// What IPv6 alone says of links: to RTM_GETLINK of its family (Linux's `inet6_fill_ifinfo`).
final class Ip6LinkWords {
    private static final int IFLA_PROTINFO = 12;

    private Ip6LinkWords() {}

    static MessageWriter.Body body(Device device) {
        return w -> {
            w.u8(Netlink.AF_INET6)
                    .u8(0)
                    .u16(device.hardwareType())
                    .i32(device.index())
                    .i32(device.flags())
                    .i32(0);
            w.string(IfLink.IFLA_IFNAME, device.name());
            if (device.addressLength() > 0) {
                w.octets(IfLink.IFLA_ADDRESS, LinkBody.octets(device.address(), device.addressLength()));
            }
            w.i32(IfLink.IFLA_MTU, device.mtu());
            device.lower().ifPresent(index -> w.i32(IfLink.IFLA_LINK, index));
            w.u8(IfLink.IFLA_OPERSTATE, device.operState().ordinal());
            w.nested(IFLA_PROTINFO, inet6 -> inet6.u8(IfLink.IFLA_INET6_ADDR_GEN_MODE, LinkBody.EUI64));
        };
    }
}
