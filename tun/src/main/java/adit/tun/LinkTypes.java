package adit.tun;

import adit.device.HardwareType;

/// How long the addresses of a link type are, as the driver has it for TUNSETLINK.
final class LinkTypes {
    private LinkTypes() {}

    /// In octets; 0 for a type that the driver does not know.
    static int addressLength(int type) {
        return switch (type) {
            // IP6GRE, TUNNEL6
            case 823, 769 -> 16;
            case HardwareType.IPGRE, HardwareType.TUNNEL, HardwareType.SIT -> 4;
            // FDDI, HIPPI, IEEE802
            case HardwareType.ETHER, 774, 780, 6 -> 6;
            // IEEE802154, IEEE802154_MONITOR, 6LOWPAN
            case 804, 805, 825 -> 8;
            // ROSE
            case 270 -> 5;
            // NETROM
            case 0 -> 7;
            // LOCALTLK
            case 773 -> 1;
            default -> 0;
        };
    }
}
