//! Which fault a request meets: drawn by the seed, the question and the attempt, by nothing else.

use std::time::Duration;

/// How a 429 says when to come back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Told {
    /// `retry-after` in seconds.
    Seconds,
    /// `retry-after-ms`.
    Milliseconds,
    /// `retry-after` as a date.
    Date,
    /// Not at all.
    Absent,
}

/// What goes wrong with one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// 429.
    TooMany(Told),
    /// 500.
    Broken,
    /// 529.
    Overloaded,
    /// Nothing comes.
    Hang,
    /// The stream ends in the middle; where none was asked for, the body does.
    Truncated,
    /// 200 with something that is not JSON.
    Garbage,
    /// One byte at a time.
    Trickle,
    /// The connection is reset before the first byte.
    ResetBefore,
    /// The connection is reset after the first half.
    ResetAfter,
    /// 200 with a web page, as a proxy's.
    Html,
    /// 200, then an error as a streamed event.
    ErrorEvent,
}

impl Fault {
    /// Its name in the books.
    pub fn name(self) -> &'static str {
        match self {
            Self::TooMany(Told::Seconds) => "429 in seconds",
            Self::TooMany(Told::Milliseconds) => "429 in milliseconds",
            Self::TooMany(Told::Date) => "429 with a date",
            Self::TooMany(Told::Absent) => "429 without a time",
            Self::Broken => "500",
            Self::Overloaded => "529",
            Self::Hang => "hang",
            Self::Truncated => "truncated",
            Self::Garbage => "garbage",
            Self::Trickle => "trickle",
            Self::ResetBefore => "reset before the first byte",
            Self::ResetAfter => "reset after the first byte",
            Self::Html => "web page",
            Self::ErrorEvent => "error event",
        }
    }
}

/// The share of requests, 0..=1, that meets each fault.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Mix {
    /// 429, a quarter each: in seconds, in milliseconds, with a date, without a time.
    pub too_many: f64,
    /// 500.
    pub broken: f64,
    /// 529.
    pub overloaded: f64,
    /// No answer at all.
    pub hang: f64,
    /// Broken off in the middle.
    pub truncated: f64,
    /// No JSON.
    pub garbage: f64,
    /// One byte at a time.
    pub trickle: f64,
    /// Reset, half of them before the first byte and half after it.
    pub reset: f64,
    /// A web page.
    pub html: f64,
    /// An error event after 200.
    pub error_event: f64,
    /// The wait that a 429 tells; a date has whole seconds only.
    pub told: Duration,
    /// Between two bytes of a trickle.
    pub per_byte: Duration,
}

impl Default for Mix {
    fn default() -> Self {
        Self {
            too_many: 0.0,
            broken: 0.0,
            overloaded: 0.0,
            hang: 0.0,
            truncated: 0.0,
            garbage: 0.0,
            trickle: 0.0,
            reset: 0.0,
            html: 0.0,
            error_event: 0.0,
            told: Duration::from_millis(10),
            per_byte: Duration::from_secs(1),
        }
    }
}

impl Mix {
    /// The mix of promise R8: of a bad day, somewhat exaggerated.
    pub fn bad_day() -> Self {
        Self {
            too_many: 0.20,
            broken: 0.05,
            overloaded: 0.05,
            hang: 0.03,
            truncated: 0.03,
            garbage: 0.02,
            trickle: 0.02,
            reset: 0.02,
            html: 0.01,
            error_event: 0.01,
            ..Self::default()
        }
    }

    /// The fault of one attempt at a question; `None`: it is answered.
    pub fn draw(&self, seed: u64, key: &str, attempt: u32) -> Option<Fault> {
        let bits = draw_bits(seed, key, attempt);
        let at = (bits >> 11) as f64 / (1_u64 << 53) as f64;
        // The low bits choose the variety; the high ones have chosen the fault.
        let told = match bits % 4 {
            0 => Told::Seconds,
            1 => Told::Milliseconds,
            2 => Told::Date,
            _ => Told::Absent,
        };
        let reset = if bits.is_multiple_of(2) { Fault::ResetBefore } else { Fault::ResetAfter };
        let mut upto = 0.0;
        for (share, fault) in [
            (self.too_many, Fault::TooMany(told)),
            (self.broken, Fault::Broken),
            (self.overloaded, Fault::Overloaded),
            (self.hang, Fault::Hang),
            (self.truncated, Fault::Truncated),
            (self.garbage, Fault::Garbage),
            (self.trickle, Fault::Trickle),
            (self.reset, reset),
            (self.html, Fault::Html),
            (self.error_event, Fault::ErrorEvent),
        ] {
            upto += share;
            if at < upto {
                return Some(fault);
            }
        }
        None
    }
}

/// 64 bits that depend on the seed, the question and the attempt.
fn draw_bits(seed: u64, key: &str, attempt: u32) -> u64 {
    let mut hasher = blake3::Hasher::new();
    hasher.update(&seed.to_le_bytes());
    hasher.update(&attempt.to_le_bytes());
    hasher.update(key.as_bytes());
    let mut bits = [0; 8];
    hasher.finalize_xof().fill(&mut bits);
    u64::from_le_bytes(bits)
}
