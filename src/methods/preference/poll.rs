//! What asking brought: probabilities, or votes until there are enough.

use std::collections::BTreeSet;

use super::jeffreys;
use super::preference_of_levels;
use crate::domain::JudgeProtocol;
use crate::domain::ballot::{self, Count};
use crate::methods::judging::Judged;
use crate::methods::read_verdict::Choice;

/// What asking one question brought: how probable each answer is.
pub(in crate::methods) struct Poll {
    /// In the answers' order; `None` where nothing could be read.
    pub(in crate::methods) shares: Option<Shares>,
    /// What could not be read.
    pub(in crate::methods) unread: Vec<String>,
    /// The first reason.
    pub(in crate::methods) reason: String,
}

pub(in crate::methods) enum Shares {
    /// From log-probabilities.
    Exact { probabilities: Vec<f64>, mass: f64 },
    /// Votes for each answer.
    Votes(Vec<f64>),
}

impl Poll {
    pub(in crate::methods) fn mass(&self) -> Option<f64> {
        match &self.shares {
            Some(Shares::Exact { mass, .. }) => Some(*mass),
            Some(Shares::Votes(_)) | None => None,
        }
    }

    pub(in crate::methods) fn is_estimated(&self) -> bool {
        matches!(self.shares, Some(Shares::Votes(_)))
    }

    /// P(the first answer) of two; a third, the tie, counts one half for it.
    pub(in crate::methods) fn first(&self) -> Option<f64> {
        let of =
            |shares: &[f64]| Some(shares.first()? + shares.get(2).map_or(0.0, |tie| 0.5 * tie));
        match self.shares.as_ref()? {
            Shares::Exact { probabilities, .. } => of(probabilities),
            Shares::Votes(votes) => Some(jeffreys(of(votes)?, votes.iter().sum())),
        }
    }

    /// The share of ties among three answers.
    pub(in crate::methods) fn tie(&self) -> Option<f64> {
        match self.shares.as_ref()? {
            Shares::Exact { probabilities, .. } => probabilities.get(2).copied(),
            Shares::Votes(votes) => Some(votes.get(2)? / votes.iter().sum::<f64>()),
        }
    }
}

/// The votes on one question so far.
#[derive(Default)]
pub(in crate::methods) struct Tally {
    votes: Vec<f64>,
    any_read: bool,
    unread: BTreeSet<String>,
    reason: String,
}

impl Tally {
    pub(in crate::methods) fn new(answers: usize) -> Self {
        Self { votes: vec![0.0; answers], ..Self::default() }
    }

    /// Counts one vote.
    pub(in crate::methods) fn count(&mut self, choice: Choice) {
        match choice {
            Choice::Named(index) => {
                if let Some(vote) = self.votes.get_mut(index) {
                    *vote += 1.0;
                    self.any_read = true;
                }
            }
            // A model that gives them only sometimes: its probabilities are one vote, shared.
            Choice::Probabilities { normalised, .. } => {
                for (vote, p) in self.votes.iter_mut().zip(normalised) {
                    *vote += p;
                }
                self.any_read = true;
            }
            Choice::Unread(text) => {
                self.unread.insert(text);
            }
        }
    }

    /// Keeps the first vote's reason.
    pub(in crate::methods) fn explain(&mut self, judged: &Judged) {
        if self.reason.is_empty() {
            self.reason.clone_from(&judged.reason);
        }
    }

    pub(in crate::methods) fn close(self) -> Poll {
        Poll {
            shares: self.any_read.then_some(Shares::Votes(self.votes)),
            unread: self.unread.into_iter().collect(),
            reason: self.reason,
        }
    }

    /// Whole votes for the first answer and against it; a tie is half of either.
    fn split(&self) -> (f64, f64) {
        let tie = self.votes.get(2).map_or(0.0, |tie| 0.5 * tie);
        let of = |index: usize| self.votes.get(index).copied().unwrap_or_default() + tie;
        (of(0), of(1))
    }
}

/// Whether the votes on both questions say enough (see [`ballot::count`]): for a pair shown in both
/// orders all votes together, so that a judge that goes by the place is asked to the end; for
/// yes-or-no questions each by itself; for levels never, where two sides are not all there is.
pub(in crate::methods) fn is_settled(tallies: [&Tally; 2], protocol: JudgeProtocol) -> bool {
    let [one, two] = tallies.map(Tally::split);
    match protocol {
        // The second question shows the second response first.
        JudgeProtocol::Auto | JudgeProtocol::Pairwise => {
            says_enough((one.0 + two.1, one.1 + two.0))
        }
        JudgeProtocol::PointwiseYesNo => says_enough(one) && says_enough(two),
        JudgeProtocol::PointwiseScale => false,
    }
}

/// Whether the votes on one question of two answers say enough.
pub(in crate::methods) fn is_sure(tally: &Tally) -> bool {
    says_enough(tally.split())
}

fn says_enough((wins, losses): (f64, f64)) -> bool {
    ballot::count(wins as u64, losses as u64) != Count::Open
}

/// The preference that two level polls show. Shares from votes are drawn towards one half as
/// [`jeffreys`] draws a proportion, so that two votes are no certainty.
pub(in crate::methods) fn levels_preference(one: &Poll, two: &Poll) -> Option<f64> {
    let normalised = |shares: &Shares| match shares {
        Shares::Exact { probabilities, .. } => (probabilities.clone(), None),
        Shares::Votes(votes) => {
            let n: f64 = votes.iter().sum();
            (votes.iter().map(|vote| vote / n).collect::<Vec<_>>(), Some(n))
        }
    };
    let (p, n_one) = normalised(one.shares.as_ref()?);
    let (q, n_two) = normalised(two.shares.as_ref()?);
    let raw = preference_of_levels(&p, &q);
    let fewest = match (n_one, n_two) {
        (Some(x), Some(y)) => Some(x.min(y)),
        (x, y) => x.or(y),
    };
    Some(fewest.map_or(raw, |n| jeffreys(raw * n, n)))
}
