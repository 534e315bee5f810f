/// The rig that measures tunnels side by side.
///
/// [Rig] lays a [Cable] between two [Host]s, lets one [Contender] after the other raise its [Tunnel] over it, takes
/// the [Measurements] and hands the results to [adit.bench.report]. `bench/run` starts it in mount, process and network
/// namespaces of its own, so that the kernel removes everything however the run ends.
///
/// A new program is one class that implements [Contender] and a line in [Contenders].
package adit.bench.rig;
