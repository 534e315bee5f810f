package adit.interop.guest;

import adit.interop.host.Namespace;

/// A network interface of a guest, and what its cable is plugged into.
public sealed interface Nic {
    /// What the interface is called inside the guest.
    String name();

    /// The TAP device of the same name in a namespace of this machine, which must have it ([Namespace#addTap]).
    record Tap(String name, Namespace namespace) implements Nic {}

    /// A wire to this JVM, which sends and receives the Ethernet frames itself. Needs no privilege.
    record Wire(String name) implements Nic {}
}
