/// The scenario language: what happens to TUN files and devices, written down once and performed in any world.
///
/// A file holds the scenarios of one topic. A line at the margin opens a scenario, the indented lines under it
/// are its steps, `#` starts a comment:
///
/// ```
/// scenario a second device of the same name is refused to an exclusive caller
///   for kind = TUN | TAP
///   a = open
///   b = open
///   ioctl a TUNSETIFF name=t0 flags={kind}
///   ioctl b TUNSETIFF name=t0 flags={kind}+EXCL
/// ```
///
/// `for` makes one case of the scenario for each row; `|` parts the rows, `0..511` counts. No scenario says
/// what is to come out: that is what the kernel does.
///
/// | step | what it does, and what its line of the transcript says |
/// |---|---|
/// | `a = open [blocking]` | opens a file; 0 or the errno |
/// | `close a` | closes it |
/// | `ioctl a NAME ARGUMENTS` | see [TunCommand] and [IoctlArgument]; the answer and what the argument came back with |
/// | `more t0 TUN+MQ` | opens a file that has no name and attaches it |
/// | `detach a` | TUNSETQUEUE with DETACH, where the file is still open |
/// | `write a OCTETS [/ OCTETS ...]` | write(2), or writev(2) with `/`; `/*9` begins nine buffers; see [OctetText] |
/// | `read a 2000`, `read a 4/1*10/2000` | read(2), or readv(2); `1*10` are ten buffers; the answer and the octets |
/// | `drain a b` | reads from each until nothing is left; lengths and checksums |
/// | `poll a`, `fdinfo a` | poll(2); the driver's line of fdinfo |
/// | `read a 2000 there=4`, `write a there=4 OCTETS` | the same, but of the last buffer only four octets are there:
/// behind them the kernel finds no memory |
/// | `r = start read a 2000`, `p = start poll a IN`, `finish r` | another thread reads, or waits for an event; what
/// became of it, or `blocked` |
/// | `waits a 0` | switches O_NONBLOCK on; `1` off |
/// | `signals a 1`, `signalled a` | switches FASYNC on; how many signals there were since the last time |
/// | `up t0`, `down`, `delete`, `mtu`, `txqueuelen`, `mac`, `rename`, `carrier`, `group`, `flag t0 PROMISC 1` | what an
/// administrator does to a device, by rtnetlink |
/// | `make t0 tun` | asks rtnetlink for a new link |
/// | `link t0`, `stats t0`, `devices` | what rtnetlink says of a device, its counters, the names of all |
/// | `dump [tun]` | what a dump says of all links, or those of a kind |
/// | `listen`, `told` | listens to rtnetlink; what it told of links since the last time |
/// | `inject t0 0800 OCTETS` | the stack transmits through the device; `inject t0 0800 gso OCTETS` with a virtio-net
/// header |
/// | `seen [COUNT]` | what the device has delivered to the stack since the last time |
/// | `teach a 64`, `spread t0 64`, `share a b` | 64 UDP flows written, or transmitted; how a device spread them: none,
/// some or all |
/// | `user 1000 [GROUPS] [net_admin]`, `user root` | who makes the calls on files from now on |
/// | `wait 3500ms` | time passes |
/// | `repeat 500 STEP` | the step again and again; answers with how often each came in a row |
package adit.conformance.language;
