/// The seam between a tunnel and the network that carries it.
///
/// An [Underlay] takes payloads with their addressing beside them and brings payloads the same way. Behind it
/// stand a raw socket, a UDP socket or, with no kernel at all, a [HeaderUnderlay] on any [adit.port.Port].
///
/// Who writes outer headers uses [OuterHeader] with its [Identifications], and [Fragments] for what is larger
/// than the path allows; who reads them puts fragments together by a [Reassembler]. None makes a system call or
/// allocates.
package adit.underlay;
