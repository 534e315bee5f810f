package adit.netns;

import adit.device.Device;
import adit.ip.IpException;
import adit.netlink.AttributeReader;
import adit.netlink.LinkInfo;
import adit.netlink.LinkMessage;

/// A kind of link that can be made, changed and asked about by rtnetlink: Linux's `rtnl_link_ops`. All methods
/// are called under the control lock.
public interface LinkKind {
    /// What the kind is called in IFLA_INFO_KIND, such as `ipip`.
    String name();

    /// Looks at the octets of IFLA_INFO_DATA before anything is read from them.
    ///
    /// @throws IpException ERANGE for a length that can't be, EINVAL for a value that can't be
    default void validate(AttributeReader data) throws IpException {}

    /// A device as RTM_NEWLINK wants it, which is in no table yet. What is refused is refused here; the device
    /// is registered under its name next, and [#made] follows.
    Device make(LinkMessage wanted) throws IpException;

    /// The device is in the table.
    default void made(Device device, LinkMessage wanted) {}

    /// Changes what is particular to the kind.
    void change(Device device, LinkMessage wanted) throws IpException;

    /// What is particular to the kind, for IFLA_INFO_DATA.
    LinkInfo.Data describe(Device device);

    /// What a device without a name is called: a template.
    default String template() {
        return name() + "%d";
    }
}
