/// Network interfaces in memory, each a [Device] in the [DeviceTable] of its namespace.
///
/// A packet runs to completion on the thread that brings it. A device hands up what came in ([Device#deliver])
/// to the table's [Receiver], which is the IP stack; the stack hands down what goes out ([Device#send]). On the
/// way down the packet is cut and its checksum finished if the device can't carry it as it is.
///
/// ```
///           Receiver  (the stack)
///         ^            |
///   deliver(p)      send(p)      taps, segmentation, checksum
///         |            v
///        Device     transmit(p)  what each kind of device does
/// ```
///
/// Whoever is given a packet owns it. A packet that goes nowhere is counted under a [Drop] and released.
///
/// Control state (flags, MTU, names) changes under the table's one lock and is read without it, so packets and
/// control calls may come from any threads at once. Control calls answer 0 or a negative [Errno].
package adit.device;
