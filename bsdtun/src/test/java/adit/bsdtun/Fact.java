package adit.bsdtun;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/// Which facts of docs/netbsd-tun.md a test shows.
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.METHOD)
@interface Fact {
    /// Their numbers, such as `4.3`.
    String[] value();
}
