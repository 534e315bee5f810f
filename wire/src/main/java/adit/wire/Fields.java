package adit.wire;

/// Checks the fields of header records.
final class Fields {
    static final long U8 = 0xff;
    static final long U16 = 0xffff;
    static final long U32 = 0xffff_ffffL;

    private Fields() {}

    static void require(String name, long value, long max) {
        if (value < 0 || value > max) {
            throw new IllegalArgumentException(name + " " + value + " is not 0 to " + max);
        }
    }
}
