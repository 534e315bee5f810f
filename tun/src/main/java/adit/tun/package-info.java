/// The TUN/TAP driver of Linux in user space, and the interface that it shares with the kernel's.
///
/// ```
/// TunChannel, TunControl    Java's conventions: channels, typed calls, exceptions with a hint
///          |
///       TunFile             system calls: read, write, poll, ioctl; answers octets or -errno
///       /     \
/// TunDriver    the kernel's, in module `linux`
/// ```
///
/// Inside, a packet takes one of two ways, and a control call a third:
///
/// ```
/// write(2)   MemoryTunFile -> WritePath -> (Napi) -> TunTapDevice.receive -> the stack
/// the stack  -> TunTapDevice.transmit -> AttachedFiles (FlowTable) -> AddressFilter, SocketFilter
///            -> the queue of a MemoryTunFile -> ReadPath   read(2)
/// ioctl(2)   MemoryTunFile -> (AddressedArgument) -> Dispatcher -> Attachment, TunTapDevice, AttachedFiles
/// ```
///
/// A `TunDriver` serves one namespace, whose devices stand in an [adit.device.DeviceTable]. It opens files;
/// TUNSETIFF on a file makes a device or attaches to one. What the stack sends to the device, a file reads;
/// what a file writes, the stack receives, on the writer's thread; with `IFF_NAPI` after [ReceiveOffload], which
/// may hold it back until [TunDriver#turn].
///
/// ```java
/// DeviceTable table = new DeviceTable(DeviceTable.Environment.real(1));
/// TunOpener opener = new TunDriver(table);
/// try (TunFile file = opener.open()) {
///     MemorySegment request = arena.allocate(Ifreq.SIZE, 8);
///     InterfaceRequest.name(request, "tun0");
///     InterfaceRequest.flags(request, TunIoctl.IFF_TUN | TunIoctl.IFF_NO_PI);
///     file.ioctl(TunIoctl.TUNSETIFF, request);       // 0, or a negative errno
///     int n = file.read(memory);                     // waits for a packet that the stack sends to tun0
/// }
/// ```
package adit.tun;
