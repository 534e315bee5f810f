/// Super-packets: one TCP stream's or UDP flow's packets as a single packet of up to 64 KB.
///
/// A device that speaks the virtio-net header hands them over whole and takes them whole, which saves a system
/// call, a lookup and a header for each segment. [Segmenter] cuts one into the packets it stands for, where the
/// next hop can't take it. [Coalescer] makes one of packets that follow each other. [Checksums] finishes a
/// checksum that the sender left to a later hop.
///
/// The rules are those of Linux's software GSO and GRO, whose output for the same packets the tests hold as
/// vectors.
package adit.offload;
