/// Being laid out.
package adit.linux;
