/// Minimal relays between a TUN device and UDP on the other JVM libraries for TUN devices, so that their speed can be
/// measured beside Adit's. Each uses its library as documented, with the settings that measured best. One inner packet
/// is one UDP payload, as FOU has it.
///
/// Arguments of both: `DEVICE LOCAL REMOTE PORT MTU`. Beside them [TunToTun], a relay between two devices on Adit's
/// own.
package adit.bench.peers;
