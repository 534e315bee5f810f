/// The command `ip`: iproute2's grammar, output, error texts and exit codes, speaking netlink in octets.
///
/// Nothing here knows who answers. An [IpHost] lends a [adit.netlink.NetlinkTransport] and the few things that
/// `ip` asks for by system calls; behind it stands the kernel, or a namespace in memory, here or in another
/// process.
///
/// ```java
/// int code = new Ip(host, in, out, err).run("-br", "link", "show", "up");
/// ```
///
/// The way of a command line: [Ip] reads the options and finds the object; the object's command (`LinkCommand`,
/// `AddressCommand` and so on) reads its `Words`, asks through a `Conversation`, and writes what it hears on a
/// `Page`, which is text or JSON. What goes wrong is an `IpFailure` with the words and the exit code of
/// iproute2:
///
/// | code | meaning |
/// |---|---|
/// | 0 | done |
/// | 1 | what the command line names is not there, or an ioctl failed |
/// | 2 | refused by the kernel, or who stands for it |
/// | 255 | the command line makes no sense |
///
/// The tables of names are those that iproute2 ships; no file is read.
package adit.iproute;
