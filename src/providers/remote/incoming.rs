//! A body on its way in: its bytes within their deadlines, and either dialect's events.

use tokio::time::{Instant, timeout_at};

use super::Dialect;
use crate::domain::{Reply, Want};
use crate::providers::sse::Event;
use crate::providers::wire::Unread;
use crate::providers::{anthropic, http, openai};

use std::time::Duration;

/// Text that an event added; reasoning counts as content, too.
pub(super) struct Piece {
    pub(super) text: String,
    pub(super) is_content: bool,
}

/// Either dialect's reader of events.
pub(super) enum StreamReader {
    OpenAi(openai::StreamReader),
    Anthropic(anthropic::StreamReader),
}

impl StreamReader {
    pub(super) fn new(dialect: Dialect) -> Self {
        match dialect {
            Dialect::OpenAi => Self::OpenAi(openai::StreamReader::default()),
            Dialect::Anthropic => Self::Anthropic(anthropic::StreamReader::default()),
        }
    }

    pub(super) fn event(&mut self, event: &Event, want: &Want) -> Result<Piece, Unread> {
        let before = self.content_len();
        let text = match self {
            Self::OpenAi(reader) => reader.event(event, want)?,
            Self::Anthropic(reader) => reader.event(event)?,
        };
        Ok(Piece { text, is_content: self.content_len() > before })
    }

    fn content_len(&self) -> usize {
        match self {
            Self::OpenAi(reader) => reader.content_len(),
            Self::Anthropic(reader) => reader.content_len(),
        }
    }

    pub(super) fn is_done(&self) -> bool {
        match self {
            Self::OpenAi(reader) => reader.is_done(),
            Self::Anthropic(reader) => reader.is_done(),
        }
    }

    pub(super) fn finish(self, want: &Want) -> Result<Reply, Unread> {
        match self {
            Self::OpenAi(reader) => reader.finish(want),
            Self::Anthropic(reader) => reader.finish(),
        }
    }
}

/// Why a body stopped before its end.
pub(super) enum Broken {
    Late,
    Reset(String),
    TooLong,
}

/// A body on its way in, kept as it comes.
pub(super) struct Incoming {
    response: reqwest::Response,
    pub(super) raw: Vec<u8>,
    pub(super) deadline: Instant,
    idle: Duration,
}

impl Incoming {
    pub(super) fn new(response: reqwest::Response, deadline: Instant, idle: Duration) -> Self {
        Self { response, raw: Vec::new(), deadline, idle }
    }

    pub(super) async fn next(
        &mut self,
    ) -> Result<Option<impl std::ops::Deref<Target = [u8]> + use<>>, Broken> {
        let limit = self.deadline.min(Instant::now() + self.idle);
        let chunk = match timeout_at(limit, self.response.chunk()).await {
            Ok(Ok(chunk)) => chunk,
            Ok(Err(error)) => return Err(Broken::Reset(root_cause(&error))),
            Err(_elapsed) => return Err(Broken::Late),
        };
        if let Some(bytes) = &chunk {
            if self.raw.len() + bytes.len() > http::BODY_LIMIT {
                return Err(Broken::TooLong);
            }
            self.raw.extend_from_slice(bytes);
        }
        Ok(chunk)
    }
}

/// The innermost cause, which is the one that tells people something.
pub(super) fn root_cause(error: &dyn std::error::Error) -> String {
    let mut cause = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    crate::providers::wire::one_line(&cause.to_string(), 200)
}
