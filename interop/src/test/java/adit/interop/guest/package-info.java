/// A real Linux kernel as the peer of a tunnel, under qemu without KVM.
///
/// ```
/// KernelPackage    the Debian package that holds the kernel, as apt knows it now
/// KernelImage      its vmlinux and the modules a tunnel needs, unpacked once and cached
/// Userland         busybox, ip, tc, ping of this machine, as a cpio archive
/// Guest            one running machine: network interfaces, shell scripts, console
/// ```
///
/// ```java
/// KernelImage image = KernelImage.of(KernelPackage.newest("6.12"));
/// try (Namespace underlay = Namespace.make();
///         Guest guest = Guest.boot(image, new Nic.Tap("under", underlay))) {
///     guest.run("ip tunnel add t1 mode ipip local 192.0.2.2 remote 192.0.2.1");
/// }
/// ```
package adit.interop.guest;
