package adit.netlink;

import java.util.OptionalInt;

/// What rtnetlink says of a TUN or TAP device. It only ever tells: such devices are made by ioctl.
///
/// @param type 1 for TUN, 2 for TAP
/// @param owner the user who may attach, empty for anybody with the capability
/// @param group the group that may attach
/// @param framing what stands in front of each packet
/// @param persistence whether the device outlives its file
/// @param queues how it is shared out
public record TunData(
        int type, OptionalInt owner, OptionalInt group, Framing framing, Persistence persistence, Queues queues)
        implements LinkInfo.Data, MessageWriter.Body {
    /// Whether a device outlives its file.
    public enum Persistence {
        /// It goes with its last file.
        TRANSIENT,
        /// It stays.
        PERSISTENT
    }

    /// What stands in front of each packet.
    ///
    /// @param packetInformation 1 for four octets of flags and EtherType, else 0
    /// @param virtioHeader 1 for a virtio-net header, else 0
    public record Framing(int packetInformation, int virtioHeader) {}

    /// How a device is shared out among files.
    ///
    /// @param multiple 1 when there may be many queues, else 0
    /// @param attached queues in use, empty when there may be one only
    /// @param detached queues that are there and not in use
    public record Queues(int multiple, OptionalInt attached, OptionalInt detached) {}

    static TunData read(AttributeReader a) {
        int type = 0;
        int packetInformation = 0;
        int virtioHeader = 0;
        int persist = 0;
        int multiple = 0;
        OptionalInt owner = OptionalInt.empty();
        OptionalInt group = OptionalInt.empty();
        OptionalInt attached = OptionalInt.empty();
        OptionalInt detached = OptionalInt.empty();
        while (a.next()) {
            switch (a.type()) {
                case IfLink.IFLA_TUN_OWNER -> owner = OptionalInt.of(a.i32());
                case IfLink.IFLA_TUN_GROUP -> group = OptionalInt.of(a.i32());
                case IfLink.IFLA_TUN_TYPE -> type = a.u8();
                case IfLink.IFLA_TUN_PI -> packetInformation = a.u8();
                case IfLink.IFLA_TUN_VNET_HDR -> virtioHeader = a.u8();
                case IfLink.IFLA_TUN_PERSIST -> persist = a.u8();
                case IfLink.IFLA_TUN_MULTI_QUEUE -> multiple = a.u8();
                case IfLink.IFLA_TUN_NUM_QUEUES -> attached = OptionalInt.of(a.i32());
                case IfLink.IFLA_TUN_NUM_DISABLED_QUEUES -> detached = OptionalInt.of(a.i32());
                default -> {}
            }
        }
        return new TunData(
                type,
                owner,
                group,
                new Framing(packetInformation, virtioHeader),
                persist == 0 ? Persistence.TRANSIENT : Persistence.PERSISTENT,
                new Queues(multiple, attached, detached));
    }

    @Override
    public void writeTo(MessageWriter w) {
        w.u8(IfLink.IFLA_TUN_TYPE, type);
        owner.ifPresent(v -> w.i32(IfLink.IFLA_TUN_OWNER, v));
        group.ifPresent(v -> w.i32(IfLink.IFLA_TUN_GROUP, v));
        w.u8(IfLink.IFLA_TUN_PI, framing.packetInformation());
        w.u8(IfLink.IFLA_TUN_VNET_HDR, framing.virtioHeader());
        w.u8(IfLink.IFLA_TUN_PERSIST, persistence == Persistence.PERSISTENT ? 1 : 0);
        w.u8(IfLink.IFLA_TUN_MULTI_QUEUE, queues.multiple());
        queues.attached().ifPresent(v -> w.i32(IfLink.IFLA_TUN_NUM_QUEUES, v));
        queues.detached().ifPresent(v -> w.i32(IfLink.IFLA_TUN_NUM_DISABLED_QUEUES, v));
    }
}
