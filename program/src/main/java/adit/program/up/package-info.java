/// Tunnels on devices and sockets of the kernel: the composition root.
///
/// ```
/// TunnelHost               all tunnels of one network namespace
///   Overlay, one a tunnel    its TUN device, configured; the Tunnel; what undoes it
///   Lane, one a socket       an underlay; a thread outbound and one inbound; their pools
/// ```
///
/// Tunnels that share a socket share its lanes: all over direct IP do, and all on one UDP port. A tunnel with
/// several queues has a lane for each.
package adit.program.up;
