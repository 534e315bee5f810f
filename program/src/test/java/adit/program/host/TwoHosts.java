package adit.program.host;

import static org.assertj.core.api.Assertions.assertThat;

import adit.packet.PacketPool;
import adit.port.Cable;
import adit.port.DelayPort;
import adit.port.Faults;
import adit.port.FaultyPort;
import adit.port.Port;
import adit.port.RatePort;
import adit.port.Stepper;
import adit.port.VirtualTime;
import adit.underlay.UnderlayDrop;
import adit.wire.Ip4Address;
import java.util.SplittableRandom;
import java.util.function.UnaryOperator;

/// Two hosts on a cable of 100 Mbit/s and 5 ms each way, with faults both ways.
final class TwoHosts implements AutoCloseable {
    static final Ip4Address A = Ip4Address.of(10, 1, 0, 1);
    static final Ip4Address B = Ip4Address.of(10, 1, 0, 2);
    static final long SECOND = 1_000_000_000L;

    final PacketPool pool = new PacketPool(1200, 64, 9_000);
    final VirtualTime time = new VirtualTime();
    final Cable cable;
    final Stepper stepper = new Stepper(time);
    final FaultyPort faultsToA;
    final FaultyPort faultsToB;
    final MemoryHost a;
    final MemoryHost b;

    TwoHosts(int mtu, Faults faults, long seed) {
        this(mtu, faults, seed, UnaryOperator.identity());
    }

    /// `tap` is put around the port of host A.
    TwoHosts(int mtu, Faults faults, long seed, UnaryOperator<Port> tap) {
        SplittableRandom random = new SplittableRandom(seed);
        cable = new Cable(mtu, 200);
        faultsToA = line(cable.left(), faults, random.split());
        faultsToB = line(cable.right(), faults, random.split());
        a = new MemoryHost(A, tap.apply(faultsToA), pool, random.split());
        b = new MemoryHost(B, faultsToB, pool, random.split());
        stepper.add(a).add(b).watch(a).watch(b);
    }

    private FaultyPort line(Port end, Faults faults, SplittableRandom dice) {
        RatePort rate = new RatePort(end, 100_000_000, 3_000, time);
        DelayPort delay = new DelayPort(rate, 5_000_000, time, 400);
        FaultyPort faulty = new FaultyPort(delay, faults, dice, pool, time);
        stepper.watch(rate).watch(delay).watch(faulty);
        return faulty;
    }

    /// Everything that was dropped for a damaged checksum, at both hosts.
    long damaged() {
        return damaged(a) + damaged(b);
    }

    private static long damaged(MemoryHost host) {
        long sum = 0;
        for (UnderlayDrop reason : UnderlayDrop.values()) {
            sum += host.underlay().counters().dropped(reason);
        }
        for (HostDrop reason : HostDrop.values()) {
            sum += host.dropped(reason);
        }
        return sum;
    }

    @Override
    public void close() {
        a.close();
        b.close();
        cable.close();
        assertThat(pool.lent()).as("packets still out").isZero();
        pool.close();
    }
}
