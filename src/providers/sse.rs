//! Server-sent events, read as they come (WHATWG HTML, section 9.2.6), without I/O.
//!
//! Lines end in LF, CRLF or CR; an event may be split over reads anywhere, inside a character too.
//! Unlike a browser, [`Sse::finish`] hands out an event whose closing blank line never came: some
//! servers leave it out after the last one, and whether a stream is whole is for its dialect to
//! say.

/// One event.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Event {
    /// The `event:` field; empty where there was none.
    pub name: String,
    /// The `data:` lines, joined by line feeds.
    pub data: String,
}

/// An event that is larger than any honest one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a streamed event is longer than {limit} bytes")]
pub struct TooLong {
    /// The limit, in bytes.
    pub limit: usize,
}

/// The parser's state between reads.
#[derive(Debug, Default)]
pub struct Sse {
    line: Vec<u8>,
    data: Vec<u8>,
    name: String,
    has_data: bool,
    after_cr: bool,
    started: bool,
}

impl Sse {
    /// The longest line or event, in bytes; chosen by eye, far above any model's answer.
    pub const LIMIT: usize = 16 << 20;

    /// Takes the next bytes and gives the events that they complete.
    ///
    /// # Errors
    ///
    /// When a line or event passes [`Self::LIMIT`]; the stream can't be read on.
    pub fn push(&mut self, mut bytes: &[u8]) -> Result<Vec<Event>, TooLong> {
        let mut events = Vec::new();
        while !bytes.is_empty() {
            if std::mem::take(&mut self.after_cr) && bytes[0] == b'\n' {
                bytes = &bytes[1..];
                continue;
            }
            let end = bytes.iter().position(|byte| matches!(byte, b'\n' | b'\r'));
            let part = &bytes[..end.unwrap_or(bytes.len())];
            if self.line.len() + self.data.len() + part.len() > Self::LIMIT {
                return Err(TooLong { limit: Self::LIMIT });
            }
            self.line.extend_from_slice(part);
            let Some(end) = end else { break };
            self.after_cr = bytes[end] == b'\r';
            bytes = &bytes[end + 1..];
            events.extend(self.end_line());
        }
        Ok(events)
    }

    /// Gives the event that the end of the stream left open.
    pub fn finish(mut self) -> Option<Event> {
        let last = if self.line.is_empty() { None } else { self.end_line() };
        last.or_else(|| self.dispatch())
    }

    fn end_line(&mut self) -> Option<Event> {
        let mut line = std::mem::take(&mut self.line);
        if !std::mem::replace(&mut self.started, true) && line.starts_with(b"\xEF\xBB\xBF") {
            line.drain(..3);
        }
        let event = if line.is_empty() {
            self.dispatch()
        } else {
            self.field(&line);
            None
        };
        // The buffer goes back, so that a long stream allocates once.
        line.clear();
        self.line = line;
        event
    }

    fn field(&mut self, line: &[u8]) {
        let colon = line.iter().position(|byte| *byte == b':').unwrap_or(line.len());
        let value = line.get(colon + 1..).unwrap_or(b"");
        let value = value.strip_prefix(b" ").unwrap_or(value);
        match &line[..colon] {
            b"data" => {
                if std::mem::replace(&mut self.has_data, true) {
                    self.data.push(b'\n');
                }
                self.data.extend_from_slice(value);
            }
            b"event" => self.name = String::from_utf8_lossy(value).into_owned(),
            // Comments (`: ping`), ids, retry times and unknown fields.
            _ => {}
        }
    }

    fn dispatch(&mut self) -> Option<Event> {
        let name = std::mem::take(&mut self.name);
        if !std::mem::take(&mut self.has_data) {
            return None;
        }
        let data = String::from_utf8_lossy(&self.data).into_owned();
        self.data.clear();
        Some(Event { name, data })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn whole(bytes: &[u8]) -> Vec<Event> {
        let mut sse = Sse::default();
        let mut events = sse.push(bytes).unwrap();
        events.extend(sse.finish());
        events
    }

    fn event(name: &str, data: &str) -> Event {
        Event { name: name.to_owned(), data: data.to_owned() }
    }

    #[test]
    fn reads_every_kind_of_line_ending() {
        let expected = [event("a", "1"), event("", "2\n3")];
        for end in ["\n", "\r\n", "\r"] {
            let text =
                "event: a|data:1||: a comment|data: 2|data:3|id: 7|retry: 1||".replace('|', end);
            assert_eq!(whole(text.as_bytes()), expected, "{end:?}");
        }
    }

    #[test]
    fn keeps_one_event_that_was_not_closed_and_skips_a_byte_order_mark() {
        assert_eq!(
            whole("\u{feff}data: x\n\ndata: [DONE]".as_bytes()),
            [event("", "x"), event("", "[DONE]")]
        );
        assert_eq!(whole(b"data\n\n"), [event("", "")]);
        assert_eq!(whole(b"event: ping\n\n"), []);
        assert_eq!(whole(b"data:  two spaces\n\n"), [event("", " two spaces")]);
    }

    #[test]
    fn refuses_an_endless_line() {
        let mut sse = Sse::default();
        let block = vec![b'x'; 1 << 20];
        let result: Result<Vec<_>, _> = (0..20).map(|_| sse.push(&block)).collect();
        assert_eq!(result.unwrap_err(), TooLong { limit: Sse::LIMIT });
    }

    proptest! {
        #[test]
        fn a_split_anywhere_gives_the_same_events(
            text in "(data: ?[a-é😀{}\":]{0,6}|event: e|:c|[\r\n]|\r\n|\n\n|x){0,30}",
            cuts in proptest::collection::vec(0usize..200, 0..8),
        ) {
            let bytes = text.as_bytes();
            let mut cuts: Vec<_> = cuts.into_iter().map(|cut| cut.min(bytes.len())).collect();
            cuts.sort_unstable();
            let mut sse = Sse::default();
            let mut events = Vec::new();
            let mut from = 0;
            for cut in cuts.into_iter().chain([bytes.len()]) {
                events.extend(sse.push(&bytes[from..cut]).unwrap());
                from = cut;
            }
            events.extend(sse.finish());
            prop_assert_eq!(events, whole(bytes));
        }

        #[test]
        fn random_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            whole(&bytes);
        }
    }
}
