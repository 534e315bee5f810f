/// Being laid out.
package adit.netlink;
