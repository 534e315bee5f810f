/// JMH benchmarks of what the packet path is made of: `bench/run codecs`. Each must show 0 B/op, since the packet path
/// does not allocate.
package adit.bench.codecs;
