package adit.program.config;

import java.util.Optional;
import org.snakeyaml.engine.v2.events.AliasEvent;
import org.snakeyaml.engine.v2.events.CollectionEndEvent;
import org.snakeyaml.engine.v2.events.CollectionStartEvent;
import org.snakeyaml.engine.v2.events.DocumentStartEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.exceptions.ParserException;
import org.snakeyaml.engine.v2.parser.Parser;

/// A parser that gives up on what no configuration has, before the composer, which is recursive, meets it.
final class BoundedParser implements Parser {
    /// How many aliases a document may have.
    static final int MAX_ALIASES = 200;

    private static final int MAX_DEPTH = 20;

    private final Parser inner;
    private final String list;
    private int depth;
    private int aliases;
    private int documents;

    BoundedParser(Parser inner, String list) {
        this.inner = inner;
        this.list = list;
    }

    @Override
    public boolean checkEvent(Event.ID choice) {
        return inner.checkEvent(choice);
    }

    @Override
    public Event peekEvent() {
        return inner.peekEvent();
    }

    @Override
    public boolean hasNext() {
        return inner.hasNext();
    }

    @Override
    public Event next() {
        Event event = inner.next();
        if (event instanceof CollectionStartEvent && ++depth > MAX_DEPTH) {
            throw tooMuch(event, "nested deeper than " + MAX_DEPTH + " levels");
        }
        if (event instanceof CollectionEndEvent) {
            depth--;
        }
        if (event instanceof AliasEvent && ++aliases > MAX_ALIASES) {
            throw tooMuch(event, "more than " + MAX_ALIASES + " aliases");
        }
        if (event instanceof DocumentStartEvent && ++documents > 1) {
            throw tooMuch(event, "a second document; put all " + list + " into one list");
        }
        return event;
    }

    private static ParserException tooMuch(Event event, String problem) {
        return new ParserException(null, Optional.empty(), problem, event.getStartMark());
    }
}
