package adit.bsdtun;

/// What [Kqueue#await] found. Reused from wait to wait; nothing is allocated. For one thread.
public final class Kevents {
    private final BsdTunFile[] files;
    private final int[] filters;
    private final int[] data;
    private final Object[] userData;
    private int count;

    /// Room for `capacity` events at a time.
    public Kevents(int capacity) {
        if (capacity < 1) {
            throw new IllegalArgumentException("capacity " + capacity);
        }
        files = new BsdTunFile[capacity];
        filters = new int[capacity];
        data = new int[capacity];
        userData = new Object[capacity];
    }

    /// How many events there are.
    public int count() {
        return count;
    }

    /// The file of the event at `index`, from 0.
    public BsdTunFile file(int index) {
        return files[check(index)];
    }

    /// The filter of the event at `index`.
    public int filter(int index) {
        return filters[check(index)];
    }

    /// What the filter tells beside that it holds: for reading the length of the first packet in octets.
    public int data(int index) {
        return data[check(index)];
    }

    /// What was given to [Kqueue#change] with the filter.
    public Object userData(int index) {
        return userData[check(index)];
    }

    private int check(int index) {
        if (index >= count) {
            throw new IndexOutOfBoundsException(index);
        }
        return index;
    }

    void clear() {
        while (count > 0) {
            count--;
            files[count] = null;
            userData[count] = null;
        }
    }

    boolean add(BsdTunFile file, int filter, int value, Object user) {
        if (count == files.length) {
            return false;
        }
        files[count] = file;
        filters[count] = filter;
        data[count] = value;
        userData[count] = user;
        count++;
        return true;
    }
}
