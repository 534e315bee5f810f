/// The demonstration without a kernel: two hosts in one JVM, a tunnel between them, pings and a transfer
/// through it.
///
/// ```
/// MemoryHost - cable - Outbound / Inbound - HeaderUnderlay - line - HeaderUnderlay - Outbound / Inbound - cable -
/// MemoryHost
///  10.1.0.1    a/tun0        tunnel           192.0.2.1     a/eth0    198.51.100.7          tunnel          b/tun0
/// 10.1.0.2
/// ```
///
/// Everything runs on one thread and a virtual time, and all chance comes from one seed: the same options give
/// the same packets, octet for octet. [MemoryDemo] wires and runs it; the line is as [Line] and
/// [adit.port.Faults] say; the result accounts for every packet.
package adit.program.memory;
