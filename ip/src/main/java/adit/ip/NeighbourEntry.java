package adit.ip;

import adit.wire.IpAddress;
import adit.wire.MacAddress;
import java.util.Optional;

/// A neighbour as it was at one moment.
///
/// @param link the interface it is a neighbour on
/// @param address its IP address
/// @param linkAddress its Ethernet address, if it is known
/// @param state how it is known, one of Linux's NUD numbers
/// @param isRouter whether it said that it forwards
public record NeighbourEntry(
        IpInterface link, IpAddress address, Optional<MacAddress> linkAddress, int state, boolean isRouter) {}
