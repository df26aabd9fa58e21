#![allow(unreachable_pub, reason = "a module of several test binaries")]
#![allow(dead_code, reason = "each test uses its part")]
//! A model provider that misbehaves on purpose, and keeps the books that tests go by.
//!
//! It speaks both dialects, streamed and whole, over raw sockets, so that it can break off
//! anywhere. What it answers depends on what it is asked alone; how it misbehaves, on that, the
//! attempt and its seed: a run with faults and one without must agree wherever both have an answer.
//!
//! Each answer ends in a mark that names its question. When a later question holds that mark, the
//! answer has been used: asking the first question once more is then a loss of what was paid for,
//! and the [`ledger`] says so without asking the program under test.
//!
//! | file | holds |
//! |---|---|
//! | `cache` | what is kept of questions, where the provider keeps any |
//! | `ledger` | every request, what it would be billed, what is in flight, what was asked in vain |
//! | `answers` | the words, their tokens, both dialects' shapes |
//! | `mix` | which fault a request meets |
//! | `serve` | reading requests, and answering or failing to |

pub mod answers;
pub mod cache;
pub mod ledger;
pub mod mix;
mod serve;

use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use cache::Cache;
use ledger::{Ledger, Moment};
use mix::Mix;

/// What the provider does with every request, before any fault is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Policy {
    /// It answers.
    #[default]
    Answer,
    /// 401, with the key in the body as it came.
    Unauthorized,
    /// 429 without a time to come back: the account's limit of spending is reached.
    SpendCap,
    /// 400 to everything.
    BadRequest,
}

/// So many requests at once, and so many a second after that.
#[derive(Debug, Clone, Copy)]
pub struct Bucket {
    /// Requests that pass at once.
    pub burst: f64,
    /// Requests a second.
    pub per_second: f64,
}

/// How the provider behaves; may be changed while it serves.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Seeds every draw of a fault.
    pub seed: u64,
    /// Which faults there are.
    pub mix: Mix,
    /// What every request meets.
    pub policy: Policy,
    /// Only so many requests are answered before the policy holds.
    pub policy_after: u64,
    /// A question that holds these words is answered with 500, always alike.
    pub broken: Option<String>,
    /// How long an answer takes at least and at most; which, depends on the question.
    pub delay: (Duration, Duration),
    /// Whether answers and refusals repeat the key, as a proxy that is being debugged would.
    pub echo: bool,
    /// The limit of requests.
    pub bucket: Option<Bucket>,
    /// Whether log-probabilities are given where they are asked for.
    pub has_logprobs: bool,
    /// Whether it keeps what questions begin with; else what the bill says of a cache is made up.
    pub has_cache: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            seed: 1,
            mix: Mix::default(),
            policy: Policy::Answer,
            policy_after: 0,
            broken: None,
            echo: false,
            delay: (Duration::ZERO, Duration::ZERO),
            bucket: None,
            has_logprobs: true,
            has_cache: false,
        }
    }
}

/// The provider; it serves until it is dropped.
pub struct Faultd {
    port: u16,
    shared: Arc<Shared>,
}

struct Shared {
    settings: Mutex<Settings>,
    ledger: Mutex<Ledger>,
    moved: Condvar,
    tokens: Mutex<(f64, Instant)>,
    cache: Mutex<Cache>,
    is_over: AtomicBool,
}

