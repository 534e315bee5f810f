package adit.netns;

import adit.device.Device;
import adit.device.Errno;
import adit.ip.IpException;
import adit.netlink.IfLink;
import adit.netlink.MessageReader;
import adit.netlink.Netlink;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/// RTM_NEWLINKPROP and RTM_DELLINKPROP: further names of links (Linux's `rtnl_linkprop`).
final class LinkProperties {
    private static final int FIXED_LENGTH = 16;
    private static final int IFLA_NET_NS_PID = 19;
    private static final int IFLA_NET_NS_FD = 28;
    private static final int IFLA_TARGET_NETNSID = 46;
    private static final int ATTRIBUTE_HEADER = 4;
    private static final AttributePolicy POLICY = LinkDumps.policy().strictFrom(0);
    /// Linux tells all names of a link in one attribute, and keeps room in it for the longest ones.
    private static final int MOST_NAMES = 496;

    private static final int LONGEST_NAME = 127;

    private final Namespace namespace;

    LinkProperties(Namespace namespace) {
        this.namespace = namespace;
    }

    /// What becomes of the names that a request tells.
    enum Change {
        ADDED("RTM_NEWLINKPROP"),
        REMOVED("RTM_DELLINKPROP");

        private final String call;

        Change(String call) {
            this.call = call;
        }
    }

    void change(MessageReader m, Change change) throws IpException {
        String call = change.call;
        if (m.length() < 16 + FIXED_LENGTH) {
            throw new IpException(call, Errno.EINVAL, "Invalid header length");
        }
        AttributePolicy.Parsed said = POLICY.parse(m, FIXED_LENGTH, call, AttributePolicy.Look.STRICT);
        int namespaces = 0;
        for (int type : new int[] {IFLA_NET_NS_PID, IFLA_NET_NS_FD, IFLA_TARGET_NETNSID}) {
            namespaces += said.get(type).isPresent() ? 1 : 0;
        }
        if (namespaces > 1) {
            throw new IpException(call, Errno.EINVAL, "multiple netns identifying attributes specified");
        }
        namespace.devices().lock().lock();
        try {
            Device device = LinkLookup.device(namespace, m, said, call);
            if (said.get(IfLink.IFLA_PROP_LIST).isPresent()) {
                change(device, said.get(IfLink.IFLA_PROP_LIST).get(), change);
            }
        } finally {
            namespace.devices().lock().unlock();
        }
    }

    /// Names come and go one after the other. Where one is refused, those in front of it have, and nobody is told.
    private void change(Device device, ByteBuffer list, Change change) throws IpException {
        boolean changed = false;
        int at = 0;
        while (list.limit() - at >= ATTRIBUTE_HEADER) {
            int length = Short.toUnsignedInt(list.getShort(at));
            if (length < ATTRIBUTE_HEADER || length > list.limit() - at) {
                break;
            }
            int type = Short.toUnsignedInt(list.getShort(at + 2)) & Netlink.NLA_TYPE_MASK;
            if (type == IfLink.IFLA_ALT_IFNAME) {
                POLICY.require(list, at, change.call);
                change(device, LinkLookup.text(list.slice(at + ATTRIBUTE_HEADER, length - ATTRIBUTE_HEADER)), change);
                changed = true;
            }
            at = Math.min(list.limit(), at + (length + 3 & ~3));
        }
        if (changed) {
            namespace.devices().namesChanged(device);
        }
    }

    private void change(Device device, String name, Change change) throws IpException {
        if (change == Change.ADDED && device.otherNames().size() >= MOST_NAMES) {
            throw new IpException(change.call, Errno.EINVAL, "effective property list too long");
        }
        // Octets that are no text become longer here than they were, and a whole list must fit into a message.
        if (name.getBytes(StandardCharsets.UTF_8).length > LONGEST_NAME) {
            throw new IpException(change.call, Errno.EINVAL, "a name must be text in UTF-8");
        }
        int answer = change == Change.ADDED
                ? namespace.devices().addName(device, name)
                : namespace.devices().removeName(device, name);
        if (answer < 0) {
            throw new IpException(change.call, -answer, "");
        }
    }
}
