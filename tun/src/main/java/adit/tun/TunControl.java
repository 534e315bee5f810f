package adit.tun;

import adit.bpf.Instruction;
import adit.device.Errno;
import adit.device.InterfaceRequest;
import adit.wire.MacAddress;
import adit.wire.Octets;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import java.nio.channels.ClosedChannelException;
import java.util.Set;

/// Every control call of the TUN driver, on one open TUN file, in words.
///
/// Most calls concern the device, whichever of its files they are made on; [#attachQueue], [#detachQueue] and
/// [#attach] concern this file. All but [#features], [#nextIndex] and [#attach] need a file that is attached
/// and fail with EBADFD else, also after the device was deleted. None needs a privilege unless it says so.
///
/// All methods may be called from any thread. A failure is a [TunException] named after the ioctl; after
/// close() it is a [ClosedChannelException].
public class TunControl {
    private static final ByteOrder HOST = ByteOrder.nativeOrder();

    private final TunFile file;
    private volatile String name = "";

    /// The control calls on `file`, which stays its owner's.
    public TunControl(TunFile file) {
        this.file = file;
    }

    /// The failure of `call` on the device `subject`, for those whose failures have more to say.
    protected IOException failure(String call, String subject, int errno) {
        return new TunException(call, subject, errno);
    }

    // ---- The file and its device

    /// Which features the driver has, as the IFF flags of `linux/if_tun.h` (TUNGETFEATURES).
    public int features() throws IOException {
        return getInt(TunIoctl.TUNGETFEATURES, "TUNGETFEATURES");
    }

    /// The index that the device made by the next [#attach] shall have (TUNSETIFINDEX). EPERM when attached,
    /// EINVAL when negative; an index that is taken shows only at the creation, as EBUSY.
    public void nextIndex(int index) throws IOException {
        setInt(TunIoctl.TUNSETIFINDEX, "TUNSETIFINDEX", index);
    }

