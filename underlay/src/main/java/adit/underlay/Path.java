package adit.underlay;

/// The way to an underlay destination.
///
/// @param mtu the largest whole IP packet, outer header included, that passes, in octets; 0 when there is no way
/// @param pinned whether that number is a locked one, such as one learned below 552 octets: then outer packets are
///     not to carry DF
/// @param device the index of the interface that leads there, 0 when there is none
public record Path(int mtu, Pinned pinned, int device) {
    /// Whether the path MTU may be discovered.
    public enum Pinned {
        /// It may: outer packets carry DF.
        NO,
        /// It may not: routers shall fragment.
        YES
    }

    /// There is no way.
    public static final Path NONE = new Path(0, Pinned.NO, 0);

    /// A way with an MTU that may be discovered.
    public static Path of(int mtu, int device) {
        return new Path(mtu, Pinned.NO, device);
    }

    /// Whether there is a way at all.
    public boolean exists() {
        return mtu != 0;
    }
}
