/// The lowest storey: calls into libc, the numbers and the memory layouts of the kernel's interface.
///
/// [Libc] has the calls on descriptors, [LibcSocket] those on sockets, [LibcProcess] those on the process. All
/// have one shape: the first argument is the caller's errno state, the answer is what the call answered or the
/// negative errno. Nothing here throws for a failed call, owns a descriptor or keeps a state; what does stands
/// in `adit.linux`.
///
/// ```java
/// int n = Libc.read(errno, fd, segment, 0, 1500);
/// if (n == -Errno.EAGAIN) ...
/// ```
///
/// A function is linked when it is first called: linking takes a cold JVM 6 ms for each shape of arguments, and
/// no program needs them all.
///
/// Not exported. [Linkage] is the only class of the project that uses restricted methods.
package adit.linux.sys;
