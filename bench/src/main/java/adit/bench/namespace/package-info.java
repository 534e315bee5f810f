/// What a network namespace in memory costs as it fills up.
///
/// [ManyTunnels][adit.bench.namespace.ManyTunnels] measures, `adit.bench.report` draws.
package adit.bench.namespace;
