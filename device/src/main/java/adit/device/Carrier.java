package adit.device;

/// Whether there is somebody at the other end of a device's link, and the operational state that follows from it
/// while the device is up (RFC 2863 section 3.1.14). Changed under the table's lock, read without it.
final class Carrier {
    private volatile boolean present = true;
    private volatile OperState operState = OperState.UNKNOWN;
    // Lost, and nobody was told.
    private boolean isUntold;

    boolean isPresent() {
        return present;
    }

    OperState operState() {
        return operState;
    }

    /// Flags as Linux reports them: those that are set, and while [DeviceFlags#UP] is one of them what follows from
    /// the carrier.
    int told(int set) {
        int all = set & ~(DeviceFlags.RUNNING | DeviceFlags.LOWER_UP);
        if ((all & DeviceFlags.UP) != 0) {
            OperState state = operState;
            all |= present ? DeviceFlags.LOWER_UP : 0;
            all |= state == OperState.UP || state == OperState.UNKNOWN ? DeviceFlags.RUNNING : 0;
        }
        return all;
    }

    /// Whether listeners are to hear that the carrier is there, or that it isn't.
    boolean isNews(boolean wanted) {
        return wanted != present || isUntold;
    }

    /// Notes what listeners are about to hear. `below` is the device in the same table that this one stands on;
    /// null for none.
    void note(boolean wanted, Device below) {
        present = wanted;
        isUntold = false;
        operState = wanted ? OperState.UP : withoutOne(below);
    }

    /// Takes it away; [#note] comes later.
    void lose() {
        isUntold |= present;
        present = false;
    }

    /// Looks once more whether it is `below` that has none either.
    void blame(Device below) {
        if (!present) {
            operState = withoutOne(below);
        }
    }

    /// Linux (`default_operstate`) blames the device below when that has no carrier itself.
    private static OperState withoutOne(Device below) {
        return below == null || below.hasCarrier() ? OperState.DOWN : OperState.LOWER_LAYER_DOWN;
    }
}
