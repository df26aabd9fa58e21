//! A method that could not go on, with what it had by then.

use crate::domain::{CallFailure, FailureKind, RowFailure};

use super::template::TemplateError;

/// Why a method stopped, and what is kept of its work.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("{at}: {failure}")]
pub struct MethodFailure<P> {
    /// What was being done: `draft`, `critique 2`, `comparison P3 ab`.
    pub at: String,
    /// The call's failure; kind [`FailureKind::Method`] where no call failed.
    #[source]
    pub failure: CallFailure,
    /// What was finished before; `None` where nothing was.
    pub partial: Option<P>,
}

impl<P> MethodFailure<P> {
    /// A failure that leaves nothing behind.
    pub fn new(at: impl Into<String>, failure: impl Into<CallFailure>) -> Self {
        Self { at: at.into(), failure: failure.into(), partial: None }
    }

    /// The same, keeping what was finished.
    pub fn keeping(self, partial: P) -> Self {
        Self { partial: Some(partial), ..self }
    }

    /// The row's failure, and what is kept.
    pub fn split(self) -> (RowFailure, Option<P>) {
        (RowFailure { at: self.at, failure: self.failure }, self.partial)
    }
}

impl From<TemplateError> for CallFailure {
    fn from(error: TemplateError) -> Self {
        Self::new(FailureKind::Method, error.to_string(), &error.hint)
    }
}
