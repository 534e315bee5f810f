/// The IP layer.
package adit.ip;
