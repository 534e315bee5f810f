/// Capture files: pcap and pcapng, both ways.
///
/// Writing while packets flow, without stopping them for a disk:
///
/// ```
/// CapturePort -> CaptureLane (a ring of finished blocks, one thread each) -> CaptureFile.drain -> the file
/// ```
///
/// ```java
/// try (CaptureFile file = CaptureFile.create(Path.of("demo.pcapng"))) {
///     file.drainInBackground();
///     CaptureInterface site = file.add("site-b", LinkType.RAW, "overlay of site-b");
///     Port recorded = new CapturePort(port, site, CapturePort.Side.OVERLAY, CaptureFile.WALL_CLOCK);
///     ...
/// }
/// ```
///
/// [PcapngWriter] and [PcapWriter] are for one thread that may wait for its file. [CaptureReader] reads both
/// formats, in every byte order and time unit, and takes no length in a file for granted.
///
/// The formats: draft-ietf-opsawg-pcapng, draft-ietf-opsawg-pcap; link types:
/// <https://www.tcpdump.org/linktypes.html>.
package adit.capture;
