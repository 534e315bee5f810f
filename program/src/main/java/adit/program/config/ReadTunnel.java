package adit.program.config;

import java.util.List;
import java.util.Optional;
import org.snakeyaml.engine.v2.nodes.Node;

/// A tunnel that was read, and where it was read, for checks that look at all tunnels.
///
/// @param name its name; nothing when that is wrong
/// @param config the tunnel; nothing when it has an error
/// @param fields where its parts stand
/// @param routeNodes where each route of `config` stands
record ReadTunnel(Optional<String> name, Optional<TunnelConfig> config, Fields fields, List<Node> routeNodes) {}