    /// Attaches this file to the device of that name, or makes it, and answers its name (TUNSETIFF). Attaching
    /// needs to be the owner or of the group, or CAP_NET_ADMIN; anybody may if the device has neither. Making
    /// needs CAP_NET_ADMIN. EEXIST when attached already.
    public String attach(TunSpec spec) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment request = ifreq(arena, spec.name());
            InterfaceRequest.flags(request, spec.flags());
            checked(TunIoctl.TUNSETIFF, "TUNSETIFF", request, spec.name());
            name = InterfaceRequest.name(request);
            return name;
        }
    }

    /// The device's present name and flags (TUNGETIFF).
    public TunState state() throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment request = ifreq(arena, "");
            checked(TunIoctl.TUNGETIFF, "TUNGETIFF", request, name);
            name = InterfaceRequest.name(request);
            return new TunState(name, InterfaceRequest.flags(request));
        }
    }

    /// Takes this queue back into service after [#detachQueue] (TUNSETQUEUE). EINVAL when it is in service.
    public void attachQueue() throws IOException {
        setQueue(TunIoctl.IFF_ATTACH_QUEUE);
    }

    /// Takes this queue of a multi-queue device out of service: nothing is queued to it, writing still works
    /// (TUNSETQUEUE). EINVAL when it is out of service, or the device has one queue only.
    public void detachQueue() throws IOException {
        setQueue(TunIoctl.IFF_DETACH_QUEUE);
    }

    private void setQueue(int flag) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment request = ifreq(arena, "");
            InterfaceRequest.flags(request, flag);
            checked(TunIoctl.TUNSETQUEUE, "TUNSETQUEUE", request, name);
        }
    }

    /// Whether the device stays when the last file closes (TUNSETPERSIST).
    public void persistent(boolean stays) throws IOException {
        checked(TunIoctl.TUNSETPERSIST, "TUNSETPERSIST", stays ? 1 : 0);
    }

    /// The user who may attach (TUNSETOWNER). EINVAL when the user namespace has no such user.
    public void owner(int uid) throws IOException {
        checked(TunIoctl.TUNSETOWNER, "TUNSETOWNER", Integer.toUnsignedLong(uid));
    }

    /// The group whose members may attach (TUNSETGROUP). EINVAL when the user namespace has no such group.
    public void group(int gid) throws IOException {
        checked(TunIoctl.TUNSETGROUP, "TUNSETGROUP", Integer.toUnsignedLong(gid));
    }

    // ---- The link

    /// The link type, an ARPHRD number (TUNSETLINK). EBUSY while the device is up.
    public void linkType(int linkType) throws IOException {
        checked(TunIoctl.TUNSETLINK, "TUNSETLINK", linkType);
    }

    /// Whether the link is there (TUNSETCARRIER). EPERM for `true` when no queue is in service.
    public void carrier(boolean present) throws IOException {
        setInt(TunIoctl.TUNSETCARRIER, "TUNSETCARRIER", present ? 1 : 0);
    }

    /// The device's hardware address (SIOCGIFHWADDR).
    public HardwareAddress hardwareAddress() throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment request = ifreq(arena, "");
            checked(Ifreq.SIOCGIFHWADDR, "SIOCGIFHWADDR", request, name);
            return new HardwareAddress(Ifreq.linkType(request), MacAddress.read(request, Ifreq.HARDWARE_ADDRESS));
        }
    }

    /// Sets the device's hardware address (SIOCSIFHWADDR). EINVAL for another link type than the device's,
    /// EADDRNOTAVAIL for a multicast address, EOPNOTSUPP for a TUN.
    public void hardwareAddress(HardwareAddress address) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment request = ifreq(arena, "");
            Ifreq.linkType(request, address.linkType());
            address.address().emit(request, Ifreq.HARDWARE_ADDRESS);
            checked(Ifreq.SIOCSIFHWADDR, "SIOCSIFHWADDR", request, name);
        }
    }

    // ---- Framing and offload

    /// What readers of this device can take (TUNSETOFFLOAD). EINVAL for a combination that makes no sense or
    /// that this kernel does not know.
    public void offload(Set<TunOffload> offloads) throws IOException {
        checked(TunIoctl.TUNSETOFFLOAD, "TUNSETOFFLOAD", TunOffload.mask(offloads));
    }

    /// The length of the virtio-net header in front of each packet, in octets (TUNGETVNETHDRSZ).
    public int vnetHeaderLength() throws IOException {
        return getInt(TunIoctl.TUNGETVNETHDRSZ, "TUNGETVNETHDRSZ");
    }

    /// Sets the length of the virtio-net header, at least 10 octets (TUNSETVNETHDRSZ).
    public void vnetHeaderLength(int octets) throws IOException {
        setInt(TunIoctl.TUNSETVNETHDRSZ, "TUNSETVNETHDRSZ", octets);
    }

    /// Whether virtio-net headers are little-endian, rather than in the host's order (TUNGETVNETLE).
    public boolean vnetLittleEndian() throws IOException {
        return getInt(TunIoctl.TUNGETVNETLE, "TUNGETVNETLE") != 0;
    }

    /// Makes virtio-net headers little-endian (TUNSETVNETLE).
    public void vnetLittleEndian(boolean little) throws IOException {
        setInt(TunIoctl.TUNSETVNETLE, "TUNSETVNETLE", little ? 1 : 0);
    }

    /// Whether virtio-net headers are big-endian (TUNGETVNETBE). EINVAL in kernels built without
    /// CONFIG_TUN_VNET_CROSS_LE, which are nearly all.
    public boolean vnetBigEndian() throws IOException {
        return getInt(TunIoctl.TUNGETVNETBE, "TUNGETVNETBE") != 0;
    }

    /// Makes virtio-net headers big-endian (TUNSETVNETBE). EINVAL as for [#vnetBigEndian()].
    public void vnetBigEndian(boolean big) throws IOException {
        setInt(TunIoctl.TUNSETVNETBE, "TUNSETVNETBE", big ? 1 : 0);
    }

    /// How many octets of written packets may wait in the stack (TUNGETSNDBUF).
    public int sendBuffer() throws IOException {
        return getInt(TunIoctl.TUNGETSNDBUF, "TUNGETSNDBUF");
    }

    /// Sets how many octets of written packets may wait in the stack; beyond it writing waits (TUNSETSNDBUF).
    /// EINVAL when not positive.
    public void sendBuffer(int octets) throws IOException {
        setInt(TunIoctl.TUNSETSNDBUF, "TUNSETSNDBUF", octets);
    }

    /// Does nothing; kept because the driver keeps it (TUNSETNOCSUM).
    public void noChecksum(boolean value) throws IOException {
        checked(TunIoctl.TUNSETNOCSUM, "TUNSETNOCSUM", value ? 1 : 0);
    }

    /// Sets the driver's message level for this device (TUNSETDEBUG).
    public void messageLevel(int level) throws IOException {
        checked(TunIoctl.TUNSETDEBUG, "TUNSETDEBUG", Integer.toUnsignedLong(level));
    }

    // ---- Filters

    /// Sets which frames readers of a TAP get, and answers how many addresses are matched exactly; 0 means that
    /// nothing is filtered, or multicast only (TUNSETTXFILTER). EINVAL for a TUN.
    public int transmitFilter(TapFilter filter) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            int count = filter.addresses().size();
            MemorySegment s = arena.allocate(AddressFilter.ADDRESSES + (long) AddressFilter.ADDRESS_LENGTH * count, 8);
            boolean all = filter.multicast() == TapFilter.Multicast.ALL;
            Octets.put16(s, 0, all ? TunIoctl.TUN_FLT_ALLMULTI : 0, HOST);
            Octets.put16(s, AddressFilter.COUNT, count, HOST);
            for (int i = 0; i < count; i++) {
                filter.addresses().get(i).emit(s, AddressFilter.ADDRESSES + (long) AddressFilter.ADDRESS_LENGTH * i);
            }
            return checked(TunIoctl.TUNSETTXFILTER, "TUNSETTXFILTER", s, name);
        }
    }

    /// Attaches a classic BPF program that chooses the frames readers of a TAP get (TUNATTACHFILTER). `program`
    /// is a row of `struct sock_filter`, 8 octets each in the host's order: code 2, jump true 1, jump false 1,
    /// operand 4. EINVAL for a TUN or a program that the kernel rejects.
    public void attachFilter(byte[] program) throws IOException {
        if (program.length % Instruction.LENGTH != 0 || program.length / Instruction.LENGTH > 0xffff) {
            throw new IllegalArgumentException("a program of " + program.length + " octets");
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment instructions = arena.allocate(program.length, 8);
            MemorySegment.copy(MemorySegment.ofArray(program), 0, instructions, 0, program.length);
            MemorySegment fprog = arena.allocate(SocketFilter.FPROG_LENGTH, 8);
            Octets.put16(fprog, 0, program.length / Instruction.LENGTH, HOST);
            putPointer(fprog, SocketFilter.FPROG_PROGRAM, instructions.address());
            checked(TunIoctl.TUNATTACHFILTER, "TUNATTACHFILTER", fprog, name);
        }
    }

    /// Detaches the classic BPF program; there need not be one (TUNDETACHFILTER). EINVAL for a TUN.
    public void detachFilter() throws IOException {
        checked(TunIoctl.TUNDETACHFILTER, "TUNDETACHFILTER", 0);
    }

    /// How many instructions the classic BPF program attached last has (TUNGETFILTER). The driver keeps no more
    /// of it. EINVAL for a TUN.
    public int filterLength() throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment fprog = arena.allocate(SocketFilter.FPROG_LENGTH, 8);
            checked(TunIoctl.TUNGETFILTER, "TUNGETFILTER", fprog, name);
            return Octets.u16(fprog, 0, HOST);
        }
    }

    /// Lets an eBPF program of socket-filter type choose the queue: what it answers modulo the number of queues
    /// (TUNSETSTEERINGEBPF). `program` is its descriptor, which may be closed afterwards; -1 takes the program
    /// away. EBADF for no descriptor, EINVAL for another type.
    public void steering(int program) throws IOException {
        setInt(TunIoctl.TUNSETSTEERINGEBPF, "TUNSETSTEERINGEBPF", program);
    }

    /// Lets an eBPF program of socket-filter type say how many octets of each packet readers get, 0 for none
    /// (TUNSETFILTEREBPF). `program` as for [#steering].
    public void filter(int program) throws IOException {
        setInt(TunIoctl.TUNSETFILTEREBPF, "TUNSETFILTEREBPF", program);
    }

    // ---- Calls

    /// Any ioctl with memory as argument, which must be as large as the command says. Answers what the driver
    /// answered, or the negative errno.
    public final int ioctl(int command, MemorySegment argument) throws IOException {
        return open(file.ioctl(command, argument));
    }

    /// Any ioctl with a number as argument. Answers what the driver answered, or the negative errno.
    public final int ioctl(int command, long value) throws IOException {
        return open(file.ioctl(command, value));
    }

    private int open(int answer) throws ClosedChannelException {
        if (answer == -Errno.EBADF && !file.isOpen()) {
            throw new ClosedChannelException();
        }
        return answer;
    }

    private int checked(int command, String call, MemorySegment argument, String subject) throws IOException {
        return check(ioctl(command, argument), call, subject);
    }

    private void checked(int command, String call, long value) throws IOException {
        check(ioctl(command, value), call, name);
    }

    private int check(int answer, String call, String subject) throws IOException {
        if (answer < 0) {
            throw failure(call, subject, -answer);
        }
        return answer;
    }

    private int getInt(int command, String call) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment s = arena.allocate(Integer.BYTES, Integer.BYTES);
            checked(command, call, s, name);
            return Octets.i32(s, 0, HOST);
        }
    }

    private void setInt(int command, String call, int value) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment s = arena.allocate(Integer.BYTES, Integer.BYTES);
            Octets.put32(s, 0, value, HOST);
            checked(command, call, s, name);
        }
    }

    private static void putPointer(MemorySegment s, long at, long address) {
        Octets.put64(s, at, HOST == ByteOrder.BIG_ENDIAN ? address : Long.reverseBytes(address));
    }

    private static MemorySegment ifreq(Arena arena, String name) {
        MemorySegment s = arena.allocate(Ifreq.SIZE, 8);
        InterfaceRequest.name(s, name);
        return s;
    }
}
