//! What went wrong with a request, by name, with keys taken out.

use std::time::SystemTime;

use reqwest::header::HeaderMap;

use super::RemoteModel;
use super::incoming::{Broken, root_cause};
use crate::domain::{CallFailure, FailureKind};
use crate::providers::http;
use crate::providers::provider::{AttemptFailure, Retry};
use crate::providers::refusal::Refusal;
use crate::providers::wire::Unread;

const BROKE_OFF: &str = "the text that came is kept; trying again asks, and pays, anew";

impl RemoteModel {
    pub(super) fn refused(
        &self,
        refusal: &Refusal,
        headers: &HeaderMap,
        raw: Vec<u8>,
    ) -> AttemptFailure {
        let (kind, retry) = refusal.classify(headers, SystemTime::now());
        let mut failure = refusal.failure(kind, &self.key_env);
        if kind == FailureKind::Auth && self.key.is_none() {
            failure.hint = format!("there is no key: set {}, or add it to the model", self.key_env);
        }
        self.failure(failure, retry, raw)
    }

    pub(super) fn unread(&self, unread: Unread, raw: Vec<u8>) -> AttemptFailure {
        let (failure, retry) = match unread {
            Unread::Refused(refusal) => return self.refused(&refusal, &HeaderMap::new(), raw),
            Unread::Truncated(what) => {
                (CallFailure::new(FailureKind::Truncated, what, BROKE_OFF), Retry::Later)
            }
            // A second request would be paid for, too; whether to is not for this table to say.
            Unread::Garbled(what) => (
                CallFailure::new(
                    FailureKind::Garbled,
                    what,
                    "check that the base URL is that of an API and the kind is the right dialect",
                ),
                Retry::Never,
            ),
        };
        self.failure(failure, retry, raw)
    }

    pub(super) fn broken(&self, broken: &Broken, raw: Vec<u8>) -> AttemptFailure {
        match broken {
            Broken::Late => self.late("the answer stopped coming", raw),
            Broken::Reset(error) => {
                let what = format!("the answer broke off after {} bytes: {error}", raw.len());
                self.failure(
                    CallFailure::new(FailureKind::Truncated, what, BROKE_OFF),
                    Retry::Later,
                    raw,
                )
            }
            Broken::TooLong => self.unread(
                Unread::Garbled(format!("the answer is longer than {} bytes", http::BODY_LIMIT)),
                Vec::new(),
            ),
        }
    }

    pub(super) fn late(&self, what: &str, raw: Vec<u8>) -> AttemptFailure {
        let message = format!("{what}: {}", self.base.as_str());
        let hint = "the server may be overloaded; lower “requests at once” or try later";
        self.failure(CallFailure::new(FailureKind::Timeout, message, hint), Retry::Later, raw)
    }

    pub(super) fn unreachable(&self, error: &reqwest::Error) -> AttemptFailure {
        let hint = if self.base.is_loopback() {
            "start the server on this machine, or mend the base URL's port"
        } else {
            "check the network, the proxy and the base URL"
        };
        let (kind, retry) = match error {
            error if error.is_builder() => (FailureKind::Rejected, Retry::Never),
            error if error.is_timeout() => (FailureKind::Timeout, Retry::Later),
            error if error.is_connect() => (FailureKind::Unreachable, Retry::Later),
            // The request may have been read: then its answer is paid for, though none came.
            _ => (FailureKind::Truncated, Retry::Later),
        };
        let message = format!("{}: {}", root_cause(error), self.base.as_str());
        self.failure(CallFailure::new(kind, message, hint), retry, Vec::new())
    }

    /// The last step of every failure: keys out, one request counted.
    fn failure(&self, mut failure: CallFailure, retry: Retry, raw: Vec<u8>) -> AttemptFailure {
        let key = self.key.as_ref();
        failure.message = http::redacted(&failure.message, key);
        failure.attempts = 1;
        let raw = match String::from_utf8(raw) {
            Ok(text) if http::pieces_hold_key(text.as_bytes(), key) => http::NOT_KEPT.to_vec(),
            Ok(text) => http::redacted(&text, key).into_bytes(),
            Err(error) => http::redacted(&String::from_utf8_lossy(error.as_bytes()), key).into(),
        };
        AttemptFailure { failure, retry, raw }
    }
}
