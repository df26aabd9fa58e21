//! The books: what came, what it would be billed, what is in flight, what was asked in vain.
//!
//! The rule of the bill: an answer that was begun is billed in full, whether or not it arrived.
//! Refusals (4xx, 5xx, an error event after 200) and connections cut before the first byte are not.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

/// Tokens that a request is billed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Bill {
    /// Tokens read, those in the cache included.
    pub prompt: u64,
    /// Of them, read from the cache.
    pub cached: u64,
    /// Of them, written to the cache.
    pub cache_write: u64,
    /// Tokens written, reasoning included.
    pub completion: u64,
    /// Of them, reasoning.
    pub reasoning: u64,
}

impl std::ops::AddAssign for Bill {
    fn add_assign(&mut self, other: Self) {
        self.prompt += other.prompt;
        self.cached += other.cached;
        self.cache_write += other.cache_write;
        self.completion += other.completion;
        self.reasoning += other.reasoning;
    }
}

impl Bill {
    /// The bill as the program's own summaries write it.
    pub fn json(self) -> Value {
        json!({
            "prompt_tokens": self.prompt, "cached_tokens": self.cached,
            "cache_write_tokens": self.cache_write, "completion_tokens": self.completion,
            "reasoning_tokens": self.reasoning,
        })
    }
}

/// What became of a request, as the provider sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It is still being answered.
    Open,
    /// The whole answer went out.
    Paid,
    /// An answer was begun and did not go out whole: billed, though nobody has it.
    Lost,
    /// It was refused: not billed.
    Free,
}

/// How far a request has come; what a test waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Moment {
    /// It was read to its end.
    Received,
    /// Half of its answer is on the wire.
    HalfSent,
    /// All that it gets is on the wire.
    Sent,
}

/// One request.
#[derive(Debug, Clone)]
pub struct Entry {
    /// Names the question: model, messages, seed.
    pub key: String,
    /// How often the question has been asked, this time included.
    pub attempt: u32,
    /// The fault that it met; empty where it met none.
    pub fault: &'static str,
    /// What became of it.
    pub outcome: Outcome,
    /// What it is billed if it is billed.
    pub bill: Bill,
}

/// What one question came to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Account {
    /// Requests.
    pub requests: u64,
    /// Answers that went out whole.
    pub paid: u64,
    /// Answers begun that did not.
    pub lost: u64,
    /// What one answer is billed.
    pub bill: Bill,
}

/// All requests since the books were emptied.
#[derive(Debug, Default)]
pub struct Ledger {
    entries: Vec<Entry>,
    attempts: BTreeMap<String, u32>,
    /// Questions whose answers were seen in later questions.
    used: BTreeSet<String>,
    in_vain: Vec<String>,
    in_flight: u64,
    most_in_flight: u64,
    moments: BTreeMap<Moment, u64>,
}

impl Ledger {
    /// Notes a request; gives its number and which attempt it is.
    pub fn open(&mut self, key: &str, uses: &[String], bill: Bill) -> (usize, u32) {
        self.used.extend(uses.iter().cloned());
        if self.used.contains(key) {
            self.in_vain.push(key.to_owned());
        }
        let attempt = self.attempts.entry(key.to_owned()).or_default();
        *attempt += 1;
        self.entries.push(Entry {
            key: key.to_owned(),
            attempt: *attempt,
            fault: "",
            outcome: Outcome::Open,
            bill,
        });
        self.in_flight += 1;
        self.most_in_flight = self.most_in_flight.max(self.in_flight);
        let attempt = *attempt;
        self.reach(Moment::Received);
        (self.entries.len() - 1, attempt)
    }

    /// Names the fault that a request meets.
    pub fn fault(&mut self, entry: usize, name: &'static str) {
        if let Some(entry) = self.entries.get_mut(entry) {
            entry.fault = name;
        }
    }

    /// Notes what became of a request. The books may have been emptied meanwhile.
    pub fn close(&mut self, entry: usize, outcome: Outcome) {
        if let Some(entry) = self.entries.get_mut(entry)
            && entry.outcome == Outcome::Open
        {
            entry.outcome = outcome;
            self.in_flight -= 1;
            self.reach(Moment::Sent);
        }
    }

    /// Counts a moment.
    pub fn reach(&mut self, moment: Moment) {
        *self.moments.entry(moment).or_default() += 1;
    }

    /// How many requests have come to a moment.
    pub fn reached(&self, moment: Moment) -> u64 {
        self.moments.get(&moment).copied().unwrap_or(0)
    }

    /// All requests, in the order they came.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Requests that are being answered now.
    pub fn in_flight(&self) -> u64 {
        self.in_flight
    }

    /// The most that were in flight at once.
    pub fn most_in_flight(&self) -> u64 {
        self.most_in_flight
    }

    /// Questions that were asked once more after their answer had been used: what was paid for
    /// was lost. Must be empty, always.
    pub fn in_vain(&self) -> &[String] {
        &self.in_vain
    }

    /// Requests that met a fault, by its name.
    pub fn faults(&self) -> BTreeMap<&'static str, u64> {
        let mut faults = BTreeMap::new();
        for entry in self.entries.iter().filter(|entry| !entry.fault.is_empty()) {
            *faults.entry(entry.fault).or_default() += 1;
        }
        faults
    }

    /// What all requests of an outcome are billed, and how many there are.
    pub fn total(&self, outcome: Outcome) -> (u64, Bill) {
        let mut sum = (0, Bill::default());
        for entry in self.entries.iter().filter(|entry| entry.outcome == outcome) {
            sum.0 += 1;
            sum.1 += entry.bill;
        }
        sum
    }

    /// What each question came to.
    pub fn accounts(&self) -> BTreeMap<String, Account> {
        let mut accounts: BTreeMap<String, Account> = BTreeMap::new();
        for entry in &self.entries {
            let account = accounts.entry(entry.key.clone()).or_default();
            account.requests += 1;
            account.paid += u64::from(entry.outcome == Outcome::Paid);
            account.lost += u64::from(entry.outcome == Outcome::Lost);
            account.bill = entry.bill;
        }
        accounts
    }

    /// The books as JSON.
    pub fn json(&self) -> Value {
        let sum = |outcome| {
            let (count, bill) = self.total(outcome);
            json!({"requests": count, "bill": bill.json()})
        };
        let keys: serde_json::Map<String, Value> = self
            .accounts()
            .into_iter()
            .map(|(key, account)| {
                let value = json!({
                    "requests": account.requests, "paid": account.paid, "lost": account.lost,
                    "bill": account.bill.json(),
                });
                (key, value)
            })
            .collect();
        json!({
            "requests": self.entries.len(), "in_flight": self.in_flight,
            "most_in_flight": self.most_in_flight, "in_vain": self.in_vain,
            "paid": sum(Outcome::Paid), "lost": sum(Outcome::Lost), "free": sum(Outcome::Free),
            "faults": self.faults(), "keys": keys,
        })
    }
}
