/// Small programs to read, copy and run: [ToyVpn], a tunnel in sixty lines that runs on the kernel's TUN driver and on
/// the one in memory; [BsdToyVpn], the same on NetBSD's driver; [Reflector], what docs/library.md explains.
package adit.examples;
