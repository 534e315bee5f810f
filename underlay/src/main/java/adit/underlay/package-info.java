/// The seam between a tunnel and the network that carries it.
///
/// An [Underlay] takes payloads with their addressing beside them and brings payloads the same way. Behind it stand a
/// raw socket, a UDP socket or, with no kernel at all, any [adit.port.Port] on which the outer header is written out.
package adit.underlay;
