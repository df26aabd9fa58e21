//! The loop of the one thread that owns the model.
//!
//! Between two steps it admits new calls, forks shared prefixes and drops cancelled calls; a step
//! computes the next token of every running answer and a piece of the prompts that are not
//! computed yet. The invariant: no call waits for ever. Whatever fails is told to the calls it
//! concerns, and if the thread itself ends, the reply channels close.

use std::collections::VecDeque;

use rayon::{ThreadPool, prelude::*};
use tokio::sync::mpsc;

use super::{
    error::EmbeddedError,
    job::Job,
    model::{Model, Run},
    prefix::{PrefixStore, common_len},
    sequence::{After, Sequence},
    tokenizer::Tokenizer,
};
use std::sync::Arc;

/// Rows of a step: many enough for the matrix kernels, few enough to cancel within a second on
/// two cores.
const MAX_ROWS: usize = 256;
/// Rows whose logits are held at once; each is as long as the vocabulary.
const MAX_LOGIT_ROWS: usize = 64;
/// Calls looked at for shared prefixes; the others wait in the channel.
const MAX_WAITING: usize = 128;
/// A prefix that another call is about to compute is worth waiting for from this many tokens on.
const WORTH_WAITING: usize = 16;

/// The state of the thread.
pub(super) struct Scheduler {
    pub(super) model: Model,
    pub(super) tokenizer: Arc<Tokenizer>,
    pub(super) jobs: mpsc::Receiver<Job>,
    pub(super) store: PrefixStore,
    /// Sequences that run together at most.
    pub(super) max_sequences: usize,
    pub(super) waiting: VecDeque<Job>,
    /// Branches of running calls, before any new call.
    pub(super) ready: VecDeque<Sequence>,
    pub(super) active: Vec<Sequence>,
}

impl Scheduler {
    /// Works until every handle of the model is dropped and all calls are answered.
    pub(super) fn run(mut self, pool: &ThreadPool) {
        loop {
            if self.active.is_empty() && self.waiting.is_empty() && self.ready.is_empty() {
                match self.jobs.blocking_recv() {
                    Some(job) => self.waiting.push_back(job),
                    None => return,
                }
            }
            while self.waiting.len() < MAX_WAITING
                && let Ok(job) = self.jobs.try_recv()
            {
                self.waiting.push_back(job);
            }
            self.drop_cancelled();
            self.admit();
            let (lengths, step) = self.plan();
            if let Err(error) = pool.install(|| self.step(&lengths, &step)) {
                let reason = error.to_string();
                for sequence in self.active.drain(..) {
                    sequence.fail(EmbeddedError::Compute { reason: reason.clone() });
                }
            }
        }
    }

    fn drop_cancelled(&mut self) {
        let (cancelled, waiting): (VecDeque<Job>, _) =
            std::mem::take(&mut self.waiting).into_iter().partition(Job::is_cancelled);
        self.waiting = waiting;
        for job in cancelled {
            Sequence::start(job, self.model.empty_cache()).cancel();
        }
        for list in [0, 1] {
            let sequences: Vec<Sequence> = match list {
                0 => self.active.drain(..).collect(),
                _ => self.ready.drain(..).collect(),
            };
            for sequence in sequences {
                if sequence.is_cancelled() {
                    sequence.cancel();
                } else if list == 0 {
                    self.active.push(sequence);
                } else {
                    self.ready.push_back(sequence);
                }
            }
        }
    }

