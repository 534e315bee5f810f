/// Small programs to read, copy and run: [ToyVpn], a tunnel in sixty lines that runs on the kernel's TUN driver and on
/// the one in memory.
package adit.examples;
