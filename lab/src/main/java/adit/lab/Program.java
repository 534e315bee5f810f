package adit.lab;

import adit.port.Deadline;
import adit.port.Turn;

/// A program that runs on a host. Under the lab's lock.
interface Program extends Turn, Deadline, AutoCloseable {
    /// What it is and how it fares, on one line.
    String status();

    @Override
    void close();
}
