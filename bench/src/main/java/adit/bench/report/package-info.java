/// From results to a page: the numbers of a run as JSON in `bench/results`, and `docs/benchmarks.md` with its plots
/// made from them. Nothing on the page is written by hand.
package adit.bench.report;
