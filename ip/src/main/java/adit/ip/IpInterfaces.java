package adit.ip;

import adit.device.Device;
import adit.device.DeviceEvent;
import adit.device.DeviceListener;
import adit.device.Ordered;
import java.util.List;

/// The interfaces of a stack, one for each device of its namespace, and what it means to IP when something happens
/// to a device. Changes are made under the control lock; any thread may look.
final class IpInterfaces implements DeviceListener {
    private final IpStack stack;
    private final Ordered<IpInterface> all = new Ordered<>();
    private volatile IpInterface loopback;

    IpInterfaces(IpStack stack) {
        this.stack = stack;
    }

    /// All of them, in the order of their indices.
    List<IpInterface> all() {
        return all.all();
    }

    /// The loopback's device, or null.
    Device loopback() {
        IpInterface lo = loopback;
        return lo == null ? null : lo.device();
    }

    /// A device is in the namespace now.
    void join(Device device) {
        IpInterface link = new IpInterface(stack, device);
        device.above(link);
        all.put(device.index(), link);
        if (link.isLoopback()) {
            loopback = link;
        }
        stack.configuration().links6().joined(link);
    }

    private void leave(IpInterface link) {
        link.device().above(null);
        all.remove(link.device().index());
        if (link.equals(loopback)) {
            loopback = null;
        }
    }

    private void changed(IpInterface link) {
        boolean asksOtherwise = link.changed();
        if (link.device().isUp()) {
            stack.configuration().routes().ip4().carrierChanged(link);
            stack.configuration().links6().changed(link);
            if (asksOtherwise) {
                stack.configuration().links6().repeat(link);
            }
        }
    }

    @Override
    public void event(Device device, DeviceEvent event) {
        IpConfiguration configuration = stack.configuration();
        IpInterface link = stack.of(device);
        switch (event) {
            case REGISTERED -> join(device);
            case UNREGISTERED -> {
                if (link != null) {
                    configuration.gone(link);
                    stack.mpls.gone(device);
                    leave(link);
                    link.flushNeighbours();
                }
            }
            case UP -> configuration.up(link);
            case DOWN -> {
                configuration.down(link);
                link.flushNeighbours();
            }
            case MTU -> configuration.mtu(link);
            // Also where it is the same as before: who sets an address begins anew.
            case ADDRESS -> link.flushNeighbours();
            case CARRIER, CHANGED -> changed(link);
            case FLAGS -> {
                if (link.flagsChanged()) {
                    changed(link);
                }
            }
            case RENAMED -> configuration.renamed(link);
            case LINK_TYPE, QUEUE_LENGTH, FEATURES -> {}
        }
    }
}
