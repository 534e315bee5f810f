package adit.netns;

import adit.device.Device;
import adit.device.Errno;
import adit.ip.IpException;
import adit.netlink.IfLink;
import adit.netlink.MessageReader;
import adit.netlink.MessageWriter;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/// RTM_GETLINK for one link (Linux's `rtnl_getlink`).
final class LinkLookup {
    private static final String GET = "RTM_GETLINK";
    private static final int FIXED_LENGTH = 16;
    private static final int IFLA_TARGET_NETNSID = 46;
    private static final AttributePolicy POLICY = LinkDumps.policy();

    private final Namespace namespace;
    private final LinkBody body;

    LinkLookup(Namespace namespace, LinkBody body) {
        this.namespace = namespace;
        this.body = body;
    }

    MessageWriter.Body find(MessageReader m, AttributePolicy.Look look) throws IpException {
        if (m.length() < 16 + FIXED_LENGTH) {
            throw new IpException(GET, Errno.EINVAL, "Invalid header for get link");
        }
        boolean isStrict = look == AttributePolicy.Look.STRICT;
        if (isStrict && LinkDumps.saysMore(m)) {
            throw new IpException(GET, Errno.EINVAL, "Invalid values in header for get link request");
        }
        AttributePolicy.Parsed said = POLICY.parse(m, FIXED_LENGTH, GET, look);
        int[] known = {IfLink.IFLA_IFNAME, IfLink.IFLA_ALT_IFNAME, IfLink.IFLA_EXT_MASK, IFLA_TARGET_NETNSID};
        if (isStrict && said.hasOther(known)) {
            throw new IpException(GET, Errno.EINVAL, "Unsupported attribute in get link request");
        }
        if (said.get(IfLink.IFLA_NET_NS_PID).isPresent()
                || said.get(IfLink.IFLA_NET_NS_FD).isPresent()) {
            throw new IpException(GET, Errno.EOPNOTSUPP, "specified netns attribute not supported");
        }
        if (said.get(IFLA_TARGET_NETNSID).isPresent()) {
            throw new IpException(GET, Errno.EINVAL, "");
        }
        LinkBody.Detail detail = LinkBody.Detail.of(said.i32(IfLink.IFLA_EXT_MASK));
        return body.of(device(namespace, m, said, GET), detail);
    }

    /// The link that a request names by its index, its name or a further one.
    static Device device(Namespace namespace, MessageReader m, AttributePolicy.Parsed said, String call)
            throws IpException {
        int index = m.i32(4);
        int byName = said.get(IfLink.IFLA_IFNAME).isPresent() ? IfLink.IFLA_IFNAME : IfLink.IFLA_ALT_IFNAME;
        if (index <= 0 && said.get(byName).isEmpty()) {
            throw new IpException(call, Errno.EINVAL, "");
        }
        Device device = index > 0
                ? namespace.devices().byIndex(index)
                : namespace.devices().byName(text(said.get(byName).get()));
        if (device == null) {
            throw new IpException(call, Errno.ENODEV, "");
        }
        return device;
    }

    /// What stands there up to the first zero.
    static String text(ByteBuffer octets) {
        String all = StandardCharsets.UTF_8.decode(octets.duplicate()).toString();
        int zero = all.indexOf(0);
        return zero < 0 ? all : all.substring(0, zero);
    }
}
