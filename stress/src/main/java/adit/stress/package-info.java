/// What threads share without a lock, under jcstress: the ring between two threads, the queue between many, the pool
/// that many lend from, and in a package of its own the memory of routes.
///
/// A test is a class with actors, each run by a thread of its own, and the outcomes that the contract allows; every
/// other outcome fails the run. `stress/run` runs them all.
package adit.stress;
