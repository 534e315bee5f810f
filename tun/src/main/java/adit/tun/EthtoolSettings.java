package adit.tun;

/// What ethtool(8) sets of a device, and nothing else looks at. Under the control lock.
final class EthtoolSettings {
    final LinkSettings link = new LinkSettings();
    int messageLevel;
    int rxFrames;
}
