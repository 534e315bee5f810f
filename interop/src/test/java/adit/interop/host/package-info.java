/// Machines that a test gives orders to: a [Host] is this machine's side of a [Namespace] or a guest, and both
/// take shell scripts and answer with an [Outcome].
///
/// What a test makes on this machine it makes through a [Keeper], so that it is taken away also when the JVM is
/// killed half way.
package adit.interop.host;
