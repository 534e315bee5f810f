package adit.tun;

import adit.device.InterfaceRequest;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Set;

/// Which TUN or TAP device to make or attach to. Refuses what the kernel could only refuse or misunderstand.
///
/// ```java
/// TunSpec.tun("tun0")                                       // exactly this one: attach if it is there, else make it
/// TunSpec.tun("tun%d").with(Option.EXCLUSIVE)               // a new one with the lowest free number
/// TunSpec.tap("").with(Option.VNET_HEADER, Option.MULTI_QUEUE)
/// ```
///
/// @param name 1 to 15 octets without white space or slash; `%d` once stands for the lowest free number; empty
///     for the kernel's own template, `tun%d` or `tap%d`
/// @param kind what the device carries
/// @param options how its files shall work
/// @param index the interface index that a new device shall have; 0 to let the kernel choose
public record TunSpec(String name, Kind kind, Set<Option> options, int index) {
    /// What a device carries.
    public enum Kind {
        /// IP packets, or what a tun_pi names.
        TUN,
        /// Ethernet frames.
        TAP
    }

    /// How the files of a device work. The framing options hold for the whole device, and the last file that
    /// attaches decides them.
    public enum Option {
        /// Each packet has a tun_pi in front: 2 octets of flags, 2 of EtherType. A TUN carries nothing but IPv4
        /// and IPv6 without it.
        PACKET_INFORMATION(0),
        /// Each packet has a virtio-net header in front, with which super-packets stay whole.
        VNET_HEADER(TunIoctl.IFF_VNET_HDR),
        /// Up to 256 files may be attached. The device must have been made so. Attaching to one that another
        /// process serves takes a share of its packets away.
        MULTI_QUEUE(TunIoctl.IFF_MULTI_QUEUE),
        /// Fail with EBUSY when the device exists.
        EXCLUSIVE(TunIoctl.IFF_TUN_EXCL),
        /// Written packets go through NAPI and may be coalesced.
        NAPI(TunIoctl.IFF_NAPI),
        /// Each part of a gathering write becomes one fragment of the packet. For a TAP with NAPI.
        NAPI_FRAGMENTS(TunIoctl.IFF_NAPI_FRAGS),
        /// The device starts without a carrier; see TUNSETCARRIER.
        NO_CARRIER(TunIoctl.IFF_NO_CARRIER),
        /// A full queue stops the stack's own queue and doesn't drop. Only in kernels that announce it among
        /// the driver's features; others ignore it.
        BACKPRESSURE(TunIoctl.IFF_BACKPRESSURE);

        private final int flag;

        Option(int flag) {
            this.flag = flag;
        }
    }

    /// Checks name, options and index.
    public TunSpec {
        options = Set.copyOf(options);
        checkName(name);
        if (index < 0) {
            throw new IllegalArgumentException("interface index " + index);
        }
        if (options.contains(Option.NAPI_FRAGMENTS) && (kind != Kind.TAP || !options.contains(Option.NAPI))) {
            throw new IllegalArgumentException("NAPI_FRAGMENTS is for a TAP with NAPI");
        }
    }

    private static void checkName(String name) {
        int octets = name.getBytes(StandardCharsets.UTF_8).length;
        if (octets > InterfaceRequest.MAX_NAME) {
            throw new IllegalArgumentException(
                    "interface name '" + name + "' has " + octets + " octets, more than " + InterfaceRequest.MAX_NAME);
        }
        boolean odd = name.chars().anyMatch(c -> c <= ' ' || c == '/' || c == ':' || c == 0x7f || c == 0xa0);
        if (odd || name.equals(".") || name.equals("..")) {
            throw new IllegalArgumentException("interface name '" + name + "' has white space, '/', ':' or only dots");
        }
        String rest = name.replaceFirst("%d", "");
        if (rest.indexOf('%') >= 0) {
            throw new IllegalArgumentException("interface name '" + name + "' may have one %d and no other %");
        }
    }

    /// A TUN device without options. Its files carry bare IP packets.
    public static TunSpec tun(String name) {
        return new TunSpec(name, Kind.TUN, Set.of(), 0);
    }

    /// A TAP device without options. Its files carry bare Ethernet frames.
    public static TunSpec tap(String name) {
        return new TunSpec(name, Kind.TAP, Set.of(), 0);
    }

    /// The same with more options.
    public TunSpec with(Option... more) {
        Set<Option> all = EnumSet.noneOf(Option.class);
        all.addAll(options);
        all.addAll(Arrays.asList(more));
        return new TunSpec(name, kind, all, index);
    }

    /// The same for another name.
    public TunSpec named(String other) {
        return new TunSpec(other, kind, options, index);
    }

    /// The same with the index that a new device shall have.
    public TunSpec withIndex(int wanted) {
        return new TunSpec(name, kind, options, wanted);
    }

    /// The same for a device that is there already.
    public TunSpec attaching(String existing) {
        Set<Option> rest = EnumSet.noneOf(Option.class);
        rest.addAll(options);
        rest.remove(Option.EXCLUSIVE);
        return new TunSpec(existing, kind, rest, 0);
    }

    /// Whether this option is among [#options].
    public boolean has(Option option) {
        return options.contains(option);
    }

    /// The flags for TUNSETIFF.
    public int flags() {
        int flags = kind == Kind.TUN ? TunIoctl.IFF_TUN : TunIoctl.IFF_TAP;
        if (!has(Option.PACKET_INFORMATION)) {
            flags |= TunIoctl.IFF_NO_PI;
        }
        for (Option option : options) {
            flags |= option.flag;
        }
        return flags;
    }
}
