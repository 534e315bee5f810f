package adit.ipip;

import adit.device.Device;
import adit.device.DeviceFlags;
import adit.device.DeviceNames;
import adit.device.Errno;
import adit.device.InterfaceRequest;
import adit.tun.Credentials;
import adit.tunnel.PathMtu;
import adit.tunnel.Steering;
import adit.wire.Ip4Address;
import adit.wire.Ipv4;
import adit.wire.Octets;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.OptionalInt;

/// Tunnels by ioctl, as `ip tunnel` asks for them: SIOCGETTUNNEL, SIOCADDTUNNEL, SIOCDELTUNNEL and
/// SIOCCHGTUNNEL with `struct ip_tunnel_parm`.
///
/// ```
/// 0          16     20       22       24      28      32                  52
/// | name[16] | link | iflags | oflags | i key | o key | struct iphdr (20) |
/// ```
///
/// A request goes to a device, by name: `tunl0` for all tunnels, or a tunnel for itself. Answers are 0 or a
/// negative errno, and the struct is written back when it is 0. Linux's oddities are kept: a change takes a
/// mark away that rtnetlink has set; one that is asked of `tunl0` about another tunnel gives the link addresses
/// to `tunl0`; what a tunnel carries and how it is encapsulated can't be changed; fields of the header that mean
/// nothing, such as its length, are told as they were when the tunnel was made.
public final class TunnelIoctl {
    /// Tells of a tunnel.
    public static final int SIOCGETTUNNEL = 0x89f0;
    /// Makes a tunnel.
    public static final int SIOCADDTUNNEL = 0x89f1;
    /// Deletes a tunnel.
    public static final int SIOCDELTUNNEL = 0x89f2;
    /// Changes a tunnel.
    public static final int SIOCCHGTUNNEL = 0x89f3;

    /// The size of `struct ip_tunnel_parm` in octets.
    public static final int PARAMETERS_SIZE = 52;

    private static final int LINK = 16;
    private static final int KEYS = 20;
    private static final int KEYS_LENGTH = 12;
    private static final int HEADER = 32;
    private static final int VERSION_4_LENGTH_5 = 0x45;
    private static final int TOS = HEADER + 1;
    private static final int FLAGS = HEADER + 6;
    private static final int TTL = HEADER + 8;
    private static final int PROTOCOL = HEADER + 9;
    private static final int SOURCE = HEADER + 12;
    private static final int DESTINATION = HEADER + 16;
    private static final int DONT_FRAGMENT = Ipv4.DONT_FRAGMENT << 13;
    private static final int POINTER = 16;

    private final IpipNamespace namespace;

    TunnelIoctl(IpipNamespace namespace) {
        this.namespace = namespace;
    }

    /// The call as a program makes it: `ifreq` is a `struct ifreq` whose data points to the parameters, which
    /// stand in one of the `known` native segments. EFAULT when they do not.
    public int ioctl(int request, MemorySegment ifreq, Credentials who, MemorySegment... known) {
        long address = ifreq.get(ValueLayout.JAVA_LONG_UNALIGNED, POINTER);
        String name = InterfaceRequest.name(ifreq);
        for (MemorySegment s : known) {
            long offset = address - s.address();
            if (offset >= 0 && offset <= s.byteSize() - PARAMETERS_SIZE) {
                return ioctl(request, name, s.asSlice(offset, PARAMETERS_SIZE), who);
            }
        }
        return namespace.table().byName(name) == null ? -Errno.ENODEV : -Errno.EFAULT;
    }

    /// The same for the parameters themselves, 52 octets.
    public int ioctl(int request, String device, MemorySegment parameters, Credentials who) {
        namespace.table().lock().lock();
        try {
            Device through = namespace.table().byName(device);
            if (through == null) {
                return -Errno.ENODEV;
            }
            if (!(through instanceof IpipDevice tunnel)) {
                return -Errno.EOPNOTSUPP;
            }
            // As in a kernel: what was refused leaves the caller's octets alone.
            MemorySegment copy =
                    MemorySegment.ofArray(new byte[PARAMETERS_SIZE]).copyFrom(parameters);
            int answer = carryOut(request, tunnel, copy, who);
            if (answer == 0) {
                parameters.copyFrom(copy);
            }
            return answer;
        } finally {
            namespace.table().lock().unlock();
        }
    }

    private static int carryOut(int request, IpipDevice through, MemorySegment s, Credentials who) {
        boolean sets = request == SIOCADDTUNNEL || request == SIOCCHGTUNNEL;
        if (sets && !isSound(s)) {
            return -Errno.EINVAL;
        }
        s.asSlice(KEYS, KEYS_LENGTH).fill((byte) 0);
        if (request == SIOCGETTUNNEL) {
            return get(through, s);
        }
        if (!sets && request != SIOCDELTUNNEL) {
            return -Errno.EINVAL;
        }
        if (!who.isNetAdmin()) {
            return -Errno.EPERM;
        }
        if (request == SIOCDELTUNNEL) {
            return delete(through, s);
        }
        if (Octets.u8(s, TTL) != 0) {
            Octets.put16(s, FLAGS, Octets.u16(s, FLAGS) | DONT_FRAGMENT);
        }
        IpipDevice like = find(through, s);
        return request == SIOCADDTUNNEL ? add(through.lowerNamespace(), like, s) : change(through, like, s);
    }

