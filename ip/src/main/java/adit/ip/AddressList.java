package adit.ip;

import java.util.Arrays;

/// Lists of addresses as packets read them: never changed, but replaced by another.
final class AddressList {
    private AddressList() {}

    static InterfaceAddress[] insert(InterfaceAddress[] before, int at, InterfaceAddress added) {
        InterfaceAddress[] after = new InterfaceAddress[before.length + 1];
        System.arraycopy(before, 0, after, 0, at);
        after[at] = added;
        System.arraycopy(before, at, after, at + 1, before.length - at);
        return after;
    }

    static InterfaceAddress[] replace(InterfaceAddress[] before, InterfaceAddress old, InterfaceAddress with) {
        return Arrays.stream(before).map(a -> a.equals(old) ? with : a).toArray(InterfaceAddress[]::new);
    }

    static InterfaceAddress[] remove(InterfaceAddress[] before, InterfaceAddress gone) {
        return Arrays.stream(before).filter(a -> !a.equals(gone)).toArray(InterfaceAddress[]::new);
    }
}