impl Faultd {
    /// Serves on a free port of this machine.
    pub fn start(settings: Settings) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let burst = settings.bucket.map_or(0.0, |bucket| bucket.burst);
        let shared = Arc::new(Shared {
            settings: Mutex::new(settings),
            ledger: Mutex::default(),
            moved: Condvar::new(),
            tokens: Mutex::new((burst, Instant::now())),
            cache: Mutex::default(),
            is_over: AtomicBool::new(false),
        });
        let mine = Arc::clone(&shared);
        let accept = move || {
            for stream in listener.incoming() {
                if mine.is_over.load(Ordering::Relaxed) {
                    return;
                }
                let (Ok(stream), shared) = (stream, Arc::clone(&mine)) else { continue };
                let one = move || serve::connection(stream, &shared);
                std::thread::Builder::new().name("faultd".to_owned()).spawn(one).unwrap();
            }
        };
        std::thread::Builder::new().name("faultd-accept".to_owned()).spawn(accept).unwrap();
        Self { port, shared }
    }

    /// The model as `--model` and `models add` take it, in OpenAI's dialect.
    pub fn openai(&self) -> String {
        format!("openai:{}@http://127.0.0.1:{}/v1", answers::MODEL, self.port)
    }

    /// The same in Anthropic's dialect.
    pub fn anthropic(&self) -> String {
        format!("anthropic:{}@http://127.0.0.1:{}", answers::MODEL, self.port)
    }

    /// Changes how it behaves from the next request on.
    pub fn change(&self, change: impl FnOnce(&mut Settings)) {
        change(&mut self.shared.settings());
    }

    /// Empties the books: another run begins.
    pub fn forget(&self) {
        *self.shared.ledger() = Ledger::default();
    }

    /// Looks at the books.
    pub fn look<T>(&self, look: impl FnOnce(&Ledger) -> T) -> T {
        look(&self.shared.ledger())
    }

    /// The books as everybody can read them, from `GET /ledger`.
    pub fn ledger(&self) -> serde_json::Value {
        use std::io::{Read as _, Write as _};
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        stream.write_all(b"GET /ledger HTTP/1.1\r\nconnection: close\r\n\r\n").unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).unwrap();
        let (_, body) = text.split_once("\r\n\r\n").unwrap();
        serde_json::from_str(body).unwrap()
    }

    /// Waits until requests have come to a moment `count` times in all; false after `patience`.
    pub fn wait_for(&self, moment: Moment, count: u64, patience: Duration) -> bool {
        let ledger = self.shared.ledger();
        let few = |ledger: &mut Ledger| ledger.reached(moment) < count;
        let (_ledger, waited) = self
            .shared
            .moved
            .wait_timeout_while(ledger, patience, few)
            .unwrap_or_else(PoisonError::into_inner);
        !waited.timed_out()
    }

    /// Waits until nothing is in flight; false after `patience`.
    pub fn wait_until_quiet(&self, patience: Duration) -> bool {
        let busy = |ledger: &mut Ledger| ledger.in_flight() > 0;
        let (_ledger, waited) = self
            .shared
            .moved
            .wait_timeout_while(self.shared.ledger(), patience, busy)
            .unwrap_or_else(PoisonError::into_inner);
        !waited.timed_out()
    }
}

impl Drop for Faultd {
    fn drop(&mut self) {
        self.shared.is_over.store(true, Ordering::Relaxed);
        // Wakes the thread that accepts.
        TcpStream::connect(("127.0.0.1", self.port)).ok();
    }
}

impl Shared {
    fn settings(&self) -> MutexGuard<'_, Settings> {
        self.settings.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn ledger(&self) -> MutexGuard<'_, Ledger> {
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn cache(&self) -> MutexGuard<'_, Cache> {
        self.cache.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes into the books and wakes who waits for it.
    fn note<T>(&self, note: impl FnOnce(&mut Ledger) -> T) -> T {
        let noted = note(&mut self.ledger());
        self.moved.notify_all();
        noted
    }

    /// Takes one request out of the bucket; else how long until there is one.
    fn take(&self, bucket: Bucket) -> Option<Duration> {
        let mut tokens = self.tokens.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        let grown = now.duration_since(tokens.1).as_secs_f64() * bucket.per_second;
        *tokens = ((tokens.0 + grown).min(bucket.burst), now);
        if tokens.0 < 1.0 {
            return Some(Duration::from_secs_f64((1.0 - tokens.0) / bucket.per_second));
        }
        tokens.0 -= 1.0;
        None
    }
}