    private static boolean isSound(MemorySegment s) {
        return Octets.u8(s, HEADER) == VERSION_4_LENGTH_5
                && (Octets.u16(s, FLAGS) & ~DONT_FRAGMENT) == 0
                && IpipKind.isProtocol(Octets.u8(s, PROTOCOL));
    }

    /// The tunnel with these addresses among those that the one's namespace carries which is asked, wherever that one
    /// is.
    private static IpipDevice find(IpipDevice through, MemorySegment s) {
        return through.lowerNamespace().index().find(Octets.i32(s, SOURCE), Octets.i32(s, DESTINATION), link(s));
    }

    private static int link(MemorySegment s) {
        return Octets.i32(s, LINK, ByteOrder.nativeOrder());
    }

    // ---- Get and delete

    private static int get(IpipDevice through, MemorySegment s) {
        IpipDevice told = through;
        if (through.isFallback()) {
            IpipDevice found = find(through, s);
            told = found == null ? through : found;
        }
        write(told, s);
        return 0;
    }

    private static void write(IpipDevice told, MemorySegment s) {
        Parameters p = told.parameters();
        byte[] name = told.name().getBytes(StandardCharsets.UTF_8);
        s.fill((byte) 0);
        MemorySegment.copy(MemorySegment.ofArray(name), 0, s, 0, name.length);
        Octets.put32(s, LINK, p.link(), ByteOrder.nativeOrder());
        told.written().ifPresent(header -> MemorySegment.copy(header, 0, s, HEADER, Ipv4.MIN_HEADER_LENGTH));
        Octets.put8(s, HEADER, VERSION_4_LENGTH_5);
        Octets.put8(s, TOS, p.tos());
        Octets.put16(s, FLAGS, p.pathMtu() == PathMtu.DISCOVER ? DONT_FRAGMENT : 0);
        Octets.put8(s, TTL, p.ttl());
        Octets.put8(s, PROTOCOL, p.protocol());
        Octets.put32(s, SOURCE, p.local());
        Octets.put32(s, DESTINATION, p.remote());
    }

    private static int delete(IpipDevice through, MemorySegment s) {
        IpipDevice gone = through;
        if (through.isFallback()) {
            gone = find(through, s);
            if (gone == null) {
                return -Errno.ENOENT;
            }
            if (gone.isFallback()) {
                return -Errno.EPERM;
            }
        }
        return gone.delete();
    }

    // ---- Add and change

    private static Parameters parameters(MemorySegment s, Parameters kept) {
        return new Parameters(
                link(s),
                Octets.i32(s, SOURCE),
                Octets.i32(s, DESTINATION),
                Octets.u8(s, TTL),
                Octets.u8(s, TOS),
                kept == null ? Octets.u8(s, PROTOCOL) : kept.protocol(),
                (Octets.u16(s, FLAGS) & DONT_FRAGMENT) != 0 ? PathMtu.DISCOVER : PathMtu.IGNORE,
                0,
                kept == null ? Parameters.Encapsulation.NONE : kept.encapsulation(),
                kept == null ? Steering.CONFIGURED : kept.steering());
    }

    private static int add(IpipNamespace namespace, IpipDevice like, MemorySegment s) {
        if (like != null) {
            return -Errno.EEXIST;
        }
        byte[] octets = s.asSlice(0, LINK).toArray(ValueLayout.JAVA_BYTE);
        int length = 0;
        while (length < octets.length && octets[length] != 0) {
            length++;
        }
        String name = new String(octets, 0, length, StandardCharsets.UTF_8);
        if (!name.isEmpty() && !DeviceNames.isValid(name)) {
            return -Errno.E2BIG;
        }
        Parameters p = parameters(s, null);
        IpipDevice device = new IpipDevice(namespace, p, 1500 - p.overhead(), IpipDevice.Limits.TOLD);
        device.written(
                MemorySegment.ofArray(s.asSlice(HEADER, Ipv4.MIN_HEADER_LENGTH).toArray(ValueLayout.JAVA_BYTE)));
        int answer = namespace.table().register(device, name.isEmpty() ? IpipDevice.KIND + "%d" : name, 0);
        if (answer == 0) {
            namespace.join(device, OptionalInt.empty());
        }
        return answer;
    }

    private static int change(IpipDevice through, IpipDevice like, MemorySegment s) {
        IpipDevice changed = like;
        if (!through.isFallback()) {
            if (like != null && !like.equals(through)) {
                return -Errno.EEXIST;
            }
            if (like == null && !isOfKind(through, Octets.i32(s, DESTINATION))) {
                return -Errno.EINVAL;
            }
            changed = through;
        }
        if (changed == null) {
            return -Errno.ENOENT;
        }
        changed.changeBehind(through, parameters(s, changed.parameters()), IpipDevice.Remeasure.MTU);
        return 0;
    }

    /// Whether a tunnel with this remote address would be as much of a point-to-point link as this one is.
    private static boolean isOfKind(IpipDevice tunnel, int remote) {
        boolean group = new Ip4Address(remote).isMulticast();
        int flags = group ? DeviceFlags.BROADCAST : remote != 0 ? DeviceFlags.POINTOPOINT : 0;
        return ((tunnel.flags() ^ flags) & (DeviceFlags.POINTOPOINT | DeviceFlags.BROADCAST)) == 0;
    }
}
