package adit.device;

/// A reason of some kind of device's own for which packets are gone.
///
/// @param name what it is called, as a constant
/// @param description what it means
public record DropReason(String name, String description) {}
