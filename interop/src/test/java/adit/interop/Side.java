package adit.interop;

/// The addresses of one side of a tunnel.
///
/// @param underlay its address in the network that carries the tunnel
/// @param overlay its address at the end of the tunnel; the other side's is in the same /30
/// @param label the MPLS label of what this side wants to receive
record Side(String underlay, String overlay, int label) {}
