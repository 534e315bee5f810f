package adit.tun;

import adit.device.DeviceFeatures;

/// The argument of TUNSETOFFLOAD. Bits are taken off in an order that lets them stand only with those they
/// need; what is left over at the end is refused.
final class OffloadMask {
    private static final long CHECKSUM = 0x01;
    private static final long TCP4 = 0x02;
    private static final long TCP6 = 0x04;
    private static final long TCP_ECN = 0x08;
    private static final long UDP_FRAGMENT = 0x10;
    private static final long UDP4 = 0x20;
    private static final long UDP6 = 0x40;
    private static final long TUNNEL = 0x80;
    private static final long TUNNEL_CHECKSUM = 0x100;

    /// What the bit for checksums stands for: a reader finishes one wherever it is.
    private static final int CHECKSUMS = DeviceFeatures.CHECKSUM | DeviceFeatures.INNER_CHECKSUM;

    private OffloadMask() {}

    /// The [DeviceFeatures] that a mask stands for, or -1 when the driver refuses it.
    static int features(long mask, Profile profile) {
        int features = 0;
        long left = mask;
        if ((left & CHECKSUM) != 0) {
            features |= CHECKSUMS;
            left &= ~CHECKSUM;
            if ((left & (TCP4 | TCP6)) != 0) {
                features |= (left & TCP_ECN) == 0 ? 0 : DeviceFeatures.TCP_ECN;
                features |= (left & TCP4) == 0 ? 0 : DeviceFeatures.TCP4;
                features |= (left & TCP6) == 0 ? 0 : DeviceFeatures.TCP6;
                left &= ~(TCP_ECN | TCP4 | TCP6);
            }
            // Later versions take the bit and do nothing with it.
            boolean whole = profile == Profile.LINUX_4_1 && (left & UDP_FRAGMENT) != 0;
            features |= whole ? DeviceFeatures.UDP_FRAGMENT : 0;
            left &= ~UDP_FRAGMENT;
            if (profile == Profile.LINUX_6_18) {
                if ((left & UDP4) != 0 && (left & UDP6) != 0) {
                    features |= DeviceFeatures.UDP;
                    left &= ~(UDP4 | UDP6);
                }
                if ((left & TUNNEL) != 0 && features != CHECKSUMS) {
                    features |= DeviceFeatures.UDP_TUNNEL;
                    left &= ~TUNNEL;
                    features |= (left & TUNNEL_CHECKSUM) == 0 ? 0 : DeviceFeatures.UDP_TUNNEL_CHECKSUM;
                    left &= ~TUNNEL_CHECKSUM;
                }
            }
        }
        return left == 0 ? features : -1;
    }
}
