package adit.tun;

import adit.device.Errno;
import adit.wire.Octets;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;

/// The link's speed and the like, as ethtool(8) has them; there is no link, so they are what they were set to. In
/// the host's octet order:
///
/// ```
/// struct ethtool_link_settings
/// 0         4       8        9      10     11        12     13        14            15       16         48
/// | command | speed | duplex | port | PHY | autoneg | MDIO | TP MDIX | MDIX wanted | words | ... zero | masks
///
/// struct ethtool_cmd
/// 0         4           8             12      14       15     16     17            18        19
/// | command | supported | advertising | speed | duplex | port | PHY | transceiver | autoneg | ... zero (44)
/// ```
///
/// The masks are three times as many words of link modes as the field says.
final class LinkSettings {
    /// Words in a mask of Linux 6.18's link modes.
    private static final int WORDS = 4;
    static final int HEADER = 48;
    static final int SIZE = HEADER + 3 * WORDS * Integer.BYTES;
    static final int OLD_SIZE = 44;

    private static final ByteOrder HOST = ByteOrder.nativeOrder();
    private static final int COMMAND_SIZE = 4;
    private static final int SPEED = 4;
    private static final int DUPLEX = 8;
    private static final int PORT = 9;
    private static final int PHY = 10;
    private static final int AUTONEGOTIATION = 11;
    private static final int WORDS_AT = 15;
    private static final int SUPPORTED = HEADER;
    private static final int ADVERTISED = SUPPORTED + WORDS * Integer.BYTES;

    private static final int OLD_SUPPORTED = 4;
    private static final int OLD_ADVERTISED = 8;
    private static final int OLD_SPEED = 12;
    private static final int OLD_DUPLEX = 14;
    private static final int OLD_PORT = 15;
    private static final int OLD_PHY = 16;
    private static final int OLD_AUTONEGOTIATION = 18;
    private static final int OLD_SPEED_HIGH = 28;

    private static final int FULL = 1;
    private static final int MEGABITS = 10_000;
    private static final int MEGABITS_4_1 = 10;

    private final MemorySegment present = MemorySegment.ofArray(new byte[SIZE]);

    LinkSettings() {
        Octets.put32(present, SPEED, MEGABITS, HOST);
        Octets.put8(present, DUPLEX, FULL);
    }

    /// Tells all when asked with the right number of words, and else that number, negative, and nothing.
    int tell(MemorySegment s) {
        boolean agreed = Octets.u8(s, WORDS_AT) == WORDS;
        if (agreed) {
            if (s.byteSize() < SIZE) {
                return -Errno.EFAULT;
            }
            MemorySegment.copy(present, COMMAND_SIZE, s, COMMAND_SIZE, SIZE - COMMAND_SIZE);
        } else {
            s.asSlice(COMMAND_SIZE, HEADER - COMMAND_SIZE).fill((byte) 0);
        }
        Octets.put8(s, WORDS_AT, agreed ? WORDS : -WORDS & 0xff);
        return 0;
    }

    /// Keeps what is given, and answers 0; EINVAL for another number of words.
    int set(MemorySegment s) {
        if (Octets.u8(s, WORDS_AT) != WORDS) {
            return -Errno.EINVAL;
        }
        MemorySegment.copy(s, 0, present, 0, SIZE);
        return 0;
    }

    /// Tells as much as the older structure holds.
    void tellOld(MemorySegment s) {
        s.asSlice(COMMAND_SIZE, OLD_SIZE - COMMAND_SIZE).fill((byte) 0);
        int speed = Octets.i32(present, SPEED, HOST);
        Octets.put32(s, OLD_SUPPORTED, Octets.i32(present, SUPPORTED, HOST), HOST);
        Octets.put32(s, OLD_ADVERTISED, Octets.i32(present, ADVERTISED, HOST), HOST);
        Octets.put16(s, OLD_SPEED, speed & 0xffff, HOST);
        Octets.put16(s, OLD_SPEED_HIGH, speed >>> Short.SIZE, HOST);
        Octets.put8(s, OLD_DUPLEX, Octets.u8(present, DUPLEX));
        Octets.put8(s, OLD_PORT, Octets.u8(present, PORT));
        Octets.put8(s, OLD_PHY, Octets.u8(present, PHY));
        Octets.put8(s, OLD_AUTONEGOTIATION, Octets.u8(present, AUTONEGOTIATION));
    }

    /// What Linux 4.1 says of every device.
    static void tellOld41(MemorySegment s) {
        s.asSlice(COMMAND_SIZE, OLD_SIZE - COMMAND_SIZE).fill((byte) 0);
        Octets.put16(s, OLD_SPEED, MEGABITS_4_1, HOST);
        Octets.put8(s, OLD_DUPLEX, FULL);
    }
}
