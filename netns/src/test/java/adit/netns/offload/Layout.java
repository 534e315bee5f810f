package adit.netns.offload;

import adit.tun.ReceiveOffload;
import adit.tun.TunIoctl;

/// How two devices with a router between them are set up: `left`, to which packets are written, and `right`,
/// from which they are read.
///
/// @param left the left one
/// @param right the right one
/// @param networks the two digits of their networks, 10.D.0.0/24 and fd0D::/64
/// @param mtu of the right one
/// @param receive what the left one's NAPI does
record Layout(End left, End right, String networks, int mtu, ReceiveOffload receive) {
    static final int TUN = TunIoctl.IFF_TUN | TunIoctl.IFF_NO_PI | TunIoctl.IFF_VNET_HDR;
    static final int TAP = TunIoctl.IFF_TAP | TunIoctl.IFF_NO_PI | TunIoctl.IFF_VNET_HDR;

    /// A device and its one file.
    ///
    /// @param flags of TUNSETIFF
    /// @param header the length of its virtio-net header
    /// @param offloads what is given to TUNSETOFFLOAD
    record End(int flags, int header, int offloads) {
        boolean isTap() {
            return (flags & TunIoctl.IFF_TAP) != 0;
        }
    }

    /// Two TUNs, of which the right one's reader takes these offloads.
    static Layout tuns(int offloads) {
        return new Layout(new End(TUN, 10, 0), new End(TUN, 10, offloads), "12", 1500, ReceiveOffload.USUAL);
    }

    /// Two TAPs with long headers.
    static Layout taps(int offloads) {
        return new Layout(new End(TAP, 24, 0), new End(TAP, 24, offloads), "12", 1500, ReceiveOffload.USUAL);
    }

    Layout withLeft(int flags, int header) {
        return new Layout(new End(flags, header, 0), right, networks, mtu, receive);
    }

    Layout withRight(int flags, int header, int offloads) {
        return new Layout(left, new End(flags, header, offloads), networks, mtu, receive);
    }

    Layout withMtu(int octets) {
        return new Layout(left, right, networks, octets, receive);
    }

    Layout between(String digits) {
        return new Layout(left, right, digits, mtu, receive);
    }

    Layout receiving(ReceiveOffload settings) {
        return new Layout(left, right, networks, mtu, settings);
    }
}
