package adit.bpf;

/// What is known about a packet beside its octets, as a test sets it up.
record Facts(
        int networkOffset,
        int linkOffset,
        int protocol,
        int packetType,
        int interfaceIndex,
        int hardwareType,
        int mark,
        int queue,
        int flowHash,
        int vlan,
        int cpu,
        int random)
        implements Ancillary<Object> {
    /// A packet of a socket pair: it has no device and no headers.
    static final Facts SOCKET_PAIR = new Facts(0, NO_HEADER, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);

    /// A frame with every fact different from every other.
    static final Facts FRAME =
            new Facts(14, 0, 0x0800, 3, 0x01020304, 772, 0xcafe0001, 5, 0x89abcdef, 0x88a8_6005, 7, 0x7654_3210);

    @Override
    public int networkOffset(Object packet) {
        return networkOffset;
    }

    @Override
    public int linkOffset(Object packet) {
        return linkOffset;
    }

    @Override
    public int protocol(Object packet) {
        return protocol;
    }

    @Override
    public int packetType(Object packet) {
        return packetType;
    }

    @Override
    public int interfaceIndex(Object packet) {
        return interfaceIndex;
    }

    @Override
    public int hardwareType(Object packet) {
        return hardwareType;
    }

    @Override
    public int mark(Object packet) {
        return mark;
    }

    @Override
    public int queue(Object packet) {
        return queue;
    }

    @Override
    public int flowHash(Object packet) {
        return flowHash;
    }

    @Override
    public int vlan(Object packet) {
        return vlan;
    }

    @Override
    public int cpu(Object packet) {
        return cpu;
    }

    @Override
    public int random(Object packet) {
        return random;
    }
}
