//! What votes say of principles: how often each speaks, how often people agree, which say the same
//! and which pull apart.
//!
//! Findeis et al. 2024, *Inverse Constitutional AI* (arXiv:2406.06560), and the same group's
//! *Feedback Forensics* for relevance, accuracy and strength. The thresholds of overlap and
//! conflict are judgements, written beside each.

mod health;
mod matrix;
mod overlap;
#[cfg(test)]
mod tests;

pub use health::{Health, PrincipleHealth, health};
pub use matrix::{LABEL_COLUMN, VoteMatrix, VoteRow, human_label};
pub use overlap::{Overlap, OverlapKind, overlaps};
