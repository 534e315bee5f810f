/// The places where packets come and go.
///
/// A [Port] never blocks: who wants to wait gives the waiting to an [Idle]. An engine is a [Turn]; a
/// [TurnThread] runs turns on a platform thread, a [Stepper] runs them by hand on a [VirtualTime].
///
/// A [Cable] joins two ports in memory. Around any port go wrappers, each for one thing: [FaultyPort],
/// [DelayPort], [RatePort], [TracePort], [CountingPort]. A wrapper owns the port it wraps and closes it. A
/// [Patch] joins any two ports.
///
/// ```java
/// VirtualTime time = new VirtualTime();
/// Cable cable = new Cable(1500, 256);
/// Port a = cable.left();
/// RatePort slow = new RatePort(cable.right(), 100_000_000, 3000, time);
/// DelayPort b = new DelayPort(slow, 5_000_000, time, 1024);
/// new Stepper(time).add(hostOn(a)).add(hostOn(b)).watch(slow).watch(b).run(60_000_000_000L);
/// ```
package adit.port;
