/// The worlds in which a scenario is performed: the running kernel, and the driver in memory. They take the
/// same calls, down to the octets of each ioctl's argument, and what they answer is written down by the same
/// code.
package adit.conformance.world;
