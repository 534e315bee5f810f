package adit.lab;

/// A cable between two hosts, or two devices of one.
///
/// @param name its name
/// @param one where one end is plugged in
/// @param other where the other end is
/// @param mtu the longest packet it carries, in octets without the Ethernet header: the MTU of both devices and
///     the most that it can be raised to, 68 to 65535
/// @param line how each direction is
public record CableSpec(String name, Plug one, Plug other, int mtu, LineSpec line) {
    /// The MTU of a cable about which nothing is said.
    public static final int USUAL_MTU = 1500;
    /// The smallest MTU, which IPv4 asks for.
    public static final int MIN_MTU = 68;
    /// The largest MTU.
    public static final int MAX_MTU = 65_535;

    /// Refuses an MTU that no device can have.
    public CableSpec {
        if (mtu < MIN_MTU || mtu > MAX_MTU) {
            throw new IllegalArgumentException("mtu " + mtu);
        }
    }

    /// Where an end is plugged in.
    ///
    /// @param host the host's name
    /// @param device the name of the device that it becomes there
    public record Plug(String host, String device) {
        /// `HOST:DEVICE`.
        @Override
        public String toString() {
            return host + ":" + device;
        }
    }
}
