//! How many requests a second a provider admits: told by its headers, else learned from its
//! refusals.
//!
//! Nothing is paced until the first “slow down”. Between two refusals the provider's bucket goes
//! from empty to empty, so what it admitted in between, by the time that passed, *is* its rate.
//! From a guess the pace climbs in ever smaller steps until two measurements agree, then it
//! cruises: 2 % below what was measured, rising slowly at first and ever faster, so that a limit
//! that was raised is found within a minute and one that was not costs a refusal now and then.
//! The pace rises only while it is what calls wait for. Where nothing at all is admitted, one
//! request at a time asks whether the door is open again.
//!
//! Refusals that come however slowly it goes are no matter of pace; see [`Noise`].
//!
//! Pure: time comes in with each call.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::company::Company;
use super::noise::Noise;
use super::told::Told;
use crate::providers::Quota;

/// A measurement needs so long, or [`ENOUGH`] admitted requests.
const LONG_ENOUGH: Duration = Duration::from_millis(200);
/// See [`LONG_ENOUGH`].
const ENOUGH: u64 = 10;
/// While climbing, the pace is raised this often.
const STEP: Duration = Duration::from_millis(250);
/// The first climb's factor; each later climb's is nearer to 1.
const FIRST_CLIMB: f64 = 2.0;
/// A climb slower than this is none: it cruises.
const LAST_CLIMB: f64 = 1.2;
/// Cruising begins with this share of what was measured, …
const BELOW: f64 = 0.98;
/// … grows by this share a second, …
const LINEAR: f64 = 0.004;
/// … and by this one, times seconds cubed: ×1.5 after 31 s, ×2 after 40 s.
const CUBIC: f64 = 1.2e-5;
/// Slower paces than this many requests a second rise more slowly, so that the refusals that
/// this costs stay as rare among them; …
const BRISK: f64 = 4.0;
/// … down to this part of the usual growth.
const SLOWEST_GROWTH: f64 = 0.25;
/// A cruising pace that is this much above what was measured has found a limit that rose, …
const RISEN: f64 = 1.15;
/// … and steps back to this share of itself.
const STEP_BACK: f64 = 0.85;
/// What may go at once after a lull, in seconds of the pace: timers are late on a busy machine.
const CATCH_UP: f64 = 0.1;
/// One request in ten minutes at least, so that it never freezes.
const SLOWEST: f64 = 1.0 / 600.0;
/// Before the first refusal, only what was sent since about then says how much is admitted.
const MEMORY: Duration = Duration::from_secs(20);
/// A request that was not refused after so long was admitted: refusals come at once.
const SETTLED: Duration = Duration::from_secs(1);
/// The first wait before a closed door is tried again; it doubles up to [`LONGEST_PROBE`].
const FIRST_PROBE: Duration = Duration::from_millis(50);
/// Without being told, a closed door is tried again at least this often.
const LONGEST_PROBE: Duration = Duration::from_secs(15);
/// However long it was told to wait, it tries again this often: a refusal costs nothing.
const LONGEST_TOLD: Duration = Duration::from_mins(1);

/// The pace of one lane.
#[derive(Debug)]
pub(super) struct Pace {
    learned: Learned,
    requests: Option<Told>,
    tokens: Option<Told>,
    sent: u64,
    tokens_sent: f64,
    /// The newest request that is known to have been refused, or where measuring began.
    mark: Option<Mark>,
    /// Refused since the mark.
    refused: u64,
    /// Requests before this one belong to a refusal that was answered already.
    episode: u64,
    is_blocked: bool,
    noise: Noise,
    /// The other models of its address and key, and its number among them.
    company: Arc<Company>,
    number: u64,
}

#[derive(Debug, Clone, Copy)]
struct Mark {
    nth: u64,
    at: Instant,
}

#[derive(Debug)]
enum Learned {
    /// No limit was met.
    Free,
    Paced(Paced),
    Shut(Shut),
}

#[derive(Debug)]
struct Paced {
    /// Requests a second that were admitted when last measured.
    anchor: f64,
    /// Requests a second now.
    rate: f64,
    /// 1: cruising; else the factor of each step.
    climb: f64,
    /// Added to it, because other models of the same address use less than they did.
    lift: f64,
    /// How long it was what calls waited for, since the last measurement or step.
    busy: Duration,
    level: f64,
    at: Instant,
}

