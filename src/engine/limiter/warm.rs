//! Which beginnings of requests a provider has just read: the first request with one goes alone,
//! the others follow when its answer begins, so that they find it in the provider's cache.
//!
//! Pure, as [`super::lane`]. A beginning ([`Key`]) is
//!
//! - *cold*: nobody has asked with it lately. The next call that is let on deck *leads* it;
//! - *led*: others with it wait, and let everybody else pass, until the leader's answer begins, it
//!   fails, or the wait is over: 5 s, or twice the time that an answer takes where that is
//!   shorter, after the leader was sent; 10 s in all, however many leaders fail;
//! - *warm*: it was answered within 5 minutes. Nobody waits;
//! - *open*: waiting was of no use. For a while nobody waits.
//!
//! Where a provider keeps only what is marked, a call sets a mark where others wait with the same
//! beginning, or where it is warm, because it was marked: then the first pays for keeping it and
//! the others save. Where nobody else wants it, a mark would only cost.
//!
//! What is known is bounded: beginnings that nobody waits with are forgotten, oldest first, beyond
//! [`MOST_KNOWN`].

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use tokio::time::Instant;

use super::prefix::Prefix;
use crate::providers::CacheMarks;

/// How long others wait at most for a leader that was sent, and for one that is not yet.
pub(super) const LONGEST_WAIT: Duration = Duration::from_secs(5);
/// How long they wait at most in all, however many leaders fail.
const LONGEST_IN_ALL: Duration = Duration::from_secs(10);
/// How long a provider keeps what it read (Anthropic's shorter life of a cache entry; OpenAI's is
/// 5 to 10 minutes); each use begins it anew.
const FRESH: Duration = Duration::from_mins(5);
/// How long nobody waits after a wait was in vain; chosen by eye.
const REST: Duration = Duration::from_mins(1);
/// Beginnings that are remembered without anybody waiting with them.
const MOST_KNOWN: usize = 4_096;

/// A call that waits for a leader: its run and its number in line.
pub(super) type Parked = (u64, u64);

/// What is known of the beginnings of requests.
#[derive(Default)]
pub(super) struct Warmth {
    known: BTreeMap<u64, Known>,
    /// What each leader leads, by its number.
    leaders: BTreeMap<u64, Prefix>,
    /// When a wait ends, of beginnings that somebody waits for.
    alarms: BTreeSet<(Instant, u64)>,
    /// How many are known when old ones are next forgotten.
    sweep_at: usize,
}

#[derive(Default)]
struct Known {
    state: State,
    /// Calls in line that begin so.
    in_line: u32,
    parked: Vec<Parked>,
}

#[derive(Debug, Clone, Copy, Default)]
enum State {
    #[default]
    Cold,
    /// Others wait until then; never beyond `last`.
    Led {
        by: u64,
        until: Instant,
        last: Instant,
    },
    /// The leader failed; whoever is next leads, and others wait until `last`.
    Failed {
        last: Instant,
    },
    Warm {
        until: Instant,
    },
    Open {
        until: Instant,
    },
}

impl State {
    /// The state now, where time has changed it.
    fn at(self, now: Instant) -> Self {
        match self {
            Self::Warm { until } | Self::Open { until } if until <= now => Self::Cold,
            Self::Led { until, .. } if until <= now => Self::Open { until: now + REST },
            Self::Failed { last } if last <= now => Self::Open { until: now + REST },
            state => state,
        }
    }

    fn is_led_by(self, number: u64) -> bool {
        matches!(self, Self::Led { by, .. } if by == number)
    }
}

impl Warmth {
    /// A call stands in line.
    pub(super) fn joins(&mut self, prefix: &Prefix) {
        for key in prefix.keys() {
            self.known.entry(key.hash).or_default().in_line += 1;
        }
    }

    /// A call is no longer in line.
    pub(super) fn leaves(&mut self, prefix: &Prefix) {
        for key in prefix.keys() {
            if let Some(known) = self.known.get_mut(&key.hash) {
                known.in_line = known.in_line.saturating_sub(1);
            }
        }
    }

    /// Lets a call on deck, as the leader of what is cold.
    ///
    /// # Errors
    ///
    /// The beginning for whose leader it has to wait; then see [`Warmth::park`].
    pub(super) fn enter(&mut self, prefix: &Prefix, number: u64, now: Instant) -> Result<(), u64> {
        self.sweep(now);
        let state = |known: Option<&Known>| known.map_or(State::Cold, |known| known.state.at(now));
        let is_led = |hash: &u64| matches!(state(self.known.get(hash)), State::Led { .. });
        if let Some(hash) = prefix.keys().iter().map(|key| key.hash).find(is_led) {
            return Err(hash);
        }
        let mut leads = false;
        for key in prefix.keys() {
            let known = self.known.entry(key.hash).or_default();
            known.state = known.state.at(now);
            let last = match known.state {
                State::Cold => now + LONGEST_IN_ALL,
                State::Failed { last } => last,
                State::Led { .. } | State::Warm { .. } | State::Open { .. } => continue,
            };
            known.state = State::Led { by: number, until: last.min(now + LONGEST_WAIT), last };
            leads = true;
        }
        if leads {
            self.leaders.insert(number, prefix.clone());
        }
        Ok(())
    }

    /// A call waits for a beginning's leader.
    pub(super) fn park(&mut self, hash: u64, call: Parked) {
        let known = self.known.entry(hash).or_default();
        known.parked.push(call);
        if let State::Led { until, .. } = known.state {
            self.alarms.insert((until, hash));
        }
    }

