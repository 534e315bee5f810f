package adit.lab;

import java.util.List;

/// What a lab is made of.
///
/// @param name what `adit ip --on` calls it: letters, digits, `-`, `_` and `.`
/// @param description one line for people; empty for none
/// @param time whose time it runs on
/// @param seed where everything random comes from: link addresses, identifications, which packets cables lose
/// @param hosts at least one, with names of their own
/// @param cables what joins them
public record LabSpec(
        String name, String description, Time time, long seed, List<HostSpec> hosts, List<CableSpec> cables) {
    /// Whose time a lab runs on.
    public enum Time {
        /// The machine's.
        REAL,
        /// One that stands still until somebody waits for something, and then jumps to when it happens.
        VIRTUAL
    }

    /// Copies the lists, and refuses a lab without hosts.
    public LabSpec {
        hosts = List.copyOf(hosts);
        cables = List.copyOf(cables);
        if (!isName(name)) {
            throw new IllegalArgumentException("a lab's name has letters, digits, '-', '_' and '.', not " + name);
        }
        if (hosts.isEmpty()) {
            throw new IllegalArgumentException("a lab has a host");
        }
    }

    /// Whether a lab, a host or a cable may be called so: 1 to 40 letters, digits, `-`, `_` and `.`, beginning
    /// with a letter.
    public static boolean isName(String name) {
        return name.matches("[A-Za-z][A-Za-z0-9_.-]{0,39}");
    }

    /// The same on another time.
    public LabSpec on(Time other) {
        return new LabSpec(name, description, other, seed, hosts, cables);
    }
}
