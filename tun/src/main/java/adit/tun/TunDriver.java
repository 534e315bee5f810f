package adit.tun;

import adit.device.Device;
import adit.device.DeviceTable;
import adit.port.Deadline;
import adit.port.Turn;
import java.util.ArrayList;
import java.util.List;

/// The TUN/TAP driver of one namespace, in memory. Its devices stand in the namespace's [DeviceTable].
///
/// Not supported, because there is no kernel to do it: loading eBPF programs (TUNSETSTEERINGEBPF and
/// TUNSETFILTEREBPF know no descriptor but -1), XDP, timestamps on the error queue.
public final class TunDriver implements TunOpener, Turn, Deadline {
    private final DeviceTable table;
    private final Profile profile;
    private final UserMemory memory;
    private final List<DeviceTable> namespaces = new ArrayList<>();

    /// A driver that behaves as Linux 6.18's and finds at addresses what this process has there.
    public TunDriver(DeviceTable table) {
        this(table, Profile.LINUX_6_18, UserMemory.process());
    }

    /// A driver that behaves as `profile` says, and looks for what stands at addresses in `memory`.
    public TunDriver(DeviceTable table, Profile profile, UserMemory memory) {
        this.table = table;
        this.profile = profile;
        this.memory = memory;
    }

    /// Opens a file for the superuser.
    @Override
    public MemoryTunFile open() {
        return open(Credentials.ROOT);
    }

    /// Opens a file for somebody.
    public MemoryTunFile open(Credentials caller) {
        return new MemoryTunFile(this, caller);
    }

    @Override
    public TunPoller poller() {
        return new MemoryTunPoller();
    }

    /// The devices of this namespace.
    public DeviceTable table() {
        return table;
    }

    /// Whose behaviour this is.
    public Profile profile() {
        return profile;
    }

    /// The calls of ethtool(8) on the devices of this driver.
    public Ethtool ethtool() {
        return new Ethtool(this);
    }

    // ---- Time

    /// Hands up what NAPI has held long enough. Nobody else does: whoever lets packets wait ([ReceiveOffload])
    /// gives this its turns, as a namespace does.
    @Override
    public int turn(long nowNanos) {
        List<Device> devices = table.devices();
        for (int i = 0; i < devices.size(); i++) {
            if (devices.get(i) instanceof TunTapDevice device) {
                device.expire(nowNanos);
            }
        }
        return 0;
    }

    @Override
    public long deadline() {
        long earliest = NEVER;
        List<Device> devices = table.devices();
        for (int i = 0; i < devices.size(); i++) {
            if (devices.get(i) instanceof TunTapDevice device) {
                earliest = Math.min(earliest, device.deadline());
            }
        }
        return earliest;
    }

    /// Has `alarm` run, on any thread, whenever [#deadline] may have become earlier.
    public void alarm(Runnable run) {
        table.alarm(run);
    }

    UserMemory memory() {
        return memory;
    }

    /// The number of a namespace, as TUNGETDEVNETNS and SIOCGSKNS answer it in place of a descriptor. Nobody closes
    /// it, so that each namespace has one for good.
    synchronized int describe(DeviceTable namespace) {
        int known = namespaces.indexOf(namespace);
        if (known >= 0) {
            return known;
        }
        namespaces.add(namespace);
        return namespaces.size() - 1;
    }

    /// The namespace that TUNGETDEVNETNS or SIOCGSKNS answered with this number.
    public synchronized DeviceTable namespace(int number) {
        return namespaces.get(number);
    }
}
