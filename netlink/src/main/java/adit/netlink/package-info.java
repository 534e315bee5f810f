/// rtnetlink and generic netlink messages in octets, both ways.
///
/// Three storeys:
///
/// 1. numbers, named as the kernel names them: [Netlink], [Rtnetlink], [IfLink], [IfAddr], [Neigh], [Genl];
/// 2. [MessageReader] with [AttributeReader], and [MessageWriter]: octets, lengths and padding. Whatever a length
///    claims, nothing outside the given octets is read; a lie is a [MalformedMessageException];
/// 3. [NetlinkMessage]: links, addresses, routes, neighbours, errors and FOU ports as records, for requests and answers
///    alike, so that both the kernel's client and a namespace that answers like the kernel speak through them.
///
/// ```java
/// new MessageWriter(segment).message(RTM_NEWLINK, NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE, 1, 0,
///         LinkMessage.builder().name("v0").info(LinkInfo.veth(LinkMessage.of("v1"))).build());
/// ```
///
/// Numbers stand in the machine's own byte order unless a name says otherwise. Nothing here makes a system call.
package adit.netlink;
