package adit.netlink;

/// Numbers of `linux/genetlink.h` and `linux/fou.h`: how a generic family is found, and the one that opens ports for
/// FOU and GUE. Names and values are the kernel's.
public final class Genl {
    /// The message type of the controller, which knows the others.
    public static final int GENL_ID_CTRL = 16;
    /// Controller command: a family is there.
    public static final int CTRL_CMD_NEWFAMILY = 1;
    /// Controller command: which number has this family?
    public static final int CTRL_CMD_GETFAMILY = 3;
    /// Controller attribute: number, u16.
    public static final int CTRL_ATTR_FAMILY_ID = 1;
    /// Controller attribute: name.
    public static final int CTRL_ATTR_FAMILY_NAME = 2;
    /// Controller attribute: version, u32.
    public static final int CTRL_ATTR_VERSION = 3;

    /// FOU command: open a port.
    public static final int FOU_CMD_ADD = 1;
    /// FOU command: close a port.
    public static final int FOU_CMD_DEL = 2;
    /// FOU command: which ports are open?
    public static final int FOU_CMD_GET = 3;
    /// FOU attribute: local port, be16.
    public static final int FOU_ATTR_PORT = 1;
    /// FOU attribute: protocol family, u8.
    public static final int FOU_ATTR_AF = 2;
    /// FOU attribute: the IP protocol that datagrams carry, u8.
    public static final int FOU_ATTR_IPPROTO = 3;
    /// FOU attribute: FOU_ENCAP_DIRECT or FOU_ENCAP_GUE, u8.
    public static final int FOU_ATTR_TYPE = 4;
    /// FOU attribute: finish remote checksums on receipt, by being there.
    public static final int FOU_ATTR_REMCSUM_NOPARTIAL = 5;
    /// FOU attribute: local address, be32.
    public static final int FOU_ATTR_LOCAL_V4 = 6;
    /// FOU attribute: local address, 16 octets.
    public static final int FOU_ATTR_LOCAL_V6 = 7;
    /// FOU attribute: peer's address, be32.
    public static final int FOU_ATTR_PEER_V4 = 8;
    /// FOU attribute: peer's address, 16 octets.
    public static final int FOU_ATTR_PEER_V6 = 9;
    /// FOU attribute: peer's port, be16.
    public static final int FOU_ATTR_PEER_PORT = 10;
    /// FOU attribute: the interface to listen on, u32.
    public static final int FOU_ATTR_IFINDEX = 11;
    /// FOU type: the packet stands right behind the UDP header.
    public static final int FOU_ENCAP_DIRECT = 1;
    /// FOU type: a GUE header stands between.
    public static final int FOU_ENCAP_GUE = 2;

    private Genl() {}
}
