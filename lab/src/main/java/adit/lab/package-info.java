/// Networks of namespaces in memory: hosts, cables between them, programs on them, and a prompt.
///
/// ```
///   LabSpec ---> Lab ---> LabHost    a namespace; ip(8) acts on it
///                  |        Program: EchoService, PingProgram
///                  |----> LabCable   two CableEnds, which are devices, and a Line each way
///                  |----> LabClock   real time, or one that moves when somebody waits
///   LabShell ------+----> Pinger, Tracer
/// ```
///
/// A [Lab] is one program with one lock: whoever asks a host for something, lets a packet go or reads a counter
/// does so in [Lab#call]. On virtual time nothing happens by itself; the thread that waits for something
/// ([Lab#run]) moves packets and time, so that a lab with a seed does the same each time. On real time a thread
/// of the lab's own does it.
///
/// ```java
/// try (Lab lab = Lab.open(spec)) {
///     int code = new LabShell(lab).run("left ping -c 1 10.2.0.1", out, err);
/// }
/// ```
package adit.lab;
