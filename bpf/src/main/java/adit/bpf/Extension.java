package adit.bpf;

/// What a program may ask Linux beside the packet's octets: loads from places where no packet has octets
/// (`SKF_AD_OFF` in `linux/filter.h`). The size of the load does not matter.
public enum Extension {
    /// The EtherType, in A.
    PROTOCOL(0, "proto"),
    /// Whether the packet is for this host, for all, for many, for another or leaving: 0 to 4, in A.
    PACKET_TYPE(4, "type"),
    /// The interface's index, in A. Ends the program with the answer A when the packet has no interface.
    INTERFACE_INDEX(8, "ifidx"),
    /// Where the first netlink attribute of type X stands at or behind A, in A; 0 when there is none.
    ATTRIBUTE(12, "nla"),
    /// Where the attribute of type X stands inside the one at A, in A; 0 when there is none.
    NESTED_ATTRIBUTE(16, "nlan"),
    /// The mark, in A.
    MARK(20, "mark"),
    /// The queue, in A.
    QUEUE(24, "queue"),
    /// The interface's link type, an ARPHRD number, in A. Ends the program as [#INTERFACE_INDEX] does.
    HARDWARE_TYPE(28, "hatype"),
    /// The flow hash, in A.
    FLOW_HASH(32, "rxhash"),
    /// The processor's number, in A.
    CPU(36, "cpu"),
    /// A ^= X: an operation that came to Linux before its code did.
    XOR_X(40, "xor_x"),
    /// The VLAN tag control information that travels beside the octets, in A.
    VLAN_TAG(44, "vlan_tci"),
    /// Whether a VLAN tag travels beside the octets, 1 or 0, in A.
    VLAN_PRESENT(48, "vlan_avail"),
    /// Where the payload of the innermost header that Linux knows starts, in octets, in A; 0 when not found.
    PAYLOAD_OFFSET(52, "poff"),
    /// A random number, in A.
    RANDOM(56, "rand"),
    /// The VLAN tag protocol identifier that travels beside the octets, in A.
    VLAN_PROTOCOL(60, "vlan_tpid");

    /// Where the first extension stands: `SKF_AD_OFF`. No packet reaches there.
    public static final int START = -0x1000;

    private static final Extension[] ALL = values();

    private final int offset;
    private final String text;

    Extension(int offset, String text) {
        this.offset = START + offset;
        this.text = text;
    }

    /// The K of the load.
    public int offset() {
        return offset;
    }

    /// The name in assembler text, which is that of the kernel's `bpf_asm`.
    public String text() {
        return text;
    }

    /// Whether a load at `offset` asks for an extension, known or not.
    static boolean isExtension(int offset) {
        return Integer.compareUnsigned(offset, START) >= 0;
    }

    /// The extension that a load at `offset` asks for, or null when Linux has none there.
    static Extension at(int offset) {
        int index = (offset - START) >> 2;
        return isExtension(offset) && (offset & 3) == 0 && index < ALL.length ? ALL[index] : null;
    }
}
