package adit.tun;

import adit.offload.Coalescer.Transports;
import adit.offload.Gro.Form;

/// What NAPI does with packets that are written to a file with `IFF_NAPI`, for all files of a device. In Linux
/// these are the features `gro`, `rx-udp-gro-forwarding` and `rx-gro-list` of ethtool and the files
/// `gro_flush_timeout` and `napi_defer_hard_irqs` in sysfs.
///
/// Without a time to wait, a packet goes up as soon as it was written, alone; only those of one
/// [TunFile#writeBatch] meet. With one, a packet that others may join is held until it is full, until another
/// write finds that it came in an earlier tick of 4 ms, or until the time is over.
///
/// @param transports what may be coalesced
/// @param form what becomes of what is coalesced; a list is of TCP and UDP, whatever the transports, unless there
///     are none
/// @param flushTimeoutNanos how long a packet is held after a write, in nanoseconds; 0 for not at all
/// @param deferHardIrqs how many times in a row the time may run again
public record ReceiveOffload(Transports transports, Form form, long flushTimeoutNanos, int deferHardIrqs) {
    /// What a new device does: TCP may be coalesced, and nothing waits.
    public static final ReceiveOffload USUAL = new ReceiveOffload(Transports.TCP, 0, 0);

    /// Refuses negative numbers.
    public ReceiveOffload {
        if (flushTimeoutNanos < 0 || deferHardIrqs < 0) {
            throw new IllegalArgumentException("flush timeout " + flushTimeoutNanos + ", deferred " + deferHardIrqs);
        }
    }

    /// With super-packets.
    public ReceiveOffload(Transports transports, long flushTimeoutNanos, int deferHardIrqs) {
        this(transports, Form.SUPER_PACKET, flushTimeoutNanos, deferHardIrqs);
    }

    /// The same in another form.
    public ReceiveOffload as(Form other) {
        return new ReceiveOffload(transports, other, flushTimeoutNanos, deferHardIrqs);
    }

    /// The same, holding packets for this long.
    public ReceiveOffload holding(long nanos) {
        return new ReceiveOffload(transports, form, nanos, deferHardIrqs);
    }
}
