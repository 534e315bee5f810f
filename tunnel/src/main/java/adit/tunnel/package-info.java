/// Being laid out.
package adit.tunnel;
