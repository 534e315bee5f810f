package adit.tun;

/// What [TunPoller#await] found. Reused from wait to wait; nothing is allocated. For one thread.
public final class ReadyFiles {
    private final TunFile[] files;
    private final int[] events;
    private final Object[] attachments;
    private int count;

    /// Room for `capacity` files at a time.
    public ReadyFiles(int capacity) {
        if (capacity < 1) {
            throw new IllegalArgumentException("capacity " + capacity);
        }
        files = new TunFile[capacity];
        events = new int[capacity];
        attachments = new Object[capacity];
    }

    /// How many files are ready.
    public int count() {
        return count;
    }

    /// How many it can hold.
    public int capacity() {
        return files.length;
    }

    /// The ready file at `index`, from 0.
    public TunFile file(int index) {
        return files[check(index)];
    }

    /// What holds for the file at `index`, of [PollEvents].
    public int events(int index) {
        return events[check(index)];
    }

    /// What was given to [TunPoller#add] with the file at `index`.
    public Object attachment(int index) {
        return attachments[check(index)];
    }

    private int check(int index) {
        if (index >= count) {
            throw new IndexOutOfBoundsException(index);
        }
        return index;
    }

    /// Empties it. For those who write a [TunPoller].
    public void clear() {
        while (count > 0) {
            count--;
            files[count] = null;
            attachments[count] = null;
        }
    }

    /// Adds a file, and answers false when there is no room. For those who write a [TunPoller].
    public boolean add(TunFile file, int ready, Object attachment) {
        if (count == files.length) {
            return false;
        }
        files[count] = file;
        events[count] = ready;
        attachments[count] = attachment;
        count++;
        return true;
    }
}
