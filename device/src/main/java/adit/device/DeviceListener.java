package adit.device;

/// Hears what happens to the devices of a table.
@FunctionalInterface
public interface DeviceListener {
    /// Called under the control lock, after the fact. May look and may call control methods.
    void event(Device device, DeviceEvent event);
}
