/// What a host allows Adit to do, and how to make it allow more.
///
/// [HostFiles] reads what the kernel tells in files, [Trials] tries things out in a network namespace that
/// nobody sees, and [Doctor] makes [Finding]s of both. Nothing is changed on the host: no device appears, no
/// module is loaded.
package adit.program.doctor;