    /// Fills free places: branches first, then calls in order, except those whose prefix is just
    /// being computed by another.
    fn admit(&mut self) {
        let mut next = 0;
        while self.active.len() < self.max_sequences {
            if let Some(branch) = self.ready.pop_front() {
                self.active.push(branch);
                continue;
            }
            let Some(job) = self.waiting.get(next) else { break };
            // The last token is always computed: its logits are what the call is about.
            let most = job.prompt.len().saturating_sub(1);
            let stored = self.store.longest(&job.prompt);
            let running = self
                .active
                .iter()
                .enumerate()
                .map(|(index, other)| {
                    let common = common_len(&other.tokens, &job.prompt).min(most);
                    (common.min(other.cache.len()), common, index)
                })
                .collect::<Vec<_>>();
            let stored_len = stored.map_or(0, |found| found.len.min(most));
            let now = running.iter().map(|entry| entry.0).max().unwrap_or(0);
            let soon = running.iter().map(|entry| entry.1).max().unwrap_or(0);
            let have = now.max(stored_len);
            if soon >= have + WORTH_WAITING {
                next += 1;
                continue;
            }
            let cache = if have == 0 {
                Ok(self.model.empty_cache())
            } else if now > stored_len {
                let donor = running.iter().max_by_key(|entry| entry.0).map_or(0, |entry| entry.2);
                self.active[donor].cache.fork(now)
            } else {
                match stored {
                    Some(found) => self.store.fork(found, stored_len),
                    None => Ok(self.model.empty_cache()),
                }
            };
            let Some(job) = self.waiting.remove(next) else { break };
            match cache {
                Ok(cache) => self.active.push(Sequence::start(job, cache)),
                Err(error) => {
                    Sequence::start(job, self.model.empty_cache()).fail(error.into());
                }
            }
        }
    }

    /// Says how many tokens of each active sequence the step computes, and of which positions the
    /// logits are wanted.
    fn plan(&self) -> (Vec<usize>, Vec<std::ops::Range<usize>>) {
        let mut rows = MAX_ROWS.saturating_sub(self.active.len());
        let mut logit_rows = MAX_LOGIT_ROWS.saturating_sub(self.active.len());
        self.active
            .iter()
            .map(|sequence| {
                let mut n = sequence.n_left().min(rows + 1).max(1);
                let start = sequence.cache.len();
                let from = sequence.wanted_from().saturating_sub(start);
                n = n.min(from + logit_rows + 1);
                rows -= n - 1;
                let wanted = from.min(n)..n;
                logit_rows -= wanted.len().saturating_sub(1);
                (n, wanted)
            })
            .unzip()
    }

    fn step(
        &mut self,
        lengths: &[usize],
        wanted: &[std::ops::Range<usize>],
    ) -> Result<(), EmbeddedError> {
        let starts: Vec<usize> = self.active.iter().map(|sequence| sequence.cache.len()).collect();
        let mut runs: Vec<Run<'_>> = self
            .active
            .iter_mut()
            .zip(lengths.iter().zip(wanted))
            .map(|(sequence, (&n, wanted))| {
                let start = sequence.cache.len();
                Run {
                    tokens: &sequence.tokens[start..start + n],
                    cache: &mut sequence.cache,
                    wanted: wanted.clone(),
                }
            })
            .collect();
        let Some(logits) = self.model.forward(&mut runs)? else { return Ok(()) };
        let width = logits.dims().last().copied().unwrap_or(1);
        let logits = logits.flatten_all()?.to_vec1::<f32>()?;
        let mut rows = logits.chunks_exact(width);
        let sequences: Vec<Sequence> = self.active.drain(..).collect();
        let owned: Vec<Vec<&[f32]>> =
            wanted.iter().map(|wanted| rows.by_ref().take(wanted.len()).collect()).collect();
        let tokenizer = &self.tokenizer;
        // Drawing looks through the whole vocabulary, so sequences draw side by side; each by its
        // own generator, and they are kept in their order.
        let taken: Vec<(Sequence, Option<Result<After, EmbeddedError>>)> = sequences
            .into_par_iter()
            .zip(owned)
            .zip(wanted.par_iter().zip(starts))
            .map(|((mut sequence, own), (wanted, start))| {
                let after =
                    (!own.is_empty()).then(|| sequence.take(start + wanted.start, &own, tokenizer));
                (sequence, after)
            })
            .collect();
        for (sequence, after) in taken {
            match after {
                None | Some(Ok(After::Continue)) => self.active.push(sequence),
                Some(Ok(After::Done(branches))) => {
                    self.ready.extend(branches);
                    if sequence.is_worth_keeping() {
                        self.store.keep(sequence.tokens, sequence.cache);
                    }
                }
                Some(Err(error)) => sequence.fail(error),
            }
        }
        Ok(())
    }
}
