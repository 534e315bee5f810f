package adit.port;

/// How often a [FaultyPort] does what, each as a probability from 0 to 1.
///
/// @param loss that a packet vanishes
/// @param corruption that one of a packet's bits is flipped
/// @param duplication that a packet arrives twice
/// @param reordering that a packet is overtaken by the next one
public record Faults(double loss, double corruption, double duplication, double reordering) {
    /// A clean line.
    public static final Faults NONE = new Faults(0, 0, 0, 0);

    /// Refuses what is not a probability.
    public Faults {
        check("loss", loss);
        check("corruption", corruption);
        check("duplication", duplication);
        check("reordering", reordering);
    }

    private static void check(String name, double probability) {
        if (!(probability >= 0 && probability <= 1)) {
            throw new IllegalArgumentException(name + " " + probability + " is not between 0 and 1");
        }
    }

    /// The same with another loss.
    public Faults withLoss(double probability) {
        return new Faults(probability, corruption, duplication, reordering);
    }

    /// The same with another corruption.
    public Faults withCorruption(double probability) {
        return new Faults(loss, probability, duplication, reordering);
    }

    /// The same with another duplication.
    public Faults withDuplication(double probability) {
        return new Faults(loss, corruption, probability, reordering);
    }

    /// The same with another reordering.
    public Faults withReordering(double probability) {
        return new Faults(loss, corruption, duplication, probability);
    }
}
