package adit.tun;

/// What the driver tells of a device over rtnetlink: the attributes IFLA_TUN.
///
/// @param kind what the device carries
/// @param owner the user who may attach; -1 for anybody
/// @param group the group whose members may attach; -1 for anybody
/// @param packetInformation whether packets have a tun_pi in front
/// @param vnetHeader whether packets have a virtio-net header in front
/// @param persistent whether the device stays when the last file closes
/// @param multiQueue whether several files may be attached
/// @param queues how many files are attached and in service
/// @param disabledQueues how many files are attached and detached from service
public record TunInfo(
        TunSpec.Kind kind,
        int owner,
        int group,
        boolean packetInformation,
        boolean vnetHeader,
        boolean persistent,
        boolean multiQueue,
        int queues,
        int disabledQueues) {}
