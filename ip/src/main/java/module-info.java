/// The IP layer of a host in user space: routes, neighbours, forwarding, local delivery, sockets.
module adit.ip {
    exports adit.ip;
}
