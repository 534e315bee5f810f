package adit.netns;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/// Somebody who serves rtnetlink: the running kernel, or a namespace in memory.
interface RtnetlinkServer {
    /// Sends a request and answers all that there is to be heard then.
    List<byte[]> exchange(MemorySegment request) throws IOException;

    /// What is heard now without being asked.
    List<byte[]> heard() throws IOException;

    /// The server of a namespace in memory.
    static RtnetlinkServer of(NetlinkSession session) {
        return new RtnetlinkServer() {
            @Override
            public List<byte[]> exchange(MemorySegment request) throws IOException {
                session.send(request);
                return heard();
            }

            @Override
            public List<byte[]> heard() throws IOException {
                List<byte[]> answers = new ArrayList<>();
                for (byte[] next = session.receive(); next != null; next = session.receive()) {
                    answers.add(next);
                }
                return answers;
            }
        };
    }
}
