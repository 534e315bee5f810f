/// Being laid out.
package adit.testkit;
