package adit.program.ip;

import adit.iproute.TunTapControl;
import adit.linux.LinuxException;
import adit.linux.Netns;
import adit.linux.TunDevice;
import adit.tun.TunSpec;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.regex.Pattern;

/// TUN and TAP devices of a namespace of the kernel, made and removed through /dev/net/tun.
final class KernelTunTap implements TunTapControl {
    private static final int IFF_TUN = 0x1;
    private static final int IFF_MULTI_QUEUE = 0x100;
    private static final int IFF_NO_PI = 0x1000;
    private static final int IFF_VNET_HDR = 0x4000;
    private static final int EINVAL = 22;
    private static final String TUN_FILE = "/dev/net/tun";

    private final Netns netns;

    KernelTunTap(Netns netns) {
        this.netns = netns;
    }

    @Override
    public void add(Request request, OptionalInt owner, OptionalInt group) throws Refused {
        TunSpec spec = spec(request).with(TunSpec.Option.EXCLUSIVE);
        with(spec, tun -> {
            if (owner.isPresent()) {
                tun.control().owner(owner.getAsInt());
            }
            if (group.isPresent()) {
                tun.control().group(group.getAsInt());
            }
            tun.control().persistent(true);
        });
    }

    @Override
    public void delete(Request request) throws Refused {
        with(spec(request), tun -> tun.control().persistent(false));
    }

    /// Something done to an open device.
    private interface Act {
        void on(TunDevice tun) throws IOException;
    }

    private void with(TunSpec spec, Act act) throws Refused {
        try {
            netns.call(() -> {
                try (TunDevice tun = TunDevice.open(spec)) {
                    act.on(tun);
                }
                return null;
            });
        } catch (LinuxException e) {
            throw new Refused(e.call().startsWith("TUN") ? "ioctl(" + e.call() + ")" : e.call(), e.errno());
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private static TunSpec spec(Request request) throws Refused {
        Set<TunSpec.Option> options = EnumSet.noneOf(TunSpec.Option.class);
        if ((request.flags() & IFF_NO_PI) == 0) {
            options.add(TunSpec.Option.PACKET_INFORMATION);
        }
        if ((request.flags() & IFF_VNET_HDR) != 0) {
            options.add(TunSpec.Option.VNET_HEADER);
        }
        if ((request.flags() & IFF_MULTI_QUEUE) != 0) {
            options.add(TunSpec.Option.MULTI_QUEUE);
        }
        TunSpec bare = (request.flags() & IFF_TUN) != 0 ? TunSpec.tun(request.name()) : TunSpec.tap(request.name());
        try {
            return bare.with(options.toArray(TunSpec.Option[]::new));
        } catch (IllegalArgumentException e) {
            throw new Refused("ioctl(TUNSETIFF)", EINVAL);
        }
    }

    @Override
    public List<Attached> attached(String name) {
        List<Attached> found = new ArrayList<>();
        long self = ProcessHandle.current().pid();
        try (DirectoryStream<Path> processes = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
            for (Path process : processes) {
                long number = Long.parseLong(process.getFileName().toString());
                if (number != self) {
                    files(process, name).forEach(_ -> found.add(new Attached(number, programName(process))));
                }
            }
        } catch (IOException e) {
            // Without /proc nobody is known to be attached.
            return List.of();
        }
        return found;
    }

    /// The open TUN files of a process that are attached to a device.
    private static List<Path> files(Path process, String name) {
        List<Path> found = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(process.resolve("fd"))) {
            for (Path file : files) {
                if (Files.readSymbolicLink(file).toString().equals(TUN_FILE)
                        && Files.readAllLines(process.resolve("fdinfo").resolve(file.getFileName())).stream()
                                .anyMatch(line -> line.matches("iff:\\s*" + Pattern.quote(name)))) {
                    found.add(file);
                }
            }
        } catch (IOException e) {
            // The process ended, or is another user's.
            return found;
        }
        return found;
    }

    private static String programName(Path process) {
        try {
            return Files.readString(process.resolve("comm"), StandardCharsets.UTF_8)
                    .strip();
        } catch (IOException e) {
            return "<NULL>";
        }
    }
}
