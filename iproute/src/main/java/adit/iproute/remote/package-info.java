/// The host of `ip` in another process: netlink in octets over a Unix socket.
///
/// ```
///   Ip --> RemoteHost  ==== Frame, Frame, ... ====  HostServer --> IpHost, which has the namespace
/// ```
///
/// [HostServer] serves hosts by their names, many clients at a time; [RemoteHost] is one of them, seen from
/// elsewhere. Neither knows what the socket's file is called or who may open it: that is whoever binds it.
package adit.iproute.remote;