#[derive(Debug)]
struct Shut {
    until: Instant,
    /// The request that tries the door.
    probe: Option<Mark>,
    /// Tries that failed.
    tries: u32,
    /// Requests a second before it closed.
    rate: f64,
}

impl Pace {
    pub(super) fn new(company: Arc<Company>) -> Self {
        Self {
            number: company.join(),
            company,
            learned: Learned::Free,
            requests: None,
            tokens: None,
            sent: 0,
            tokens_sent: 0.0,
            mark: None,
            refused: 0,
            episode: 0,
            is_blocked: false,
            noise: Noise::default(),
        }
    }

    /// Whether a request of about so many tokens may go now; else when to ask again.
    pub(super) fn next(&mut self, now: Instant, tokens: f64) -> Result<(), Instant> {
        let ready = self.may_go(now, tokens);
        self.is_blocked = ready.is_err();
        ready
    }

    /// When the next request may go; `None`: now.
    pub(super) fn peek(&mut self, now: Instant) -> Option<Instant> {
        self.may_go(now, 1.0).err()
    }

    fn may_go(&mut self, now: Instant, tokens: f64) -> Result<(), Instant> {
        if let Learned::Shut(shut) = &self.learned {
            match shut.probe {
                Some(probe) if now.saturating_duration_since(probe.at) < SETTLED => {
                    return Err(probe.at + SETTLED);
                }
                Some(_) => self.reopen(now),
                None if now < shut.until => return Err(shut.until),
                None => {}
            }
        }
        if let Learned::Paced(paced) = &mut self.learned {
            let passed = paced.refill(now, self.is_blocked);
            if self.is_blocked && paced.is_cruising() {
                paced.lift += self.company.lift(self.number, passed, now);
            }
            if paced.level < 1.0 {
                let wait = ((1.0 - paced.level) / paced.rate()).min(600.0);
                // A millisecond is what timers can do.
                return Err(now + Duration::from_secs_f64(wait.max(1e-3)));
            }
        }
        let told = [(&self.requests, 1.0), (&self.tokens, tokens)];
        let waits = told.into_iter().filter_map(|(told, cost)| told.as_ref()?.ready(now, cost));
        waits.max().map_or(Ok(()), Err)
    }

    /// A request goes out; gives its number, from 1, and the tokens sent up to it.
    pub(super) fn sent(&mut self, now: Instant, tokens: f64) -> (u64, f64) {
        self.sent += 1;
        self.tokens_sent += tokens;
        self.company.sent(now);
        let this = Mark { nth: self.sent, at: now };
        match &mut self.learned {
            Learned::Free => {
                let is_old = |mark: Mark| now.saturating_duration_since(mark.at) > MEMORY;
                if self.mark.is_none_or(is_old) {
                    self.mark = Some(Mark { nth: self.sent - 1, at: now });
                    self.refused = 0;
                }
            }
            Learned::Paced(paced) => {
                paced.refill(now, self.is_blocked);
                paced.level -= 1.0;
            }
            Learned::Shut(shut) => shut.probe = Some(this),
        }
        for (told, cost) in [(&mut self.requests, 1.0), (&mut self.tokens, tokens)] {
            if let Some(told) = told {
                told.take(now, cost);
            }
        }
        (self.sent, self.tokens_sent)
    }

    /// The request was answered by anything but “slow down”.
    pub(super) fn passed(&mut self, nth: u64, now: Instant) {
        self.outcome(false, now);
        if let Learned::Shut(Shut { probe: Some(probe), .. }) = &self.learned
            && probe.nth == nth
        {
            self.reopen(now);
        }
    }

    /// A request turned out to take so many more tokens than were thought.
    pub(super) fn correct(&mut self, now: Instant, more_tokens: f64) {
        if let Some(tokens) = &mut self.tokens {
            tokens.take(now, more_tokens);
        }
    }

