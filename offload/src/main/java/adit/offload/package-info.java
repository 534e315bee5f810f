/// Super-packets: one TCP stream's or UDP flow's packets as a single packet of up to 64 KB.
///
/// A device that speaks the virtio-net header hands them over whole and takes them whole, which saves a system
/// call, a lookup and a header for each segment. [Segmenter] cuts one into the packets it stands for, where the
/// next hop can't take it. [Coalescer] makes one of packets that follow each other in a batch; [Gro] does so
/// with packets that come one by one, holding back and letting go exactly as Linux does. [Checksums] finishes a
/// checksum that the sender left to a later hop. [VnetHeader] stands between the virtio-net header and what
/// travels beside a packet's octets.
///
/// What is cut may stand inside a UDP tunnel, as VXLAN and GENEVE have it, behind another IP header, or in GRE:
/// then each piece gets the outer headers too. [Gro] joins what is in the last two, and in
/// UDP to ports that it is told of (FOU, GUE). What it joins may be a list, whose packets keep what was theirs.
///
/// The rules are those of Linux's software GSO and GRO, whose output for the same packets the tests hold as
/// vectors.
package adit.offload;
