/// Random walks through the driver: seeded scripts of calls on several files and devices, which the kernel and
/// the driver in memory must answer alike. What differs is made small before it is told.
package adit.conformance.walk;
