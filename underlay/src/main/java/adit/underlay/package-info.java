/// The seam between a tunnel and the network that carries it.
///
/// An [Underlay] takes payloads with their addressing beside them and brings payloads the same way. Behind it stand a
/// raw socket, a UDP socket or, with no kernel at all, any [adit.port.Port] on which the outer header is written out.
///
/// Who writes outer headers uses [OuterHeader] with its [Identifications], and [Fragments] for what is larger than
/// the path allows; they make no system call and allocate nothing.
package adit.underlay;
