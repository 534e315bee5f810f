package adit.iproute;

import adit.netlink.AttributeTable;
import adit.netlink.IfLink;
import java.util.Optional;

/// How a TUN or TAP device shows itself.
final class TunKind {
    private static final int TYPE_TUN = 1;
    private static final int TYPE_TAP = 2;

    private TunKind() {}

    static void show(AttributeTable t, Page page) {
        if (t.has(IfLink.IFLA_TUN_TYPE)) {
            int type = t.u8(IfLink.IFLA_TUN_TYPE);
            page.string(
                    "type",
                    "type %s ",
                    switch (type) {
                        case TYPE_TUN -> "tun";
                        case TYPE_TAP -> "tap";
                        default -> "UNKNOWN:" + type;
                    });
        }
        onOff(t, IfLink.IFLA_TUN_PI, "pi", page);
        onOff(t, IfLink.IFLA_TUN_VNET_HDR, "vnet_hdr", page);
        queues(t, page);
        onOff(t, IfLink.IFLA_TUN_PERSIST, "persist", page);
        if (t.has(IfLink.IFLA_TUN_OWNER)) {
            identity("user", t.u32(IfLink.IFLA_TUN_OWNER), Accounts.userName(t.u32(IfLink.IFLA_TUN_OWNER)), page);
        }
        if (t.has(IfLink.IFLA_TUN_GROUP)) {
            identity("group", t.u32(IfLink.IFLA_TUN_GROUP), Accounts.groupName(t.u32(IfLink.IFLA_TUN_GROUP)), page);
        }
    }

    private static void onOff(AttributeTable t, int type, String key, Page page) {
        if (t.has(type)) {
            boolean on = t.u8(type) != 0;
            page.truth(key, key + (on ? " on " : " off "), on);
        }
    }

    private static void queues(AttributeTable t, Page page) {
        if (!t.has(IfLink.IFLA_TUN_MULTI_QUEUE) || t.u8(IfLink.IFLA_TUN_MULTI_QUEUE) == 0) {
            page.jsonTruth("multi_queue", false);
            return;
        }
        page.truth("multi_queue", "multi_queue ");
        if (t.has(IfLink.IFLA_TUN_NUM_QUEUES)) {
            page.number("numqueues", "numqueues %s ", t.u32(IfLink.IFLA_TUN_NUM_QUEUES));
        }
        if (t.has(IfLink.IFLA_TUN_NUM_DISABLED_QUEUES)) {
            page.number("numdisabled", "numdisabled %s ", t.u32(IfLink.IFLA_TUN_NUM_DISABLED_QUEUES));
        }
    }

    private static void identity(String key, long id, Optional<String> name, Page page) {
        if (name.isPresent()) {
            page.string(key, key + " %s ", name.get());
        } else {
            page.number(key, key + " %s ", id);
        }
    }
}
