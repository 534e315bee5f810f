package adit.tun;

import java.util.Set;

/// Who makes a call on a TUN file: what the driver's permission rules ask about.
///
/// @param user the effective user
/// @param group the effective group
/// @param groups the supplementary groups
/// @param capabilities what the caller may do in the namespace beyond that
public record Credentials(int user, int group, Set<Integer> groups, Set<Capability> capabilities) {
    /// A privilege of capabilities(7).
    public enum Capability {
        /// CAP_NET_ADMIN: make devices, attach to anybody's.
        NET_ADMIN
    }

    /// The superuser.
    public static final Credentials ROOT = new Credentials(0, 0, Set.of(), Set.of(Capability.NET_ADMIN));

    /// Keeps copies.
    public Credentials {
        groups = Set.copyOf(groups);
        capabilities = Set.copyOf(capabilities);
    }

    /// An ordinary user, in the group of the same number and no other.
    public static Credentials user(int user) {
        return new Credentials(user, user, Set.of(), Set.of());
    }

    /// Whether the caller may administrate the network.
    public boolean isNetAdmin() {
        return capabilities.contains(Capability.NET_ADMIN);
    }

    /// Whether the caller is in a group.
    public boolean isIn(int number) {
        return group == number || groups.contains(number);
    }
}
