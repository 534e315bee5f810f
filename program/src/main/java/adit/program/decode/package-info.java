/// Packets as people keep them in text: hexadecimal dumps of many shapes.
///
/// [HexText] reads a whole text, [HexLine] understands one line, [LinkGuess] tells what a packet without a
/// capture's link type begins with.
package adit.program.decode;