    /// A call is sent, and others wait for so long at most for what it leads. Gives its marks.
    pub(super) fn sent(
        &mut self,
        prefix: &Prefix,
        number: u64,
        now: Instant,
        wait: Duration,
    ) -> CacheMarks {
        let mut marks = CacheMarks::default();
        for key in prefix.keys() {
            let Some(known) = self.known.get_mut(&key.hash) else { continue };
            known.state = known.state.at(now);
            let is_wanted = known.in_line > 0;
            let last = match (known.state, key.block) {
                (State::Led { by, last, .. }, _) if by == number => last,
                // It was let on deck when this was led or open, and is the next to try.
                (State::Cold, Some(_)) if is_wanted => now + LONGEST_IN_ALL,
                (State::Failed { last }, Some(_)) if is_wanted => last,
                (State::Warm { .. }, Some(block)) => {
                    marks.put(block);
                    continue;
                }
                _ => continue,
            };
            if let State::Led { until, .. } = known.state {
                self.alarms.remove(&(until, key.hash));
            }
            match key.block {
                // Nobody wants it, so nobody is parked either.
                Some(_) if !is_wanted => known.state = State::Cold,
                block => {
                    let until = last.min(now + wait);
                    known.state = State::Led { by: number, until, last };
                    if !known.parked.is_empty() {
                        self.alarms.insert((until, key.hash));
                    }
                    if let Some(block) = block {
                        marks.put(block);
                    }
                    self.leaders.entry(number).or_insert_with(|| prefix.clone());
                }
            }
        }
        marks
    }

    /// A leader's answer begins: what it leads is warm. Gives who waited for it.
    pub(super) fn begins(&mut self, number: u64, now: Instant) -> Vec<Parked> {
        let Some(prefix) = self.leaders.remove(&number) else { return Vec::new() };
        let mut freed = Vec::new();
        for key in prefix.keys() {
            if self.known.get(&key.hash).is_some_and(|known| known.state.is_led_by(number)) {
                freed.append(&mut self.becomes(key.hash, State::Warm { until: now + FRESH }));
            }
        }
        freed
    }

    /// A call was answered; `is_kept`: the answer does not say that nothing was kept nor found.
    /// Gives who waited.
    pub(super) fn answered(
        &mut self,
        prefix: &Prefix,
        marks: CacheMarks,
        is_kept: bool,
        now: Instant,
    ) -> Vec<Parked> {
        let mut freed = Vec::new();
        for key in prefix.keys() {
            let is_marked = key.block.map(|block| marks.is_after(usize::from(block)));
            let state = match is_marked {
                Some(false) => continue,
                // Too short for this model, or a server that knows no marks.
                Some(true) if !is_kept => State::Open { until: now + FRESH },
                Some(true) | None => State::Warm { until: now + FRESH },
            };
            freed.append(&mut self.becomes(key.hash, state));
        }
        freed
    }

    /// A call left the deck unsent, or its request is over. Gives who waited for what it still
    /// led.
    pub(super) fn over(&mut self, number: u64) -> Vec<Parked> {
        let Some(prefix) = self.leaders.remove(&number) else { return Vec::new() };
        let mut freed = Vec::new();
        for key in prefix.keys() {
            let state = self.known.get(&key.hash).map(|known| known.state);
            if let Some(State::Led { by, last, .. }) = state
                && by == number
            {
                freed.append(&mut self.becomes(key.hash, State::Failed { last }));
            }
        }
        freed
    }

    /// Ends the waits that are over. Gives who waited.
    pub(super) fn expire(&mut self, now: Instant) -> Vec<Parked> {
        let mut freed = Vec::new();
        while let Some((at, hash)) = self.alarms.first().copied()
            && at <= now
        {
            self.alarms.pop_first();
            freed.append(&mut self.becomes(hash, State::Open { until: now + REST }));
        }
        freed
    }

    /// When the next wait is over; `None`: nobody waits.
    pub(super) fn alarm(&self) -> Option<Instant> {
        self.alarms.first().map(|(at, _)| *at)
    }

    /// Beginnings that are known.
    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.known.len()
    }

    fn becomes(&mut self, hash: u64, state: State) -> Vec<Parked> {
        let known = self.known.entry(hash).or_default();
        if let State::Led { until, .. } = known.state {
            self.alarms.remove(&(until, hash));
        }
        known.state = state;
        std::mem::take(&mut known.parked)
    }

    /// Forgets what is of no use, where much is known: what nobody waits with and is cold, then
    /// what will be cold soonest.
    fn sweep(&mut self, now: Instant) {
        if self.known.len() < self.sweep_at.max(MOST_KNOWN) {
            return;
        }
        let mut idle = Vec::new();
        self.known.retain(|hash, known| {
            if known.in_line > 0 || !known.parked.is_empty() {
                return true;
            }
            match known.state.at(now) {
                State::Cold => false,
                State::Led { .. } => true,
                State::Warm { until } | State::Open { until } | State::Failed { last: until } => {
                    idle.push((until, *hash));
                    true
                }
            }
        });
        idle.sort_unstable();
        for (_, hash) in idle.iter().take(idle.len().saturating_sub(MOST_KNOWN / 2)) {
            self.known.remove(hash);
        }
        // Those that are waited with are as many as the calls in line: looked at again when they
        // have doubled.
        self.sweep_at = self.known.len() * 2;
    }
}

#[cfg(test)]
#[path = "warm_tests.rs"]
mod tests;
