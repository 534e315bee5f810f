/// A host in memory that makes test traffic over any port: it answers and sends pings, and moves octets by TCP.
///
/// A [MemoryHost] speaks IPv4 as the stack behind a TUN device would, and checks everything that it receives.
/// Its TCP is as much of RFC 9293 as a bulk transfer in one direction needs: a [BulkSender] connects, sends and
/// closes, a [BulkReceiver] accepts, digests and closes; congestion control is RFC 5681 and RFC 6582,
/// retransmission RFC 6298. It is a source of traffic for tests and demonstrations and not a socket interface:
/// no urgent data, no data from the accepting side, no selective acknowledgments, no timestamps.
///
/// ```java
/// MemoryHost a = new MemoryHost(addressA, cable.left(), pool, random);
/// MemoryHost b = new MemoryHost(addressB, cable.right(), pool, random);
/// BulkReceiver receiver = b.listen(5001);
/// BulkSender sender = a.send(addressB, 5001, new TestData(1_000_000, seed));
/// new Stepper(time).add(a).add(b).watch(a).watch(b).run(limit);
/// ```
///
/// Everything belongs to one thread and takes its time from the turns.
package adit.program.host;
