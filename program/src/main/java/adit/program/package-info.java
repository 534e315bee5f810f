/// The program: command line, configuration and the wiring of everything below it.
///
/// [Adit] is the way in; each command is one class named after it, which parses its options, does its work by
/// the modules below and prints by the [Terminal] that it was given. A [Failure] ends a command with a message.
package adit.program;
