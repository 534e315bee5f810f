package adit.interop.guest;

import adit.interop.host.LocalCommand;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.zip.GZIPInputStream;

/// The kernel proper, taken out of its self-extracting image. Without KVM a guest would spend more time on
/// unpacking itself than on everything else until it is up.
final class Vmlinux {
    // Linux, Documentation/arch/x86/boot.rst: the setup header.
    private static final int SETUP_SECTORS = 0x1f1;
    private static final int PAYLOAD_OFFSET = 0x248;
    private static final int PAYLOAD_LENGTH = 0x24c;
    private static final int SECTOR = 512;
    // Behind the compressed octets stands their unpacked length. gzip alone has its own and needs no other.
    private static final int LENGTH_SUFFIX = 4;
    private static final int ELF_MAGIC = 0x7f454c46;

    private Vmlinux() {}

    /// The ELF file inside a bzImage.
    static byte[] unpack(byte[] image) throws IOException {
        ByteBuffer header = ByteBuffer.wrap(image).order(ByteOrder.LITTLE_ENDIAN);
        int start = (Byte.toUnsignedInt(image[SETUP_SECTORS]) + 1) * SECTOR + header.getInt(PAYLOAD_OFFSET);
        int end = start + header.getInt(PAYLOAD_LENGTH);
        if (start < 0 || end > image.length || start >= end) {
            throw new IOException("no payload in the kernel image: octets " + start + " to " + end);
        }
        byte[] payload = Arrays.copyOfRange(image, start, end);
        byte[] bare = Arrays.copyOf(payload, payload.length - LENGTH_SUFFIX);
        int magic = ByteBuffer.wrap(payload).getInt();
        byte[] vmlinux = switch (magic) {
            case 0x28b52ffd -> LocalCommand.filter(bare, "zstd", "-dc");
            case 0x02214c18 -> LocalCommand.filter(bare, "lz4", "-dc");
            case 0xfd377a58 -> LocalCommand.filter(bare, "busybox", "xzcat");
            default -> {
                if (magic >>> 16 != 0x1f8b) {
                    throw new IOException("the kernel is packed in a way unknown here: magic %08x".formatted(magic));
                }
                yield new GZIPInputStream(new ByteArrayInputStream(payload)).readAllBytes();
            }
        };
        if (vmlinux.length < 4 || ByteBuffer.wrap(vmlinux).getInt() != ELF_MAGIC) {
            throw new IOException("what the kernel image unpacks to is no ELF file");
        }
        return vmlinux;
    }
}
