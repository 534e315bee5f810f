/// The real kernel, in three storeys.
///
/// 1. `adit.linux.sys` (not exported): the calls and their numbers.
/// 2. Kernel objects in words: [Fd], which owns a descriptor, and what stands on it.
/// 3. Adapters that fit those objects into the seams of the other modules.
///
/// What stands on an [Fd]: TUN devices ([TunDevice], [TunQueue]), namespaces ([Netns]), and rtnetlink, which
/// does what `ip` does ([RtNetlink]) and hears what changes ([NetworkMonitor]). The adapters are [TunPort], and
/// as underlays [RawUnderlay] for tunnels directly over IP, which sends by a raw socket or by a packet ring, and
/// [UdpUnderlay] for FOU and GUE.
///
/// A failed call of storey 2 is a [LinuxException] with the call, the errno's name and what to do about it.
/// Closing wakes whoever waits on what is closed. A descriptor is never inherited by a child process and never
/// closed twice.
package adit.linux;
