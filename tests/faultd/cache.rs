//! The provider's prompt cache: what it keeps, what is read from it, what is put into it.
//!
//! As the real ones: nothing is kept of less than 1,024 tokens (four bytes each, here); a question
//! is kept when its answer begins, so that one asked at the same time finds nothing; in OpenAI's
//! dialect whatever begins alike is found, in steps of 128 tokens, and putting it there is free;
//! in Anthropic's only blocks up to a mark are kept and found, and what is put there is billed.

use std::collections::BTreeSet;

use super::answers::{Dialect, Question};

/// Tokens of the shortest beginning that is kept.
const SHORTEST: u64 = 1_024;
/// Bytes of a token.
const TOKEN: u64 = 4;
/// Tokens from one place to the next where a text can be kept up to.
const STEP: u64 = 128;

/// What is kept.
#[derive(Debug, Default)]
pub struct Cache {
    beginnings: BTreeSet<[u8; 32]>,
}

impl Cache {
    /// Tokens of a question that are read from the cache, and those that are put into it.
    pub fn find(&self, question: &Question) -> (u64, u64) {
        let found = places(question)
            .into_iter()
            .filter(|place| self.beginnings.contains(&hash(question, *place)))
            .max()
            .map_or(0, |place| place / TOKEN);
        let marked = question.marks.last().map_or(0, |place| *place as u64 / TOKEN);
        let is_put = question.dialect == Dialect::Anthropic && marked >= SHORTEST;
        (found, if is_put { marked - found } else { 0 })
    }

    /// Keeps a question whose answer begins.
    pub fn keep(&mut self, question: &Question) {
        let all = match question.dialect {
            Dialect::OpenAi => places(question),
            Dialect::Anthropic => question.marks.iter().map(|place| *place as u64).collect(),
        };
        let long = all.into_iter().filter(|place| *place >= SHORTEST * TOKEN);
        self.beginnings.extend(long.map(|place| hash(question, place)));
    }
}

/// The places, in bytes, up to which a question may be found.
fn places(question: &Question) -> Vec<u64> {
    match question.dialect {
        Dialect::OpenAi => {
            let most = question.text.len() as u64 / TOKEN;
            (SHORTEST..=most).step_by(STEP as usize).map(|tokens| tokens * TOKEN).collect()
        }
        Dialect::Anthropic => {
            let last = question.marks.last().copied().unwrap_or(0);
            let ends = question.ends.iter().filter(|end| **end <= last);
            ends.map(|end| *end as u64).collect()
        }
    }
}

fn hash(question: &Question, place: u64) -> [u8; 32] {
    blake3::hash(&question.text.as_bytes()[..place as usize]).into()
}
