package adit.lab;

import adit.device.Errno;
import adit.iproute.TunTapControl;
import adit.tun.MemoryTunFile;
import adit.tun.TunControl;
import adit.tun.TunException;
import adit.tun.TunIoctl;
import adit.tun.TunSpec;
import java.io.IOException;
import java.util.EnumSet;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;

/// TUN and TAP devices of a host in memory.
final class NamespaceTunTap implements TunTapControl {
    private final Lab lab;
    private final LabHost host;

    NamespaceTunTap(Lab lab, LabHost host) {
        this.lab = lab;
        this.host = host;
    }

    @Override
    public void add(Request request, OptionalInt owner, OptionalInt group) throws Refused {
        with(spec(request).with(TunSpec.Option.EXCLUSIVE), control -> {
            if (owner.isPresent()) {
                control.owner(owner.getAsInt());
            }
            if (group.isPresent()) {
                control.group(group.getAsInt());
            }
            control.persistent(true);
        });
    }

    @Override
    public void delete(Request request) throws Refused {
        with(spec(request), control -> control.persistent(false));
    }

    /// Something done to an attached device.
    private interface Act {
        void on(TunControl control) throws IOException;
    }

    private void with(TunSpec spec, Act act) throws Refused {
        try {
            lab.call(() -> {
                try (MemoryTunFile file = host.namespace().tun().open()) {
                    TunControl control = new TunControl(file);
                    control.attach(spec);
                    act.on(control);
                }
                return null;
            });
        } catch (TunException e) {
            throw new Refused("ioctl(" + e.call() + ")", e.errno());
        } catch (IOException e) {
            throw new Refused(e.getMessage(), Errno.EIO);
        }
    }

    private static TunSpec spec(Request request) throws Refused {
        Set<TunSpec.Option> options = EnumSet.noneOf(TunSpec.Option.class);
        if ((request.flags() & TunIoctl.IFF_NO_PI) == 0) {
            options.add(TunSpec.Option.PACKET_INFORMATION);
        }
        if ((request.flags() & TunIoctl.IFF_VNET_HDR) != 0) {
            options.add(TunSpec.Option.VNET_HEADER);
        }
        if ((request.flags() & TunIoctl.IFF_MULTI_QUEUE) != 0) {
            options.add(TunSpec.Option.MULTI_QUEUE);
        }
        try {
            TunSpec bare = (request.flags() & TunIoctl.IFF_TUN) != 0
                    ? TunSpec.tun(request.name())
                    : TunSpec.tap(request.name());
            return bare.with(options.toArray(TunSpec.Option[]::new));
        } catch (IllegalArgumentException e) {
            throw new Refused("ioctl(TUNSETIFF)", Errno.EINVAL);
        }
    }

    /// No process of the operating system has a file of a device in memory.
    @Override
    public List<Attached> attached(String name) {
        return List.of();
    }
}
