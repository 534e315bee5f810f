/// NetBSD's tun(4) in user space: numbered devices, each with one opener, that outlive their interface.
///
/// ```
///   BsdTunControl (words)        Ifconfig (words)
///         |                           |
///   BsdTunFile: read, write,    InterfaceSocket: ioctl
///   ioctl, poll; Kqueue               |
///         |                           |
///      TunUnit  - - - - - - -  BsdTunDevice  ---  IpStack
///   what stays as long as       the interface: queue, counters,
///   the file is open            flags, addresses
/// ```
///
/// A [BsdTunDriver] serves one namespace. Opening unit N makes the interface `tunN` if there is none. What the
/// stack sends to it, the opener reads; what the opener writes, the stack receives, on the writer's thread.
///
/// ```
///            create                     open
///   absent ---------> live, closed <-----------> live, open
///      ^                   |            close       |   ^
///      |      destroy      |                destroy |   | create
///      +-------------------+                        v   |
///      +------------------------------------------ zombie
///                           close
/// ```
///
/// Answers are octets or negative error numbers, NetBSD's: [BsdErrno]. Numbers of ioctls and the structures
/// that they take are NetBSD's too, so that a caller with BSD structures can use them as they are. [BsdProfile]
/// says which NetBSD. `docs/netbsd-tun.md` lists all that the driver does, and of each thing that the original
/// does wrong whether a profile keeps it or mends it, and why.
///
/// ```java
/// BsdTunDriver driver = new BsdTunDriver(namespace.ip());
/// try (BsdTunFile file = driver.open(0)) {
///     new Ifconfig(driver.socket()).address("tun0", "10.0.0.1", "10.0.0.2");
///     int n = file.read(memory);          // waits for a packet that the stack sends to 10.0.0.2
/// }
/// ```
package adit.bsdtun;
