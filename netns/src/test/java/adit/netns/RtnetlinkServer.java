package adit.netns;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;

/// Somebody who serves rtnetlink: the running kernel, or a namespace in memory.
interface RtnetlinkServer {
    /// Sends a request and answers all that there is to be heard then.
    List<byte[]> exchange(MemorySegment request) throws IOException;

    /// The server of a namespace in memory.
    static RtnetlinkServer of(NetlinkSession session) {
        return request -> session.ask(request.toArray(ValueLayout.JAVA_BYTE));
    }
}