    /// The request was refused as one too many. Returns whether this is news, and not one more
    /// refusal of what was in flight when the pace was last cut.
    pub(super) fn refused(
        &mut self,
        nth: u64,
        sent_at: Instant,
        told: Option<Duration>,
        now: Instant,
    ) -> bool {
        let is_lifted = matches!(&self.learned, Learned::Paced(paced) if paced.is_lifted());
        self.company.refused(now, is_lifted);
        let was_tried = self.noise.is_tried();
        self.outcome(true, now);
        if was_tried {
            return false;
        }
        let before = self.speed();
        let this = Mark { nth, at: sent_at };
        let mark = self.mark.unwrap_or(Mark { nth: nth - 1, at: sent_at });
        let is_newer = nth > mark.nth;
        self.refused += u64::from(is_newer);
        let apart = sent_at.saturating_duration_since(mark.at);
        let admitted = nth.saturating_sub(mark.nth).saturating_sub(self.refused);
        match &mut self.learned {
            // Nothing was ever admitted: the door is closed, and its rate anybody's guess.
            Learned::Free if admitted == 0 => {
                let until = now + wait_of(0, told);
                self.learned = Learned::Shut(Shut { until, probe: None, tries: 0, rate: 1.0 });
            }
            Learned::Free => {
                let over = apart.as_secs_f64().max(1.0);
                let rate = (admitted as f64 / over).max(SLOWEST);
                // A long look back tells the rate; a short one mostly how much goes at once.
                let climb = if over < 5.0 { FIRST_CLIMB } else { 1.0 };
                self.learned = Learned::Paced(Paced::new(rate, climb, now));
            }
            Learned::Paced(_) if nth < self.episode => {
                if is_newer {
                    (self.mark, self.refused) = (Some(this), 0);
                }
                return false;
            }
            Learned::Paced(_) if apart < LONG_ENOUGH && admitted < ENOUGH => return false,
            Learned::Paced(paced) if admitted == 0 => {
                let until = now + wait_of(0, told);
                let rate = paced.rate();
                self.learned = Learned::Shut(Shut { until, probe: None, tries: 0, rate });
            }
            Learned::Paced(paced) => {
                paced.measured(admitted as f64 / apart.as_secs_f64().max(0.05), now);
            }
            Learned::Shut(shut) => {
                if shut.probe.is_some_and(|probe| probe.nth == nth) {
                    shut.tries += 1;
                    shut.probe = None;
                    shut.until = now + wait_of(shut.tries, told);
                } else {
                    return false;
                }
            }
        }
        (self.mark, self.refused) = (Some(this), 0);
        self.episode = self.sent + 1;
        if self.noise.cut(self.sent, before, self.speed()) {
            // Slower did not help: what it refuses is not too much at once.
            self.learned = Learned::Free;
        }
        true
    }

    /// Requests a second that it goes at, or went at before the door closed.
    fn speed(&self) -> f64 {
        match &self.learned {
            Learned::Free => f64::INFINITY,
            Learned::Paced(paced) => paced.rate(),
            Learned::Shut(shut) => shut.rate,
        }
    }

    /// Counts an outcome; where going unpaced turned out to be too fast, it is paced again.
    fn outcome(&mut self, is_refused: bool, now: Instant) {
        if let Some(rate) = self.noise.outcome(is_refused) {
            self.learned = Learned::Paced(Paced::new(rate.max(SLOWEST), 1.0, now));
            self.mark = Some(Mark { nth: self.sent, at: now });
            self.refused = 0;
            self.episode = self.sent + 1;
        }
    }

    /// How many requests went out.
    pub(super) fn sent_so_far(&self) -> u64 {
        self.sent
    }

    /// What the provider's headers said with the answer to a request; `tokens_sent` is what
    /// [`Pace::sent`] gave with its number.
    pub(super) fn heard(&mut self, quota: &Quota, nth: u64, tokens_sent: f64, now: Instant) {
        // What went out since then is not in the provider's numbers yet.
        let later = self.sent.saturating_sub(nth) as f64;
        if let Some(allowance) = &quota.requests {
            self.requests = Told::of(allowance, later, now);
        }
        if let Some(allowance) = &quota.tokens {
            self.tokens = Told::of(allowance, self.tokens_sent - tokens_sent, now);
        }
    }

    /// Requests a second at most; `None`: no limit was met.
    pub(super) fn per_second(&self) -> Option<f64> {
        let learned = match &self.learned {
            Learned::Free => None,
            Learned::Paced(paced) => Some(paced.rate()),
            Learned::Shut(_) => Some(0.0),
        };
        let told = self.requests.as_ref().and_then(Told::scarce);
        learned.into_iter().chain(told).min_by(f64::total_cmp)
    }

