package adit.conformance.language;

import adit.tun.Ifreq;
import adit.tun.TunIoctl;

/// The ioctls by name, with the form of their arguments.
enum TunCommand {
    TUNSETNOCSUM(TunIoctl.TUNSETNOCSUM, Form.VALUE),
    TUNSETDEBUG(TunIoctl.TUNSETDEBUG, Form.VALUE),
    TUNSETIFF(TunIoctl.TUNSETIFF, Form.REQUEST),
    TUNSETPERSIST(TunIoctl.TUNSETPERSIST, Form.VALUE),
    TUNSETOWNER(TunIoctl.TUNSETOWNER, Form.VALUE),
    TUNSETLINK(TunIoctl.TUNSETLINK, Form.VALUE),
    TUNSETGROUP(TunIoctl.TUNSETGROUP, Form.VALUE),
    TUNGETFEATURES(TunIoctl.TUNGETFEATURES, Form.INT),
    TUNSETOFFLOAD(TunIoctl.TUNSETOFFLOAD, Form.VALUE),
    TUNSETTXFILTER(TunIoctl.TUNSETTXFILTER, Form.FILTER),
    TUNGETIFF(TunIoctl.TUNGETIFF, Form.REQUEST),
    TUNGETSNDBUF(TunIoctl.TUNGETSNDBUF, Form.INT),
    TUNSETSNDBUF(TunIoctl.TUNSETSNDBUF, Form.INT),
    TUNATTACHFILTER(TunIoctl.TUNATTACHFILTER, Form.PROGRAM),
    TUNDETACHFILTER(TunIoctl.TUNDETACHFILTER, Form.VALUE),
    TUNGETFILTER(TunIoctl.TUNGETFILTER, Form.PROGRAM),
    TUNGETVNETHDRSZ(TunIoctl.TUNGETVNETHDRSZ, Form.INT),
    TUNSETVNETHDRSZ(TunIoctl.TUNSETVNETHDRSZ, Form.INT),
    TUNSETQUEUE(TunIoctl.TUNSETQUEUE, Form.REQUEST),
    TUNSETIFINDEX(TunIoctl.TUNSETIFINDEX, Form.INT),
    TUNSETVNETLE(TunIoctl.TUNSETVNETLE, Form.INT),
    TUNGETVNETLE(TunIoctl.TUNGETVNETLE, Form.INT),
    TUNSETVNETBE(TunIoctl.TUNSETVNETBE, Form.INT),
    TUNGETVNETBE(TunIoctl.TUNGETVNETBE, Form.INT),
    TUNSETSTEERINGEBPF(TunIoctl.TUNSETSTEERINGEBPF, Form.INT),
    TUNSETFILTEREBPF(TunIoctl.TUNSETFILTEREBPF, Form.INT),
    TUNSETCARRIER(TunIoctl.TUNSETCARRIER, Form.INT),
    TUNGETDEVNETNS(TunIoctl.TUNGETDEVNETNS, Form.DESCRIPTOR),
    SIOCGIFHWADDR(Ifreq.SIOCGIFHWADDR, Form.ADDRESS),
    SIOCSIFHWADDR(Ifreq.SIOCSIFHWADDR, Form.ADDRESS),
    SIOCGIFMTU(Ifreq.SIOCGIFMTU, Form.REQUEST),
    SIOCGIFINDEX(Ifreq.SIOCGIFINDEX, Form.REQUEST),
    SIOCGSKNS(Ifreq.SIOCGSKNS, Form.DESCRIPTOR);

    /// What the argument is.
    enum Form {
        /// The number itself.
        VALUE,
        /// A pointer to an int.
        INT,
        /// A pointer to an `ifreq` with name and flags.
        REQUEST,
        /// A pointer to an `ifreq` with name and `sockaddr`.
        ADDRESS,
        /// A pointer to a `tun_filter`.
        FILTER,
        /// A pointer to a `sock_fprog`.
        PROGRAM,
        /// Nothing; the answer is a descriptor.
        DESCRIPTOR
    }

    final int number;
    final Form form;

    TunCommand(int number, Form form) {
        this.number = number;
        this.form = form;
    }
}
