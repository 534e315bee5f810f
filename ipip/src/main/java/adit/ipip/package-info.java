/// IPv4 tunnel devices of a network namespace in user space: Linux's `ipip` driver with FOU and GUE, whole.
///
/// ```
///  rtnetlink --> IpipKind --+                        +--> FouFamily <-- generic netlink
///  ioctl ---> TunnelIoctl --+--> IpipDevice          |     ports that receive FOU and GUE
///                                 |    ^             |
///                        transmit |    | receive     |
///                                 v    |             |
///                        IpipOutput    IpipInput <-- IpipNamespace <- IP input: protocols 4 and 137, ICMP errors
///          OuterRules, OuterHeaders                  TunnelIndex (lookup)
///         Ways (routes remembered)
///                                 v
///                             Ip4Carriage: the namespace's own IP output
/// ```
///
/// A namespace gets it as an extension:
///
/// ```java
/// Ipip ipip = Ipip.of(Profile.LINUX_6_12);
/// try (Namespace ns = Namespace.builder().with(ipip).open()) {
///     ns.configure().tunnel("t1").local("192.0.2.1").remote("198.51.100.7").add();
/// }
/// ```
package adit.ipip;