    /// What the provider admits, requests a second, where that was measured.
    pub(super) fn measured(&self) -> Option<f64> {
        match &self.learned {
            Learned::Free => None,
            Learned::Paced(paced) => Some(paced.anchor.max(paced.rate())),
            Learned::Shut(shut) => Some(shut.rate),
        }
    }

    /// Tokens a minute at most, where the provider tells and they run short.
    pub(super) fn tokens_per_minute(&self) -> Option<f64> {
        self.tokens.as_ref().and_then(Told::scarce).map(|per_second| per_second * 60.0)
    }

    fn reopen(&mut self, now: Instant) {
        if let Learned::Shut(shut) = &self.learned {
            let (rate, climb) = if shut.tries == 0 {
                (shut.rate * 0.9, 1.0)
            } else {
                // One was admitted since the last refusal: either that is the rate, or the door
                // was closed and the rate is as before. From between the two both are near.
                let since = |mark: Mark| now.saturating_duration_since(mark.at).as_secs_f64();
                let slow = 1.0 / self.mark.map_or(1.0, since).max(1.0);
                ((shut.rate * slow).sqrt().min(shut.rate * 0.5), 1.5)
            };
            let rate = rate.max(SLOWEST);
            self.learned = Learned::Paced(Paced::new(rate, climb, now));
            (self.mark, self.refused) = (Some(Mark { nth: self.sent, at: now }), 0);
            self.episode = self.sent + 1;
        }
    }
}

impl Paced {
    fn new(rate: f64, climb: f64, now: Instant) -> Self {
        Self { anchor: rate, rate, climb, lift: 0.0, busy: Duration::ZERO, level: 0.0, at: now }
    }

    fn is_cruising(&self) -> bool {
        self.climb <= 1.0
    }

    /// Whether it goes much faster than it was measured because others left room.
    fn is_lifted(&self) -> bool {
        self.lift > self.anchor * (RISEN - 1.0)
    }

    fn rate(&self) -> f64 {
        if self.is_cruising() {
            let growth = (self.anchor / BRISK).clamp(SLOWEST_GROWTH, 1.0);
            let busy = self.busy.as_secs_f64() * growth;
            self.anchor * (BELOW + LINEAR * busy + CUBIC * busy.powi(3)) + self.lift
        } else {
            self.rate
        }
    }

    /// Lets time pass; gives how much.
    fn refill(&mut self, now: Instant, is_blocked: bool) -> Duration {
        let passed = now.saturating_duration_since(self.at);
        self.at = self.at.max(now);
        if is_blocked {
            // A machine that slept was not held up by the pace.
            self.busy += passed.min(Duration::from_mins(1));
        }
        if !self.is_cruising() && self.busy >= STEP {
            self.busy = Duration::ZERO;
            self.rate *= self.climb;
        }
        let rate = self.rate();
        self.level = (self.level + rate * passed.as_secs_f64()).min((rate * CATCH_UP).max(1.0));
        passed
    }

    /// So many were admitted a second between two refusals.
    fn measured(&mut self, rate: f64, now: Instant) {
        let before = self.rate();
        // What the pace was too slow to use is missing in the measurement. So a pace that was
        // raised until now begins a little lower than it got; if that is too fast, the next
        // measurement, in which nothing is missing, is due at once.
        let least = if !self.is_cruising() {
            before / self.climb
        } else if before > self.anchor * RISEN {
            before * STEP_BACK
        } else {
            // Half a second's luck must not stop a run.
            before * 0.3
        };
        self.anchor = rate.max(least).min(before).max(SLOWEST);
        if !self.is_cruising() {
            let slower = 1.0 + (self.climb - 1.0) / 2.0;
            let is_close = rate >= before * 0.8;
            self.climb = if is_close || slower < LAST_CLIMB { 1.0 } else { slower };
        }
        (self.rate, self.lift) = (self.anchor, 0.0);
        self.busy = Duration::ZERO;
        self.level = 0.0;
        self.at = now;
    }
}

/// How long a closed door is left alone after so many tries.
fn wait_of(tries: u32, told: Option<Duration>) -> Duration {
    let own = FIRST_PROBE.saturating_mul(1 << tries.min(10)).min(LONGEST_PROBE);
    own.max(told.unwrap_or_default().min(LONGEST_TOLD))
}
