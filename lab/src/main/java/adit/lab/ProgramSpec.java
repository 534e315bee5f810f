package adit.lab;

import adit.wire.IpAddress;

/// A program that runs on a host for as long as the lab does.
public sealed interface ProgramSpec {
    /// Sends each UDP datagram back to where it came from, in both families (RFC 862).
    ///
    /// @param port where it listens, 1 to 65535
    record Echo(int port) implements ProgramSpec {
        /// The port that RFC 862 gives it.
        public static final int USUAL_PORT = 7;

        /// Refuses what is no port.
        public Echo {
            if (port < 1 || port > 0xffff) {
                throw new IllegalArgumentException("port " + port);
            }
        }
    }

    /// Pings somebody again and again.
    ///
    /// @param to whom
    /// @param intervalNanos from one ping to the next, in nanoseconds, at least a millisecond
    record Ping(IpAddress to, long intervalNanos) implements ProgramSpec {
        /// The interval about which nothing is said: a second.
        public static final long USUAL_INTERVAL_NANOS = 1_000_000_000L;
        /// The shortest interval.
        public static final long MIN_INTERVAL_NANOS = 1_000_000L;

        /// Refuses a flood.
        public Ping {
            if (intervalNanos < MIN_INTERVAL_NANOS) {
                throw new IllegalArgumentException("interval of " + intervalNanos + " ns");
            }
        }
    }
}
