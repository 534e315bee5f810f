package adit.interop.rules;

import adit.interop.Site;

/// Who is asked: each rule is stated once and must hold in all worlds. The kernel's answers prove the rule, and
/// then ours must be the same.
enum World {
    /// The ipip driver of a Linux guest.
    KERNEL {
        @Override
        Machine box() {
            return new GuestBox(Site.shared().guest());
        }
    },
    /// The engine of this project, in memory.
    ADIT {
        @Override
        TunnelBox box() {
            return new EngineBox();
        }
    },
    /// The tunnel devices of a namespace in memory.
    NAMESPACE {
        @Override
        Machine box() {
            return new NamespaceBox();
        }
    };

    abstract TunnelBox box();

    /// The same with nothing in it, for those that are whole machines.
    Machine machine() {
        Machine machine = (Machine) box();
        machine.bare();
        return machine;
    }
}
