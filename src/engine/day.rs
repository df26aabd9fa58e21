//! What all runs of a project spend on one day: one ledger for each journal in this process, since
//! only one process writes a journal.
//!
//! The day is this machine's calendar day, by its clock and time zone. A call counts for the day
//! on which its money was set aside, also where it ends on the next.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, LazyLock, Mutex, Weak};
use std::time::{SystemTime, UNIX_EPOCH};

use tokio::sync::Notify;

use super::price::Money;
use crate::store::journal::SpentDay;
use crate::store::{Journal, StoreError, unpoisoned};

/// One day's sums; see the module's head.
pub struct DayLedger {
    journal: Journal,
    /// Milliseconds since 1970.
    clock: fn() -> i64,
    /// Held while a day is read from the journal, so that it is read once.
    loading: tokio::sync::Mutex<()>,
    state: Mutex<State>,
    /// Told when something set aside is given back or spent.
    pub(super) freed: Notify,
}

#[derive(Default)]
struct State {
    /// Counts the days read, so that what was set aside on another is known as such.
    nth: u64,
    day: Option<SpentDay>,
    spent: Money,
    reserved: Money,
    open: u32,
}

/// How a day stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Standing {
    pub(super) nth: u64,
    pub(super) spent: Money,
    pub(super) reserved: Money,
    pub(super) open: u32,
}

/// Ledgers in use, so that all runs of a journal share one.
static LEDGERS: LazyLock<Mutex<BTreeMap<PathBuf, Weak<DayLedger>>>> = LazyLock::new(Mutex::default);

impl DayLedger {
    /// The journal's ledger; one in memory has a ledger of its own each time.
    pub fn of(journal: &Journal) -> Arc<Self> {
        if journal.is_in_memory() {
            return Arc::new(Self::new(journal, now_ms));
        }
        let mut ledgers = unpoisoned(&LEDGERS);
        ledgers.retain(|_, ledger| ledger.strong_count() > 0);
        if let Some(ledger) = ledgers.get(journal.path()).and_then(Weak::upgrade) {
            return ledger;
        }
        let ledger = Arc::new(Self::new(journal, now_ms));
        ledgers.insert(journal.path().to_owned(), Arc::downgrade(&ledger));
        ledger
    }

    pub(super) fn new(journal: &Journal, clock: fn() -> i64) -> Self {
        Self {
            journal: journal.clone(),
            clock,
            loading: tokio::sync::Mutex::default(),
            state: Mutex::default(),
            freed: Notify::new(),
        }
    }

    /// Makes sure that the sums are those of today: read from the journal the first time, after
    /// midnight, and where the clock was set to another day.
    ///
    /// # Errors
    ///
    /// The journal can't be read.
    pub async fn today(&self) -> Result<(), StoreError> {
        if self.is_today() {
            return Ok(());
        }
        let _one_at_a_time = self.loading.lock().await;
        if self.is_today() {
            return Ok(());
        }
        let day = self.journal.spent_on_day_of((self.clock)()).await?;
        {
            let mut state = unpoisoned(&self.state);
            let nth = state.nth + 1;
            let spent = Money::from_usd(day.spent);
            *state = State { nth, day: Some(day), spent, ..State::default() };
        }
        self.freed.notify_waiters();
        Ok(())
    }

    fn is_today(&self) -> bool {
        let now = (self.clock)();
        let state = unpoisoned(&self.state);
        state.day.is_some_and(|day| day.begins_ms <= now && now < day.ends_ms)
    }

    /// US dollars that the project's calls of today have cost, what is set aside not counted.
    pub fn spent(&self) -> f64 {
        unpoisoned(&self.state).spent.usd()
    }

    pub(super) fn standing(&self) -> Standing {
        let state = unpoisoned(&self.state);
        Standing { nth: state.nth, spent: state.spent, reserved: state.reserved, open: state.open }
    }

    /// Sets money aside where it fits under a limit; gives the day it counts for.
    pub(super) fn reserve(&self, amount: Money, limit: Option<Money>) -> Option<u64> {
        let mut state = unpoisoned(&self.state);
        if !super::budget::fits(state.spent, state.reserved, amount, limit) {
            return None;
        }
        state.reserved += amount;
        state.open += 1;
        Some(state.nth)
    }

    /// What was set aside on a day came to so much. Of a day that is over nothing is kept here:
    /// the journal has it.
    pub(super) fn settle(&self, nth: u64, amount: Money, cost: Money) {
        {
            let mut state = unpoisoned(&self.state);
            if state.nth == nth {
                state.reserved = state.reserved.minus(amount);
                state.spent += cost;
                state.open = state.open.saturating_sub(1);
            }
        }
        self.freed.notify_waiters();
    }
}

fn now_ms() -> i64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicI64, Ordering};

    use super::*;

    #[tokio::test]
    async fn a_day_rolls_over_at_midnight_and_open_calls_stay_with_their_own() {
        static NOW: AtomicI64 = AtomicI64::new(1_790_000_000_000);
        let journal = Journal::open_in_memory().unwrap();
        let ledger = DayLedger::new(&journal, || NOW.load(Ordering::SeqCst));
        ledger.today().await.unwrap();
        let usd = Money::from_usd;
        let first = ledger.reserve(usd(1.0), Some(usd(2.0))).unwrap();
        let second = ledger.reserve(usd(1.0), Some(usd(2.0))).unwrap();
        assert_eq!(ledger.reserve(usd(0.1), Some(usd(2.0))), None);
        ledger.settle(first, usd(1.0), usd(0.5));
        assert!((ledger.spent() - 0.5).abs() < 1e-12);
        let ends = unpoisoned(&ledger.state).day.unwrap().ends_ms;
        NOW.store(ends - 1, Ordering::SeqCst);
        ledger.today().await.unwrap();
        assert_eq!(ledger.standing().nth, first, "still the same day");
        NOW.store(ends, Ordering::SeqCst);
        ledger.today().await.unwrap();
        let standing = ledger.standing();
        assert_eq!((standing.spent, standing.reserved, standing.open), (usd(0.0), usd(0.0), 0));
        ledger.settle(second, usd(1.0), usd(1.0));
        assert_eq!(ledger.standing().spent, usd(0.0), "it counts for yesterday");
        assert!(ledger.reserve(usd(2.0), Some(usd(2.0))).is_some());
        // The clock is set back: yesterday's sums are the journal's.
        NOW.store(ends - 1, Ordering::SeqCst);
        ledger.today().await.unwrap();
        assert_eq!(ledger.standing().open, 0);
    }

    #[tokio::test]
    async fn runs_of_one_journal_share_a_ledger() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal.sqlite");
        let journal = Journal::open(&path).unwrap();
        let (one, other) = (DayLedger::of(&journal), DayLedger::of(&journal.clone()));
        assert!(Arc::ptr_eq(&one, &other));
        let memory = Journal::open_in_memory().unwrap();
        assert!(!Arc::ptr_eq(&one, &DayLedger::of(&memory)));
    }
}
