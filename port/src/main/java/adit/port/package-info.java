/// The places where packets come and go.
///
/// A [Port] never blocks: who wants to wait gives the waiting to an [Idle]. An engine is a [Turn]; a [TurnThread]
/// runs turns on a platform thread, a test steps them by hand on a time of its own.
package adit.port;
