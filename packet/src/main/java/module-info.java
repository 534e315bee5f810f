/// Memory that packets live in and who owns it. Knows no protocol.
module adit.packet {
    exports adit.packet;
}
