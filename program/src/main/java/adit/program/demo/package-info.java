/// The demonstration: two hosts, a tunnel between them, pings and a transfer through it.
///
/// [KernelDemo] makes the hosts as network namespaces of the kernel, joined by a cable of the kernel's (veth);
/// what goes through the tunnel is sent and received by the kernel's own IP and TCP. [LabelledDemo] does the same with
/// hosts in memory that label their packets, since most kernels can't. [DemoPlan] says what to
/// do, [DemoResult] what came of it, [Counts] when that is settled.
package adit.program.demo;
