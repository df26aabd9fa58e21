//! WHO answers: one file per wire dialect, plus the embedded model.

pub mod provider;

pub use provider::{Abilities, Answered, AttemptFailure, OnText, Provider, Retry};
