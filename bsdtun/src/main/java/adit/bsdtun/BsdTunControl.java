package adit.bsdtun;

import adit.wire.Octets;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;

/// Every control call of a tun file, in words. A failure is a [BsdTunException] named after the ioctl: ENXIO
/// when the interface was destroyed, and what each call says.
public final class BsdTunControl {
    private static final ByteOrder HOST = ByteOrder.nativeOrder();

    private final BsdTunFile file;

    /// The control calls on `file`, which stays its owner's.
    public BsdTunControl(BsdTunFile file) {
        this.file = file;
    }

    /// Says what kind of link the interface is (TUNSIFMODE). EBUSY while it is up.
    public void mode(InterfaceMode mode) throws BsdTunException {
        set(BsdIoctl.TUNSIFMODE, "TUNSIFMODE", mode.flags());
    }

    /// Says what stands in front of packets from now on (TUNSLMODE, TUNSIFHEAD). ENOTTY for [Framing#FAMILY]
    /// before NetBSD 10.
    public void framing(Framing framing) throws BsdTunException {
        switch (framing) {
            case PLAIN -> {
                set(BsdIoctl.TUNSLMODE, "TUNSLMODE", 0);
                if (file.driver().profile().has(BsdProfile.Trait.FAMILY_HEADER)) {
                    set(BsdIoctl.TUNSIFHEAD, "TUNSIFHEAD", 0);
                }
            }
            case ADDRESS -> set(BsdIoctl.TUNSLMODE, "TUNSLMODE", 1);
            case FAMILY -> set(BsdIoctl.TUNSIFHEAD, "TUNSIFHEAD", 1);
        }
    }

    /// Whether the address family stands in front of packets (TUNGIFHEAD). ENOTTY before NetBSD 10.
    public boolean hasFamilyHeader() throws BsdTunException {
        return get(BsdIoctl.TUNGIFHEAD, "TUNGIFHEAD") != 0;
    }

    /// Says whether reads wait for a packet (FIONBIO).
    public void blocking(boolean waits) throws BsdTunException {
        set(BsdIoctl.FIONBIO, "FIONBIO", waits ? 0 : 1);
    }

    /// Says whether the owner gets SIGIO (FIOASYNC).
    public void asynchronous(boolean signals) throws BsdTunException {
        set(BsdIoctl.FIOASYNC, "FIOASYNC", signals ? 1 : 0);
    }

    /// Says who gets SIGIO: a process, a process group if negative, nobody if 0 (FIOSETOWN). A close forgets
    /// it.
    public void owner(int processOrGroup) throws BsdTunException {
        set(BsdIoctl.FIOSETOWN, "FIOSETOWN", processOrGroup);
    }

    /// Who gets SIGIO (FIOGETOWN).
    public int owner() throws BsdTunException {
        return get(BsdIoctl.FIOGETOWN, "FIOGETOWN");
    }

    /// The length of the first packet with its framing, in octets; 0 when there is none (FIONREAD).
    public int nextLength() throws BsdTunException {
        return get(BsdIoctl.FIONREAD, "FIONREAD");
    }

    /// Sets the driver's debugging switch, which all units have in common and which does nothing here
    /// (TUNSDEBUG).
    public void debug(int value) throws BsdTunException {
        set(BsdIoctl.TUNSDEBUG, "TUNSDEBUG", value);
    }

    /// The driver's debugging switch (TUNGDEBUG).
    public int debug() throws BsdTunException {
        return get(BsdIoctl.TUNGDEBUG, "TUNGDEBUG");
    }

    private void set(int command, String call, int value) throws BsdTunException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment argument = arena.allocate(Integer.BYTES);
            Octets.put32(argument, 0, value, HOST);
            check(call, file.ioctl(command, argument));
        }
    }

    private int get(int command, String call) throws BsdTunException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment argument = arena.allocate(Integer.BYTES);
            check(call, file.ioctl(command, argument));
            return Octets.i32(argument, 0, HOST);
        }
    }

    private void check(String call, int answer) throws BsdTunException {
        if (answer < 0) {
            throw new BsdTunException(call, BsdTunDriver.NAME + file.unit(), -answer);
        }
    }
}
