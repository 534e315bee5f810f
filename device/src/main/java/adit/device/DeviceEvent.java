package adit.device;

/// What happened to a device.
public enum DeviceEvent {
    /// It is in the table now.
    REGISTERED,
    /// It left the table.
    UNREGISTERED,
    /// It went up.
    UP,
    /// It went down.
    DOWN,
    /// It has another name.
    RENAMED,
    /// It has another MTU.
    MTU,
    /// It has another link address.
    ADDRESS,
    /// Its carrier came or went. Linux does not say so of a device that is down.
    CARRIER,
    /// It has another link type.
    LINK_TYPE,
    /// It has a transmit queue of another length.
    QUEUE_LENGTH,
    /// It carries more or less as it is.
    FEATURES,
    /// It has other flags.
    FLAGS,
    /// Anything else about it changed. Linux does not say so of a device that is down.
    CHANGED
}
