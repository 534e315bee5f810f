/// Memory that packets live in, and who owns it.
///
/// A [PacketPool] lends [PacketBuffer]s; whoever holds one releases it exactly once. A [PacketBatch] is a short
/// list of them that travels between a port and an engine. A port that takes packets out of a batch owns them
/// from then on; what it leaves in the batch it has refused, and says why in [PacketBuffer#refusal].
///
/// ```java
/// PacketBuffer p = pool.lend();        // null when all are out: drop, never allocate
/// p.put(84);                           // 84 octets of payload behind the headroom
/// p.push(20);                          // and a header in front of it
/// p.release();
/// ```
///
/// A [PacketRing] hands packets from one thread to another. A pool and its buffers belong to one thread at a
/// time, unless it was made by [PacketPool#concurrent]. Nothing here knows a protocol.
package adit.packet;
