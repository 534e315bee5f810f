/// `adit ip` on the kernel: the host behind [adit.iproute.Ip] when no namespace of Adit's own is meant.
package adit.program.ip;
