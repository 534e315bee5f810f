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
    /// Its carrier came or went.
    CARRIER,
    /// Anything else about it changed.
    CHANGED
}
