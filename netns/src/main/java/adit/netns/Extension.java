package adit.netns;

/// Something that a namespace can do because somebody brought it: kinds of links, families of generic netlink,
/// IP protocols. What a kernel module is to Linux's namespaces.
@FunctionalInterface
public interface Extension {
    /// Puts itself into a new namespace: [Namespace#register(LinkKind)], [Namespace#register(GenericFamily)],
    /// [Namespace#onClose].
    void install(Namespace namespace);
}
