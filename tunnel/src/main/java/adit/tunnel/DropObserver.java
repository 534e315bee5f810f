package adit.tunnel;

import adit.packet.PacketBuffer;

/// Is shown each packet that an engine drops, such as to record it in a capture file. The counters do not depend on
/// it.
///
/// Called on the engine's thread, on the packet path: an observer neither waits nor allocates. A super-packet is shown
/// once, whole.
@FunctionalInterface
public interface DropObserver {
    /// Looks at nothing.
    DropObserver NONE = (_, _) -> {};

    /// `p` is dropped for `reason` and gone after the call. Its octets are the inner packet's, of the EtherType
    /// [PacketBuffer#protocol]; or, where that is 0, what the underlay handed up.
    void dropped(PacketBuffer p, Drop reason);
}
