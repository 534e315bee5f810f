package adit.wire;

import java.lang.foreign.MemorySegment;

/// An ARP packet for IPv4 over Ethernet in place. RFC 826.
///
/// ```
///  0                   1                   2                   3
/// |       Hardware type = 1       |     Protocol type = 0800      |
/// | HW length = 6 | P. length = 4 |           Operation           |
/// |                 Sender hardware address, 6 octets             |
/// |                 Sender protocol address, 4 octets             |
/// |                 Target hardware address, 6 octets             |
/// |                 Target protocol address, 4 octets             |
/// ```
public final class Arp {
    /// The length of a packet, in octets.
    public static final int LENGTH = 28;
    /// Operation: who has the target protocol address?
    public static final int REQUEST = 1;
    /// Operation: I have the sender protocol address.
    public static final int REPLY = 2;

    private static final int HARDWARE_TYPE = 0;
    private static final int PROTOCOL_TYPE = 2;
    private static final int HARDWARE_LENGTH = 4;
    private static final int PROTOCOL_LENGTH = 5;
    private static final int OPERATION = 6;
    private static final int SENDER_HARDWARE = 8;
    private static final int SENDER_PROTOCOL = 14;
    private static final int TARGET_HARDWARE = 18;
    private static final int TARGET_PROTOCOL = 24;

    private static final int ETHERNET = 1;
    private static final int IP4_LENGTH = 4;

    private Arp() {}

    /// Answers [WireFault#NONE] when every accessor is safe on `available` octets at `at`:
    /// [WireFault#BAD_FIELD] when the packet is not about IPv4 over Ethernet, [WireFault#BAD_LENGTH] when its
    /// address lengths are not theirs.
    public static WireFault fault(MemorySegment s, long at, int available) {
        if (available < LENGTH) {
            return WireFault.TRUNCATED;
        }
        if (hardwareType(s, at) != ETHERNET || protocolType(s, at) != EtherType.IPV4) {
            return WireFault.BAD_FIELD;
        }
        boolean ours = Octets.u8(s, at + HARDWARE_LENGTH) == MacAddress.LENGTH
                && Octets.u8(s, at + PROTOCOL_LENGTH) == IP4_LENGTH;
        return ours ? WireFault.NONE : WireFault.BAD_LENGTH;
    }

    /// The kind of link, 1 for Ethernet.
    public static int hardwareType(MemorySegment s, long at) {
        return Octets.u16(s, at + HARDWARE_TYPE);
    }

    /// The kind of network as an EtherType.
    public static int protocolType(MemorySegment s, long at) {
        return Octets.u16(s, at + PROTOCOL_TYPE);
    }

    /// [#REQUEST], [#REPLY] or another operation.
    public static int operation(MemorySegment s, long at) {
        return Octets.u16(s, at + OPERATION);
    }

    /// The sender's Ethernet address.
    public static long senderHardware(MemorySegment s, long at) {
        return Octets.u48(s, at + SENDER_HARDWARE);
    }

    /// The sender's IPv4 address.
    public static int senderProtocol(MemorySegment s, long at) {
        return Octets.i32(s, at + SENDER_PROTOCOL);
    }

    /// The target's Ethernet address; means nothing in a request.
    public static long targetHardware(MemorySegment s, long at) {
        return Octets.u48(s, at + TARGET_HARDWARE);
    }

    /// The target's IPv4 address.
    public static int targetProtocol(MemorySegment s, long at) {
        return Octets.i32(s, at + TARGET_PROTOCOL);
    }

    /// Writes a packet for IPv4 over Ethernet.
    public static void emit(
            MemorySegment s,
            long at,
            int operation,
            long senderHardware,
            int senderProtocol,
            long targetHardware,
            int targetProtocol) {
        Octets.put16(s, at + HARDWARE_TYPE, ETHERNET);
        Octets.put16(s, at + PROTOCOL_TYPE, EtherType.IPV4);
        Octets.put8(s, at + HARDWARE_LENGTH, MacAddress.LENGTH);
        Octets.put8(s, at + PROTOCOL_LENGTH, IP4_LENGTH);
        Octets.put16(s, at + OPERATION, operation);
        Octets.put48(s, at + SENDER_HARDWARE, senderHardware);
        Octets.put32(s, at + SENDER_PROTOCOL, senderProtocol);
        Octets.put48(s, at + TARGET_HARDWARE, targetHardware);
        Octets.put32(s, at + TARGET_PROTOCOL, targetProtocol);
    }
}
